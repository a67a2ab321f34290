// Silence: a sealer with nothing to seal leaves a heartbeat every quarter of an hour, so a log that says nothing for longer
// had none. What happened meanwhile may be sealed later, or not at all; the log cannot say, and that is listed. Pure.

import type { ReadEntry } from './read-line.ts';
import type { Findings, Place } from './report.ts';

/** Two heartbeats, and the minute between two runs of the sealer. */
const LONGEST_SILENCE_MS = 31 * 60 * 1000;

export class SilenceCheck {
  readonly #findings: Findings;
  #latest: ReadEntry | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  entry(entry: ReadEntry, place: Place): void {
    const latest = this.#latest;
    if (latest !== undefined && entry.at - latest.at > LONGEST_SILENCE_MS) {
      const minutes = Math.round((entry.at - latest.at) / 60_000);
      this.#findings.add('silence_unexplained', `${minutes} minutes from ${latest.ts} to ${entry.ts}`, place);
    }
    if (latest === undefined || entry.at > latest.at) this.#latest = entry;
  }
}
