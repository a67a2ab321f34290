// Text as a reader sees it, beside the text as it is: folded and, in another view, with its escapes resolved. A view
// remembers where each of its characters came from, so that what is found in it is masked in the original. Pure.

import type { Carrier } from '../edit.ts';
import { escapeAt } from './escapes.ts';
import { foldOf, isDropped } from './fold.ts';

/** Builds a view of a text; call {@link advance} until it returns true. */
export class ViewBuilder {
  readonly #text: string;
  readonly #resolves: boolean;
  readonly #units: Uint16Array;
  /** Where each unit's source begins and ends. */
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;
  #at = 0;
  #length = 0;
  #changed = false;

  constructor(text: string, resolves: boolean) {
    this.#text = text;
    this.#resolves = resolves;
    const capacity = text.length;
    this.#units = new Uint16Array(capacity);
    this.#starts = new Int32Array(capacity);
    this.#ends = new Int32Array(capacity);
  }

  advance(room: number): boolean {
    const until = Math.min(this.#text.length, this.#at + room);
    while (this.#at < until) this.#step(this.#text.charCodeAt(this.#at));
    return this.#at >= this.#text.length;
  }

  /** The view; `undefined` when it is the text itself. */
  finish(): View | undefined {
    if (!this.#changed) return undefined;
    const bytes = Buffer.from(this.#units.buffer, 0, this.#length * 2);
    return new View(bytes.toString('utf16le'), this.#starts, this.#ends);
  }

  #step(code: number): void {
    const start = this.#at;
    if (this.#resolves && (code === 0x25 || code === 0x26 || code === 0x5c)) {
      const escaped = escapeAt(this.#text, start);
      if (escaped !== undefined) {
        this.#changed = true;
        this.#emit(escaped.point, start, escaped.end);
        return;
      }
    }
    if (code < 0x80) {
      this.#push(code, start, start + 1);
      return;
    }
    const point = this.#text.codePointAt(start) ?? code;
    this.#emit(point, start, start + (point > 0xffff ? 2 : 1));
  }

  #emit(point: number, start: number, end: number): void {
    const folded = foldOf(point);
    if (folded !== 0) this.#changed = true;
    if (isDropped(folded)) this.#at = end;
    else if (folded !== 0) this.#push(folded, start, end);
    else if (point < 0x10000) this.#push(point, start, end);
    else {
      this.#push(0xd7c0 + (point >> 10), start, end);
      this.#push(0xdc00 | (point & 0x3ff), start, end);
    }
  }

  #push(unit: number, start: number, end: number): void {
    this.#units[this.#length] = unit;
    this.#starts[this.#length] = start;
    this.#ends[this.#length] = end;
    this.#length += 1;
    this.#at = end;
  }
}

export class View implements Carrier {
  readonly text: string;
  readonly #starts: Int32Array;
  readonly #ends: Int32Array;

  constructor(text: string, starts: Int32Array, ends: Int32Array) {
    this.text = text;
    this.#starts = starts;
    this.#ends = ends;
  }

  /** Where a span of the view that begins at `start` begins in the original. */
  startOf(start: number): number {
    return this.#starts[start] ?? 0;
  }

  endOf(end: number): number {
    return this.#ends[end - 1] ?? 0;
  }

  textOf(mask: string): string {
    return mask;
  }
}
