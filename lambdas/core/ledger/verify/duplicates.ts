// Entries and ids that stand twice. This is all that grows with a log, so it is kept as numbers: 32 bytes for an entry,
// looked through once at the end. Sorting has no bad case that chosen ids could bring about. Pure.

import type { Hash } from '../merkle.ts';
import type { Findings, Place } from './report.ts';

const FIRST_CAPACITY = 4096;

/** Four bytes of the leaf hash tell a repeated entry from a repeated id; either is wrong. */
interface Row {
  readonly low: number;
  readonly high: number;
  readonly middle: number;
  readonly leaf: number;
}

export class DuplicateCheck {
  readonly #findings: Findings;
  readonly #placeOf: (index: number) => Place;
  /** The 128 bits of an id: its last 48, its first 48, and the 32 between. */
  #low = new Float64Array(FIRST_CAPACITY);
  #high = new Float64Array(FIRST_CAPACITY);
  #middle = new Uint32Array(FIRST_CAPACITY);
  #leaf = new Uint32Array(FIRST_CAPACITY);
  #index = new Float64Array(FIRST_CAPACITY);
  #count = 0;

  constructor(findings: Findings, placeOf: (index: number) => Place) {
    this.#findings = findings;
    this.#placeOf = placeOf;
  }

  /** Notes an entry by its id, a UUID in lower-case hex. */
  entry(id: string, leaf: Hash, index: number): void {
    const at = this.#count;
    if (at === this.#low.length) this.#grow();
    this.#low[at] = Number.parseInt(id.slice(24), 16);
    this.#high[at] = Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
    this.#middle[at] = Number.parseInt(id.slice(14, 18) + id.slice(19, 23), 16);
    this.#leaf[at] = ((leaf[0] ?? 0) << 24) | ((leaf[1] ?? 0) << 16) | ((leaf[2] ?? 0) << 8) | (leaf[3] ?? 0);
    this.#index[at] = index;
    this.#count += 1;
  }

  #grow(): void {
    const size = this.#count * 2;
    const grown = <Numbers extends Float64Array | Uint32Array>(to: Numbers, from: Numbers): Numbers => {
      to.set(from);
      return to;
    };
    this.#low = grown(new Float64Array(size), this.#low);
    this.#high = grown(new Float64Array(size), this.#high);
    this.#middle = grown(new Uint32Array(size), this.#middle);
    this.#leaf = grown(new Uint32Array(size), this.#leaf);
    this.#index = grown(new Float64Array(size), this.#index);
  }

  end(): void {
    const suspects = this.#repeatedLows();
    if (suspects.size === 0) return;
    const seen = new Map<string, { readonly index: number; readonly leaf: number }>();
    for (let at = 0; at < this.#count; at += 1) {
      const row = this.#row(at);
      if (!suspects.has(row.low)) continue;
      const index = this.#index[at] ?? 0;
      const name = `${row.high} ${row.middle} ${row.low}`;
      const first = seen.get(name);
      if (first === undefined) seen.set(name, { index, leaf: row.leaf });
      else {
        const reason = first.leaf === row.leaf ? 'entry_twice' : 'id_twice';
        this.#findings.add(reason, `stands at entry ${first.index} already`, this.#placeOf(index));
      }
    }
  }

  #row(at: number): Row {
    const value = (column: Float64Array | Uint32Array): number => column[at] ?? 0;
    return { low: value(this.#low), high: value(this.#high), middle: value(this.#middle), leaf: value(this.#leaf) };
  }

  /** Last parts of ids that occur more than once: repeated ids, and now and then a coincidence. */
  #repeatedLows(): ReadonlySet<number> {
    const sorted = this.#low.slice(0, this.#count).sort();
    const repeated = new Set<number>();
    for (let at = 1; at < sorted.length; at += 1) {
      const value = sorted[at] ?? 0;
      if (value === sorted[at - 1]) repeated.add(value);
    }
    return repeated;
  }
}
