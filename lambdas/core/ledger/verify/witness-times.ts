// Two clocks: the gateway's, in the entries, and the witnesses', in their cosignatures. An entry that a witness saw was
// written before; one that it did not see was hardly written long before. This bounds what back-dating could claim. Pure.

import { toTimestamp } from '../../time.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { Findings } from './report.ts';

interface Cosignature {
  readonly file: string;
  readonly size: number;
  /** Epoch seconds. */
  readonly seconds: number;
}

interface EntryTime {
  readonly at: number;
  readonly index: number;
}

export class WitnessTimes {
  readonly #findings: Findings;
  /** The last cosignature of each witness. */
  readonly #last = new Map<string, Cosignature>();
  /** The entry with the latest time so far. */
  #latest: EntryTime | undefined;
  #reported: EntryTime | undefined;
  /** The entry with the earliest time since the last cosignature, and when that was made. */
  #earliest: EntryTime | undefined;
  #seenAt: Cosignature | undefined;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  entry(at: number, index: number): void {
    if (this.#latest === undefined || at > this.#latest.at) this.#latest = { at, index };
    if (this.#earliest === undefined || at < this.#earliest.at) this.#earliest = { at, index };
  }

  /** A cosignature over all entries so far, by a witness of the policy. */
  cosignature(witness: string, cosignature: Cosignature): void {
    const { file, size, seconds } = cosignature;
    const saw = seconds * 1000;
    this.#notAfter(saw, file);
    const before = this.#last.get(witness);
    if (before !== undefined && saw < before.seconds * 1000 - CLOCK_SLACK_MS) {
      const detail = `${witness} saw ${size} entries at ${toTimestamp(saw)}, and ${before.size} of them later`;
      this.#findings.add('cosignature_order', detail, { file });
    }
    this.#last.set(witness, cosignature);
    if (this.#seenAt?.size !== size) this.#settle();
    // Of several witnesses the first to see a tree: the claim must hold by every clock.
    if (this.#seenAt?.size !== size || seconds < this.#seenAt.seconds) this.#seenAt = cosignature;
  }

  end(): void {
    if (this.#last.size === 0) this.#findings.add('cosignature_none', 'by any witness of a policy');
    this.#settle();
  }

  #notAfter(saw: number, file: string): void {
    const latest = this.#latest;
    if (latest === undefined || latest.at <= saw + CLOCK_SLACK_MS || latest === this.#reported) return;
    this.#reported = latest;
    const detail = `written at ${toTimestamp(latest.at)}, seen at ${toTimestamp(saw)}`;
    this.#findings.add('entry_postdated', detail, { file, index: latest.index });
  }

  /** The entries between two cosigned sizes are in. */
  #settle(): void {
    const [earliest, seen] = [this.#earliest, this.#seenAt];
    if (earliest !== undefined && seen !== undefined && earliest.at < seen.seconds * 1000 - CLOCK_SLACK_MS) {
      const detail = `dated ${toTimestamp(earliest.at)}; at ${toTimestamp(seen.seconds * 1000)} a witness saw ${seen.size} entries and not this one`;
      this.#findings.add('entry_sealed_late', detail, { file: seen.file, index: earliest.index });
    }
    this.#earliest = undefined;
  }
}
