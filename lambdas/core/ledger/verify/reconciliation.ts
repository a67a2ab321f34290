// Days: whether each with calls was compared with what others recorded of it, and what came of it. What the log itself can
// show is counted again here: how many requests its entries name. Pure.

import { toDay } from '../../time.ts';
import type { Fields } from './fields.ts';
import type { ReadEntry } from './read-line.ts';
import type { Findings, Place } from './report.ts';

export interface ReadReconciled {
  readonly day: string;
  /** `null` when API Gateway's log could not be read. */
  readonly requests: {
    readonly entries: number;
    readonly missing: number;
    readonly failed: number;
    readonly invented: number;
    readonly repeated: number;
  } | null;
  /** `null` when CloudTrail could not be asked. */
  readonly unexplained: number | null;
}

const DAY = /^\d{4}-\d\d-\d\d$/;

export const readReconciled = (fields: Fields): ReadReconciled => ({
  day: fields.text('day', DAY),
  requests: fields.nullable('requests', (name) => {
    const requests = fields.object(name);
    const counted = (of: string): number => requests.object(of).count('count');
    return {
      entries: requests.count('entries'),
      missing: counted('missing'),
      failed: counted('failed'),
      invented: counted('invented'),
      repeated: counted('repeated'),
    };
  }),
  unexplained: fields.nullable('signatures', (name) => fields.object(name).object('unexplained').count('count')),
});

const DAY_MS = 24 * 3600 * 1000;
/** A day is reconciled hours after its end, and tried again for a week; this long without is a gap. */
const DUE_DAYS = 3;

export class ReconciliationCheck {
  readonly #findings: Findings;
  /** Entries that name a request, by UTC day. */
  readonly #naming = new Map<string, number>();
  readonly #reconciled = new Set<string>();
  #latest = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  entry(entry: ReadEntry, place: Place): void {
    this.#latest = Math.max(this.#latest, entry.at);
    if (entry.type === 'reconciled') this.#compare(entry, place);
    else if (entry.type === 'call.intent' || (entry.type === 'other' && entry.name.endsWith('.denied'))) {
      const day = toDay(entry.at);
      this.#naming.set(day, (this.#naming.get(day) ?? 0) + 1);
    }
  }

  #compare({ day, requests, unexplained }: ReadReconciled, place: Place): void {
    const add = (reason: Parameters<Findings['add']>[0], detail: string) => this.#findings.add(reason, detail, place);
    if (this.#reconciled.has(day)) add('reconciled_twice', day);
    this.#reconciled.add(day);
    if (unexplained === null) add('signatures_not_checked', day);
    else if (unexplained > 0) add('signature_unexplained', `${day}: ${unexplained}`);
    if (requests === null) {
      add('requests_not_checked', day);
      return;
    }
    if (requests.missing > 0) add('request_without_entry', `${day}: ${requests.missing}`);
    if (requests.invented > 0) add('entry_without_request', `${day}: ${requests.invented}`);
    if (requests.repeated > 0) add('request_named_twice', `${day}: ${requests.repeated}`);
    if (requests.failed > 0) add('request_failed', `${day}: ${requests.failed}`);
    const known = this.#naming.get(day) ?? 0;
    if (requests.entries > known) add('reconciled_counts', `${day}: ${requests.entries}, and the log holds ${known}`);
    if (requests.entries < known) add('reconciled_early', `${day}: ${requests.entries} of ${known}`);
  }

  /** After the last entry: days that should have been compared by then. */
  end(): void {
    const due = toDay(this.#latest - DUE_DAYS * DAY_MS);
    for (const day of [...this.#naming.keys()].sort()) {
      if (day < due && !this.#reconciled.has(day)) this.#findings.add('day_unreconciled', day);
    }
  }
}
