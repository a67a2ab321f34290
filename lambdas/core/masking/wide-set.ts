// A set of texts for hundreds of thousands of them: one large set is made anew whenever it doubles, which takes longer than
// a process may be held up; many small ones are, one at a time. Pure.

const SHARDS = 128;
/** Characters at either end that choose the shard. */
const TELLING = 8;

export class WideSet {
  #size = 0;
  /** Small sets are one. */
  #shards: Set<string>[] = [new Set()];

  get size(): number {
    return this.#size;
  }

  has(text: string): boolean {
    return this.#shardOf(text).has(text);
  }

  add(text: string): void {
    const shard = this.#shardOf(text);
    const before = shard.size;
    shard.add(text);
    this.#size += shard.size - before;
    if (this.#size === SHARDS && this.#shards.length === 1) this.#spread();
  }

  #spread(): void {
    const [all = new Set<string>()] = this.#shards;
    this.#shards = Array.from({ length: SHARDS }, () => new Set<string>());
    for (const text of all) this.#shardOf(text).add(text);
  }

  #shardOf(text: string): Set<string> {
    const shards = this.#shards;
    const shard = shards.length === 1 ? shards[0] : shards[hashOf(text) & (SHARDS - 1)];
    if (shard === undefined) throw new RangeError('no shard');
    return shard;
  }
}

const hashOf = (text: string): number => {
  let hash = text.length;
  const near = Math.min(TELLING, text.length);
  for (let at = 0; at < near; at += 1)
    hash = (Math.imul(hash, 31) + text.charCodeAt(at) * 17 + text.charCodeAt(text.length - 1 - at)) | 0;
  return hash ^ (hash >>> 15);
};
