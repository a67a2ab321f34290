// Time: entries against those before them. Pure.

import type { ReadEntry, ReadStamp } from './read-line.ts';
import type { Findings, Place } from './report.ts';

/** How far an entry may be older than one in an earlier segment: clocks differ, and writes are repeated. */
export const CLOCK_SLACK_MS = 5 * 60 * 1000;

/**
 * Entries are sealed in the order of their stamps, except for those that the sealer stamps itself when it meets
 * items that may have waited long: entries about keys and `tamper.suspected`.
 */
export class OrderCheck {
  readonly #findings: Findings;
  #latest = Number.NEGATIVE_INFINITY;
  #latestBefore = Number.NEGATIVE_INFINITY;
  #previous: ReadStamp | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  beginSegment(): void {
    this.#previous = undefined;
    this.#latestBefore = this.#latest;
  }

  entry(entry: ReadEntry, place: Place): void {
    if (entry.type.startsWith('key.') || entry.type === 'tamper.suspected') return;
    const previous = this.#previous;
    if (previous !== undefined && comesBefore(entry, previous)) {
      this.#findings.add('order_in_segment', `${entry.ts} after ${previous.ts}`, place);
    }
    if (entry.at < this.#latestBefore - CLOCK_SLACK_MS) {
      const minutes = Math.round((this.#latestBefore - entry.at) / 60_000);
      this.#findings.add('order_backwards', `${entry.ts} is ${minutes} minutes before the segments before it`, place);
    }
    this.#previous = entry;
    this.#latest = Math.max(this.#latest, entry.at);
  }
}

const comesBefore = (entry: ReadStamp, previous: ReadStamp): boolean =>
  entry.ts < previous.ts || (entry.ts === previous.ts && entry.id < previous.id);
