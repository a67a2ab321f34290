// Where the words stood that say what follows them. Pure.

import { CATEGORIES, REFERENCE } from './words.ts';

/** How far a word reaches: about a line. */
const WINDOW = 64;
/** How far apart the words of a phrase may stand ("driver's license"). */
const PHRASE = 14;
const LONG_AGO = -1_000_000;

export class ContextMemory {
  /** Up to where some word reaches; beyond, numbers stand alone. */
  activeUntil = 0;
  readonly #last = new Int32Array(CATEGORIES);
  #remembers = true;
  #end = 0;
  #hasKey = false;

  /** Begins a passage; one whose key names it is in a context to its end. */
  begin(start: number, end: number, hasKey: boolean): void {
    this.#end = end;
    this.#hasKey = hasKey;
    this.forget(start);
  }

  forget(at: number): void {
    this.activeUntil = this.#hasKey ? this.#end : at;
    if (!this.#remembers) return;
    this.#last.fill(LONG_AGO);
    this.#remembers = false;
  }

  announce(category: number, end: number): void {
    this.#last[category] = end;
    this.#remembers = true;
    if (category < REFERENCE && end + WINDOW > this.activeUntil) this.activeUntil = end + WINDOW;
  }

  /** End of the last word of a context that reaches `at`; -1 of none. */
  lastBefore(context: number, at: number, within = WINDOW): number {
    const last = this.#last[context] ?? LONG_AGO;
    return at - last <= within ? last : -1;
  }

  completesPhrase(needs: number, start: number): boolean {
    return start - (this.#last[needs] ?? LONG_AGO) <= PHRASE;
  }

  /** The context whose word stands nearest before `at`; -1 of none. */
  nearest(at: number): number {
    if (!this.#remembers || at >= this.activeUntil) return -1;
    let nearest = -1;
    let last = at - WINDOW - 1;
    for (let context = 0; context < REFERENCE; context += 1) {
      const word = this.#last[context] ?? LONG_AGO;
      if (word <= last) continue;
      last = word;
      nearest = context;
    }
    return nearest;
  }
}

/** The lowest context of a set; -1 of none. */
export const lowestContext = (contexts: number): number => 31 - Math.clz32(contexts & -contexts);
