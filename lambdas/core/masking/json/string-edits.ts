// Edits of a string's text, carried over to the JSON that writes it: only the characters of the edit change, escapes
// around them stay as the server wrote them. Pure.

import { EDITS_PER_SLICE, type Edit } from '../edit.ts';
import { SLICE, type Work } from '../work.ts';
import { type StringSpan, stringText } from './nodes.ts';

/** Text as it stands between the quotes of a JSON string. */
export const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);

/** As {@link stringText}, piece by piece: reading a string of megabytes at once would hold up the process. */
export function* longStringText(text: string, node: StringSpan): Work<string> {
  if (!node.escaped || node.end - node.start <= PIECE) return stringText(text, node);
  const pieces: string[] = [];
  const last = node.end - 1;
  for (let at = node.start + 1; at < last; ) {
    const end = last - at <= PIECE ? last : Math.min(last, endOfPiece(text, at, at + PIECE));
    pieces.push(JSON.parse(`"${text.slice(at, end)}"`) as string);
    at = end;
    yield;
  }
  return pieces.join('');
}

const PIECE = 8 * SLICE;

/** The longest escape, `\\u0041`. */
const MAX_ESCAPE = 6;
/** So far a place without an escape near it is looked for before every escape is counted. */
const NEAR = 256;

/** A place at or after `target` that is inside no escape. */
const endOfPiece = (text: string, start: number, target: number): number => {
  for (let at = target; at < target + NEAR; at += 1)
    if (!text.slice(at - MAX_ESCAPE, at).includes('\\')) return Math.min(at, text.length);
  return afterEscapes(text, start, target);
};

/** The first place at or after `target` that is inside no escape, counted from `start`, which is inside none. */
const afterEscapes = (text: string, start: number, target: number): number => {
  let at = start;
  while (at < target) {
    const backslash = text.indexOf('\\', at);
    if (backslash === -1 || backslash >= target) return target;
    at = backslash + (text.charCodeAt(backslash + 1) === 0x75 ? MAX_ESCAPE : 2);
  }
  return at;
};

/** Edits in the coordinates of the string's text, as edits of the JSON text around it. Sorted, not overlapping. */
export function* inString(json: string, node: StringSpan, edits: readonly Edit[]): Work<Edit[]> {
  const cursor = node.escaped ? new EscapeCursor(json, node.start + 1) : new PlainCursor(node.start + 1);
  const written: Edit[] = [];
  for (const [index, edit] of edits.entries()) {
    const start = cursor.moveTo(edit.start);
    written.push({ start, end: cursor.moveTo(edit.end), text: quoted(edit.text), findings: edit.findings });
    if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
  }
  return written;
}

class PlainCursor {
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  moveTo(units: number): number {
    return this.#start + units;
  }
}

/** Walks the written form of a string and its text side by side. */
class EscapeCursor {
  readonly #json: string;
  #at: number;
  #units = 0;

  constructor(json: string, start: number) {
    this.#json = json;
    this.#at = start;
  }

  moveTo(units: number): number {
    while (this.#units < units) {
      this.#at += this.#json.charCodeAt(this.#at) !== 0x5c ? 1 : this.#json.charCodeAt(this.#at + 1) === 0x75 ? 6 : 2;
      this.#units += 1;
    }
    return this.#at;
  }
}
