// Whether a JSON text is its own canonical form (RFC 8785), without writing it anew where that can be seen. Pure.

import { canonicalJson } from '../jcs.ts';

/** `text` was decoded from UTF-8, and `value` is what it parses to: it is known to be JSON without lone surrogates. */
export const isCanonical = (text: string, value: unknown): boolean => {
  if (!text.includes('\\') && isPlainCanonical(text)) return true;
  try {
    return canonicalJson(value) === text;
  } catch {
    // Nested deeper than the stack, or a lone surrogate.
    return false;
  }
};

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const NUMBER = /-?[0-9][0-9.eE+-]*/y;

/**
 * JSON without any escape is canonical when no white space stands between tokens, every object's names rise, and every
 * number is written as the language writes it. Looking takes a quarter of the time that serialising does.
 */
const isPlainCanonical = (text: string): boolean => {
  NAMES.reset();
  for (let at = 0; at < text.length; ) {
    const end = tokenEnd(text, at);
    if (end === undefined || !NAMES.token(text, at, end)) return false;
    at = end;
  }
  return true;
};

/** End of the token at `at`; `undefined` for white space and for a number in another form. */
const tokenEnd = (text: string, at: number): number | undefined => {
  switch (text.charCodeAt(at)) {
    case QUOTE:
      return text.indexOf('"', at + 1) + 1;
    case COMMA:
    case COLON:
    case OPEN_ARRAY:
    case CLOSE_ARRAY:
    case OPEN_OBJECT:
    case CLOSE_OBJECT:
      return at + 1;
    case 0x74: // true
    case 0x6e: // null
      return at + 4;
    case 0x66: // false
      return at + 5;
    default:
      return numberEnd(text, at);
  }
};

const numberEnd = (text: string, at: number): number | undefined => {
  NUMBER.lastIndex = at;
  const found = NUMBER.exec(text)?.[0];
  return found !== undefined && JSON.stringify(Number(found)) === found ? at + found.length : undefined;
};

/** Deeper nesting than this is left to the serialiser. */
const MAX_DEPTH = 64;
const ARRAY = -1;
const NO_NAME_YET = 0;

/** Where the last member name of every open object stands. Nothing is cut out of the text: this runs for every name. */
class OpenObjects {
  readonly #start = new Int32Array(MAX_DEPTH);
  readonly #end = new Int32Array(MAX_DEPTH);
  #depth = -1;
  #expectsName = false;

  reset(): void {
    this.#depth = -1;
    this.#expectsName = false;
  }

  /** `false` when a member name does not come after the one before it. */
  token(text: string, at: number, end: number): boolean {
    switch (text.charCodeAt(at)) {
      case QUOTE:
        return !this.#expectsName || this.#name(text, at + 1, end - 1);
      case OPEN_OBJECT:
        this.#expectsName = true;
        return this.#open(NO_NAME_YET);
      case OPEN_ARRAY:
        this.#expectsName = false;
        return this.#open(ARRAY);
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        this.#depth -= 1;
        this.#expectsName = false;
        return true;
      case COMMA:
        this.#expectsName = this.#start[this.#depth] !== ARRAY;
        return true;
      default:
        return true;
    }
  }

  #open(start: number): boolean {
    this.#depth += 1;
    this.#start[this.#depth] = start;
    return this.#depth < MAX_DEPTH;
  }

  #name(text: string, start: number, end: number): boolean {
    const depth = this.#depth;
    const previous = this.#start[depth] ?? NO_NAME_YET;
    const rises = previous === NO_NAME_YET || comesBefore(text, previous, this.#end[depth] ?? 0, start, end);
    this.#start[depth] = start;
    this.#end[depth] = end;
    this.#expectsName = false;
    return rises;
  }
}

/** One for all texts, which are looked at one after the other. */
const NAMES = new OpenObjects();

/** Names compare by UTF-16 code units, as the language compares strings (RFC 8785 section 3.2.3). */
const comesBefore = (text: string, first: number, firstEnd: number, second: number, secondEnd: number): boolean => {
  const length = Math.min(firstEnd - first, secondEnd - second);
  for (let at = 0; at < length; at += 1) {
    const difference = text.charCodeAt(first + at) - text.charCodeAt(second + at);
    if (difference !== 0) return difference < 0;
  }
  return firstEnd - first < secondEnd - second;
};
