// What the entries of one session add up to, in the memory of a few counters and the right edge of a tree: all that a
// manifest says, for the sealer that writes it and the verifier that checks it. Pure.

import { wasLetThrough } from './held-outcome.ts';
import { type Hash, RightEdge } from './merkle.ts';
import type { ReadEntry } from './verify/read-line.ts';

/** An entry that belongs to a session. */
export type SessionEntry = Extract<ReadEntry, { readonly sid: string }>;

export interface SessionTotals {
  readonly principal: { readonly iss: string; readonly sub: string; readonly client: string };
  readonly server: string;
  readonly openedAt: string;
  readonly closedAt: string;
  readonly why: string;
  /** Index in the log of the session's first and last entry. */
  readonly first: number;
  readonly last: number;
  readonly count: number;
  /** RFC 6962 root over the leaf hashes of the session's entries, in the order of the log. */
  readonly root: Hash;
  readonly intents: number;
  /** Outcomes by their status. */
  readonly outcomes: ReadonlyMap<string, number>;
  readonly unknown: number;
  readonly gaps: number;
  /** Calls that policy held and an approval let through. */
  readonly approvals: number;
  /** Values that masking removed, or an exception showed. */
  readonly masked: number;
}

export class SessionSummary {
  readonly #edge = new RightEdge();
  readonly #outcomes = new Map<string, number>();
  #opened: Extract<SessionEntry, { type: 'session.open' }> | undefined;
  #closed: Extract<SessionEntry, { type: 'session.close' }> | undefined;
  #first = 0;
  #last = 0;
  #intents = 0;
  #unknown = 0;
  #gaps = 0;
  #approvals = 0;
  /** Sequence numbers of held calls without outcome so far. */
  readonly #held = new Set<number>();
  #masked = 0;
  /** Epoch milliseconds of the latest entry. */
  lastAt = 0;

  add(entry: SessionEntry, leaf: Hash, index: number): void {
    if (this.#edge.size === 0) this.#first = index;
    this.#last = index;
    this.lastAt = Math.max(this.lastAt, entry.at);
    this.#edge.append(leaf);
    this.#count(entry);
  }

  #count(entry: SessionEntry): void {
    switch (entry.type) {
      case 'session.open':
        this.#opened ??= entry;
        break;
      case 'session.close':
        this.#closed ??= entry;
        break;
      case 'call.intent':
        this.#intents += 1;
        if (entry.hold !== null) this.#held.add(entry.seq);
        break;
      case 'call.outcome':
        if (this.#held.delete(entry.seq) && wasLetThrough(entry)) this.#approvals += 1;
        this.#outcomes.set(entry.status, (this.#outcomes.get(entry.status) ?? 0) + 1);
        this.#masked += entry.mask?.n ?? 0;
        break;
      case 'call.unknown':
        this.#unknown += 1;
        break;
      case 'gap':
        this.#gaps += 1;
        break;
      case 'stream.segment':
        this.#masked += entry.mask?.n ?? 0;
        break;
    }
  }

  /** `undefined` for a session that was not opened or has not ended. */
  totals(): SessionTotals | undefined {
    const [opened, closed] = [this.#opened, this.#closed];
    if (opened === undefined || closed === undefined) return undefined;
    const [iss = '', sub = '', client = ''] = JSON.parse(opened.actor) as readonly string[];
    return {
      principal: { iss, sub, client },
      server: opened.server,
      openedAt: opened.ts,
      closedAt: closed.ts,
      why: closed.why,
      ...{ first: this.#first, last: this.#last, count: this.#edge.size, root: this.#edge.root() },
      ...{ intents: this.#intents, outcomes: this.#outcomes, unknown: this.#unknown, gaps: this.#gaps },
      ...{ approvals: this.#approvals, masked: this.#masked },
    };
  }
}
