// Ids of all entries of a log in 32 bytes each: a hash table over the 128 bits of a UUID. A Map of strings would take
// several times as much, and this is the only thing that grows with the log.

const WORDS = 5;
const ID_WORDS = 4;
const FIRST_CAPACITY = 1 << 12;

/** Room for twice the entries keeps probing short. */
const MAX_LOAD = 0.6;

export class EntryIds {
  /** Per slot: the id in four words, then the index of the entry plus one; 0 is a free slot. */
  #slots = new Uint32Array(FIRST_CAPACITY * WORDS);
  #capacity = FIRST_CAPACITY;
  #count = 0;

  /** Files an id under an index; the index of the entry that has it already, if one does. */
  add(id: string, index: number): number | undefined {
    if (this.#count >= this.#capacity * MAX_LOAD) this.#grow();
    const words = wordsOf(id);
    const slot = this.#find(words);
    const taken = this.#slots[slot + ID_WORDS] ?? 0;
    if (taken !== 0) return taken - 1;
    this.#slots.set(words, slot);
    this.#slots[slot + ID_WORDS] = index + 1;
    this.#count += 1;
    return undefined;
  }

  /** The slot that holds these words, or the free one where they belong. */
  #find(words: Uint32Array): number {
    // UUIDv7 counts time in its first half; its last half is random unless somebody chose it, which costs time only.
    let at = ((words[2] ?? 0) ^ (words[3] ?? 0) ^ (words[1] ?? 0)) >>> 0;
    at = Math.imul(at ^ (at >>> 15), 0x2c1b3c6d) >>> 0;
    for (let slot = (at % this.#capacity) * WORDS; ; slot = (slot + WORDS) % this.#slots.length) {
      if (this.#slots[slot + ID_WORDS] === 0 || this.#holds(slot, words)) return slot;
    }
  }

  #holds(slot: number, words: Uint32Array): boolean {
    for (let word = 0; word < ID_WORDS; word += 1) if (this.#slots[slot + word] !== words[word]) return false;
    return true;
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity * WORDS);
    for (let slot = 0; slot < old.length; slot += WORDS) {
      if (old[slot + ID_WORDS] === 0) continue;
      const entry = old.subarray(slot, slot + WORDS);
      this.#slots.set(entry, this.#find(entry.subarray(0, ID_WORDS)));
    }
  }
}

const wordsOf = (id: string): Uint32Array => {
  const hex = id.replaceAll('-', '');
  const word = (at: number): number => Number.parseInt(hex.slice(at, at + 8), 16);
  return Uint32Array.of(word(0), word(8), word(16), word(24));
};
