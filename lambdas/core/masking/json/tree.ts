// Reads JSON into spans. Exactly as strict as JSON.parse, and bounded in depth. Reads on request in slices, for texts of
// many megabytes. RFC 8259. Pure.

import { SLICE } from '../work.ts';
import { ARRAY, type JsonNode, JsonNodes, LITERAL, NUMBER, OBJECT, STRING, type StringSpan } from './nodes.ts';

export type TreeFault = { readonly reason: 'invalid_json'; readonly at: number } | { readonly reason: 'too_deep' };

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

const ZERO = 0x30;
const NINE = 0x39;
const POINT = 0x2e;
const PLUS = 0x2b;
const isExponent = (code: number | undefined): boolean => code === 0x65 || code === 0x45;
const FOUR_HEX = /[0-9a-fA-F]{4}/y;
/** What may follow a backslash, besides `u` and four digits. */
const ESCAPES = new Uint8Array(128);
for (const char of '"\\/bfnrt') ESCAPES[char.charCodeAt(0)] = 1;
const SMALL_U = 0x75;
/** Characters of one string that are read at once. */
const STRING_SLICE = 2 * SLICE;
const LITERALS = ['true', 'false', 'null'];

// What may come next.
const VALUE = 0;
/** A value or the end of the array that was just opened. */
const FIRST_ITEM = 1;
const FIRST_KEY = 2;
const KEY = 3;
const AFTER_VALUE = 4;
const DONE = 5;

class Malformed extends Error {
  readonly fault: TreeFault;

  constructor(fault: TreeFault) {
    super(fault.reason);
    this.fault = fault;
  }
}

/** A text's code units, and a zero at its end: read several times as fast as from a string. */
export const codesOf = (text: string): Uint16Array => {
  const codes = new Uint16Array(text.length + 1);
  Buffer.from(codes.buffer).write(text, 'utf16le');
  return codes;
};

/** A long string that is read in slices. */
interface UnfinishedString {
  readonly start: number;
  readonly escaped: boolean;
  readonly isName: boolean;
}

/** One text is one value, or objects and lists one after another (as JSON Lines are), or one value and whatever follows. */
export type Extent = 'one' | 'many' | 'first';

/** Reads JSON. Call {@link advance} until it returns true, then see {@link roots} or {@link fault}. */
export class TreeReader {
  fault: TreeFault | undefined;
  readonly #nodes: JsonNodes;
  readonly #roots: number[] = [];
  readonly #text: string;
  readonly #codes: Uint16Array;
  readonly #maxDepth: number;
  readonly #extent: Extent;
  /** Lists and objects that are open, the kind of each, and the last value of each. */
  readonly #open: number[] = [];
  readonly #kinds: number[] = [];
  readonly #last: number[] = [];
  /** The name that was read for the next value. */
  #key: StringSpan | null = null;
  #unfinished: UnfinishedString | null = null;
  #at = 0;
  #expects = VALUE;

  /** Begins at `from`; a caller that reads one text from several places makes its codes once. */
  constructor(text: string, maxDepth: number, extent: Extent = 'one', { from = 0, codes = codesOf(text) } = {}) {
    this.#text = text;
    this.#codes = codes;
    this.#at = from;
    this.#nodes = new JsonNodes(extent === 'first' ? 0 : text.length);
    this.#maxDepth = maxDepth;
    this.#extent = extent;
  }

  /** The values that were read, one by one: a text of JSON Lines has hundreds of thousands. */
  *roots(): Generator<JsonNode> {
    for (const root of this.#roots) yield this.#nodes.view(root);
  }

  /** How far the text is read. */
  get length(): number {
    return this.#at;
  }

  /** Reads about `room` characters further; true when the text is read, or refused. */
  advance(room: number): boolean {
    try {
      return this.#readTo(this.#at + room);
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause;
      this.fault = cause.fault;
      return true;
    }
  }

  #readTo(until: number): boolean {
    if (this.#unfinished !== null) this.#finishString(this.#unfinished);
    while (this.#unfinished === null) {
      if (this.#expects === DONE && this.#extent === 'first') return true;
      this.#skipSpace();
      if (this.#at >= this.#text.length) return this.#finish();
      if (this.#at >= until) return false;
      this.#step(this.#codes[this.#at] ?? 0);
    }
    return false;
  }

  #finish(): boolean {
    if (this.#expects !== DONE) this.fault = { reason: 'invalid_json', at: this.#at };
    return true;
  }

  #skipSpace(): void {
    const codes = this.#codes;
    for (;;) {
      const code = codes[this.#at];
      if (code !== 0x20 && code !== 0x0a && code !== 0x0d && code !== 0x09) return;
      this.#at += 1;
    }
  }

  #step(code: number): void {
    const expects = this.#expects;
    if (expects === AFTER_VALUE) this.#afterValue(code);
    else if (expects === KEY) this.#name(code);
    else if (expects === DONE && !this.#mayGoOn(code)) throw this.#wrong();
    else if (expects === FIRST_KEY && code !== CLOSE_OBJECT) this.#name(code);
    else if (expects === FIRST_KEY || (expects === FIRST_ITEM && code === CLOSE_ARRAY)) this.#close(code);
    else this.#value(code);
  }

  /** Objects and lists may follow one another; numbers and strings that do are no JSON, but text with numbers in it. */
  #mayGoOn(code: number): boolean {
    const isContainer = code === OPEN_OBJECT || code === OPEN_ARRAY;
    return this.#extent === 'many' && isContainer && this.#nodes.kind(this.#roots.at(-1) ?? 0) <= ARRAY;
  }

  #value(code: number): void {
    if (code === QUOTE) this.#string(this.#at, this.#at + 1, false, false);
    else if (code === OPEN_OBJECT || code === OPEN_ARRAY) this.#openContainer(code);
    else if (code === MINUS || (code >= 0x30 && code <= 0x39)) this.#add(NUMBER, this.#number());
    else this.#add(LITERAL, this.#literal());
  }

  #openContainer(code: number): void {
    if (this.#open.length === this.#maxDepth) throw new Malformed({ reason: 'too_deep' });
    const kind = code === OPEN_OBJECT ? OBJECT : ARRAY;
    const index = this.#attach(kind, { start: this.#at, end: -1, escaped: false });
    this.#open.push(index);
    this.#kinds.push(kind);
    this.#last.push(-1);
    this.#at += 1;
    this.#expects = kind === OBJECT ? FIRST_KEY : FIRST_ITEM;
  }

  #name(code: number): void {
    if (code !== QUOTE) throw this.#wrong();
    this.#string(this.#at, this.#at + 1, false, true);
  }

  #named(key: StringSpan): void {
    this.#key = key;
    this.#skipSpace();
    if (this.#codes[this.#at] !== COLON) throw this.#wrong();
    this.#at += 1;
    this.#expects = VALUE;
  }

  #afterValue(code: number): void {
    if (code !== COMMA) {
      this.#close(code);
      return;
    }
    this.#at += 1;
    this.#expects = this.#kinds[this.#kinds.length - 1] === OBJECT ? KEY : VALUE;
  }

  #close(code: number): void {
    const index = this.#open.pop();
    const kind = this.#kinds.pop();
    this.#last.pop();
    if (index === undefined || code !== (kind === OBJECT ? CLOSE_OBJECT : CLOSE_ARRAY)) throw this.#wrong();
    this.#at += 1;
    this.#nodes.close(index, this.#at);
    this.#expects = this.#open.length === 0 ? DONE : AFTER_VALUE;
  }

  #add(kind: number, span: StringSpan): void {
    this.#attach(kind, span);
    this.#expects = this.#open.length === 0 ? DONE : AFTER_VALUE;
  }

  #attach(kind: number, span: StringSpan): number {
    const index = this.#nodes.add(kind, span, this.#key);
    this.#key = null;
    const depth = this.#open.length - 1;
    const parent = this.#open[depth];
    if (parent === undefined) this.#roots.push(index);
    else {
      this.#nodes.chain(parent, this.#last[depth] ?? -1, index);
      this.#last[depth] = index;
    }
    return index;
  }

  #finishString({ start, escaped, isName }: UnfinishedString): void {
    this.#unfinished = null;
    this.#string(start, this.#at, escaped, isName);
  }

  /** Reads a string that began at `start`, from `from` on: to its end, or as far as one slice goes. */
  #string(start: number, from: number, wasEscaped: boolean, isName: boolean): void {
    const codes = this.#codes;
    const limit = from + STRING_SLICE;
    let at = from;
    let escaped = wasEscaped;
    for (;;) {
      const code = codes[at] ?? 0;
      if (code === QUOTE) break;
      if (code === BACKSLASH) {
        escaped = true;
        at = this.#escapeEnd(at);
        // The zero at the end of the text is refused with the other control characters.
      } else if (code >= 0x20) at += 1;
      else throw new Malformed({ reason: 'invalid_json', at });
      if (at < limit) continue;
      this.#at = at;
      this.#unfinished = { start, escaped, isName };
      return;
    }
    this.#at = at + 1;
    const span = { start, end: at + 1, escaped };
    if (isName) this.#named(span);
    else this.#add(STRING, span);
  }

  #escapeEnd(at: number): number {
    const code = this.#codes[at + 1] ?? 0;
    if (code < 128 && ESCAPES[code] === 1) return at + 2;
    FOUR_HEX.lastIndex = at + 2;
    if (code !== SMALL_U || !FOUR_HEX.test(this.#text)) throw new Malformed({ reason: 'invalid_json', at });
    return at + 6;
  }

  #number(): StringSpan {
    const start = this.#at;
    if (this.#codes[start] === MINUS) this.#at += 1;
    if (this.#codes[this.#at] === ZERO) this.#at += 1;
    else this.#digits();
    if (this.#codes[this.#at] === POINT) {
      this.#at += 1;
      this.#digits();
    }
    if (isExponent(this.#codes[this.#at])) {
      this.#at += 1;
      if (this.#codes[this.#at] === MINUS || this.#codes[this.#at] === PLUS) this.#at += 1;
      this.#digits();
    }
    return { start, end: this.#at, escaped: false };
  }

  /** One digit at least. */
  #digits(): void {
    const codes = this.#codes;
    const start = this.#at;
    let at = start;
    for (let code = codes[at] ?? 0; code >= ZERO && code <= NINE; code = codes[at] ?? 0) at += 1;
    this.#at = at;
    if (at === start) throw this.#wrong();
  }

  #literal(): StringSpan {
    const start = this.#at;
    const literal = LITERALS.find((word) => this.#text.startsWith(word, start));
    if (literal === undefined) throw this.#wrong();
    this.#at += literal.length;
    return { start, end: this.#at, escaped: false };
  }

  #wrong(): Malformed {
    return new Malformed({ reason: 'invalid_json', at: this.#at });
  }
}
