// Ids of a day with a few flags each, 9 bytes an id whatever its length: ten million fit into 150 MB. An id is known by 64
// bits of its SHA-256, so that whoever chooses ids cannot choose collisions; by chance two of ten million meet once in
// 370,000 such days. Pure.

import { hash } from 'node:crypto';

const FIRST_CAPACITY = 1 << 12;
const MAX_LOAD = 0.7;
/** Set in every slot that is taken. */
const TAKEN = 0x80;

export class IdSet {
  #high = new Uint32Array(FIRST_CAPACITY);
  #low = new Uint32Array(FIRST_CAPACITY);
  #flags = new Uint8Array(FIRST_CAPACITY);
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Flags of an id; `undefined` when it is not in the set. */
  get(id: string): number | undefined {
    const [high, low] = digestOf(id);
    const flags = this.#flags[this.#slot(high, low)] ?? 0;
    return flags === 0 ? undefined : flags & ~TAKEN;
  }

  /** Adds flags (below 128) to an id; the id is added with them. Gives back what it had; `undefined` when it was new. */
  mark(id: string, flags: number): number | undefined {
    const [high, low] = digestOf(id);
    const before = this.#put(high, low, flags | TAKEN);
    if (this.#size > this.#flags.length * MAX_LOAD) this.#grow();
    return before === 0 ? undefined : before & ~TAKEN;
  }

  /** How many ids have all of `set` and none of `unset`. */
  count(set: number, unset: number): number {
    let count = 0;
    for (const flags of this.#flags) if (flags !== 0 && (flags & set) === set && (flags & unset) === 0) count += 1;
    return count;
  }

  #put(high: number, low: number, flags: number): number {
    const at = this.#slot(high, low);
    const before = this.#flags[at] ?? 0;
    if (before === 0) this.#size += 1;
    this.#high[at] = high;
    this.#low[at] = low;
    this.#flags[at] = before | flags;
    return before;
  }

  /** Where an id is, or would be: the next free slot from its place. */
  #slot(high: number, low: number): number {
    const mask = this.#flags.length - 1;
    let at = low & mask;
    while (this.#flags[at] !== 0 && (this.#high[at] !== high || this.#low[at] !== low)) at = (at + 1) & mask;
    return at;
  }

  #grow(): void {
    const [high, low, flags] = [this.#high, this.#low, this.#flags];
    this.#high = new Uint32Array(flags.length * 2);
    this.#low = new Uint32Array(flags.length * 2);
    this.#flags = new Uint8Array(flags.length * 2);
    this.#size = 0;
    for (const [at, flag] of flags.entries()) if (flag !== 0) this.#put(high[at] ?? 0, low[at] ?? 0, flag);
  }
}

const digestOf = (id: string): readonly [number, number] => {
  const digest = hash('sha256', id, 'hex');
  return [Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(8, 16), 16)];
};
