// API Gateway's own log of a day against the entries of that day. Entries first, then requests, each once and in any
// order; memory is bounded by the number of entries (id-set.ts), names are kept of the first few only. Pure.

import { type DayWindow, isIn } from './day-window.ts';
import { IdSet } from './id-set.ts';
import { type LoggedRequest, readAccessLine } from './read-access-line.ts';

/** A number of requests, and the first of their ids. */
export interface Named {
  readonly count: number;
  readonly ids: readonly string[];
}

export interface RequestCounts {
  /** Requests of the day that API Gateway logged. */
  readonly logged: number;
  /** Of these, answered by API Gateway alone or by an open route, and rightly without an entry. */
  readonly alone: number;
  /** Entries of the day that name a request. */
  readonly entries: number;
  /** Reached the authorizer or a function, were not answered with an error of ours, and no entry names them. */
  readonly missing: Named;
  /** The same, answered with an error of ours (5xx): the gateway says that it could not record, and refused. */
  readonly failed: Named;
  /** Named by an entry, and API Gateway never logged them. */
  readonly invented: Named;
  /** Named by more than one entry. */
  readonly repeated: Named;
  /** Lines of the log that API Gateway did not write. */
  readonly unreadable: number;
}

/** Names kept in an entry; all are counted. */
const MAX_IDS = 50;
/** Ids as API Gateway makes them (UUIDs). Anything else came from another hand, and is not repeated. */
const REQUEST_ID = /^[0-9A-Za-z-]{1,64}$/;

const OF_THE_DAY = 1;
const LOGGED = 2;
const COUNTED = 4;

class NamedIds {
  /** API Gateway's log is delivered at least once. */
  readonly #seen = new IdSet();
  readonly #ids: string[] = [];

  add(id: string): void {
    if (this.#seen.get(id) !== undefined) return;
    this.#seen.mark(id, 1);
    if (this.#ids.length < MAX_IDS) this.#ids.push(REQUEST_ID.test(id) ? id : `‹string ${id.length}›`);
  }

  named(): Named {
    return { count: this.#seen.size, ids: this.#ids };
  }
}

export class RequestComparison {
  readonly #window: DayWindow;
  readonly #entries = new IdSet();
  readonly #repeated = new NamedIds();
  readonly #missing = new NamedIds();
  readonly #failed = new NamedIds();
  readonly #invented = new NamedIds();
  readonly #alone = new NamedIds();
  #ofTheDay = 0;
  #unreadable = 0;

  constructor(window: DayWindow) {
    this.#window = window;
  }

  /** An entry that names a request. */
  entry(requestId: string, at: number): void {
    if (!isIn(this.#window.entries, at)) return;
    const ofTheDay = isIn(this.#window.core, at);
    if (ofTheDay) this.#ofTheDay += 1;
    const known = this.#entries.mark(requestId, ofTheDay ? OF_THE_DAY : 0);
    if (known !== undefined && (ofTheDay || (known & OF_THE_DAY) !== 0)) this.#repeated.add(requestId);
  }

  /** A line of the access log; all entries must be in. */
  line(text: string): void {
    const request = readAccessLine(text);
    if (request === undefined) this.#unreadable += 1;
    else if (isIn(this.#window.requests, request.at)) this.#request(request);
  }

  #request({ id, at, kind }: LoggedRequest): void {
    const known = this.#entries.get(id);
    const ofTheDay = isIn(this.#window.core, at);
    if (known !== undefined) this.#entries.mark(id, ofTheDay ? LOGGED | COUNTED : LOGGED);
    else if (!ofTheDay) return;
    else if (kind === 'alone') this.#alone.add(id);
    else (kind === 'failed' ? this.#failed : this.#missing).add(id);
  }

  /** Whether entries name requests that were never logged; their ids are then found by reading the entries again. */
  get hasInvented(): boolean {
    return this.#entries.count(OF_THE_DAY, LOGGED) > 0;
  }

  /** An entry once more, after all lines. */
  nameInvented(requestId: string): void {
    const flags = this.#entries.get(requestId) ?? 0;
    if ((flags & OF_THE_DAY) !== 0 && (flags & LOGGED) === 0) this.#invented.add(requestId);
  }

  result(): RequestCounts {
    const [missing, failed, alone] = [this.#missing.named(), this.#failed.named(), this.#alone.named().count];
    return {
      logged: this.#entries.count(COUNTED, 0) + missing.count + failed.count + alone,
      alone,
      entries: this.#ofTheDay,
      missing,
      failed,
      invented: this.#invented.named(),
      repeated: this.#repeated.named(),
      unreadable: this.#unreadable,
    };
  }
}
