// Edits of a string's text, carried over to the JSON that writes it: only the characters of the edit change, escapes
// around them stay as the server wrote them. Pure.

import { type Carrier, carryOver, type Edits } from '../edit.ts';
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

/** Takes edits in the coordinates of a string's text over into those of the JSON text around it. */
export const inString = (json: string, node: StringSpan, edits: Edits, into: Edits): Work<void> =>
  carryOver(edits, node.escaped ? new EscapedString(json, node.start + 1) : new PlainString(node.start + 1), into);

/** Almost all masks are the same between quotes: a text that is shared stays shared. */
const UNQUOTED = /^[\w ‹›…~#.@:-]*$/;
const quotedMask = (text: string): string => (UNQUOTED.test(text) ? text : quoted(text));

class PlainString implements Carrier {
  readonly textOf = quotedMask;
  readonly #start: number;

  constructor(start: number) {
    this.#start = start;
  }

  startOf(start: number): number {
    return this.#start + start;
  }

  endOf(end: number): number {
    return this.#start + end;
  }
}

/** Walks the written form of a string and its text side by side. */
class EscapedString implements Carrier {
  readonly textOf = quotedMask;
  readonly #json: string;
  #at: number;
  #units = 0;

  constructor(json: string, start: number) {
    this.#json = json;
    this.#at = start;
  }

  startOf(start: number): number {
    return this.#moveTo(start);
  }

  endOf(end: number): number {
    return this.#moveTo(end);
  }

  #moveTo(units: number): number {
    const json = this.#json;
    let at = this.#at;
    for (let done = this.#units; done < units; done += 1)
      at += json.charCodeAt(at) !== 0x5c ? 1 : json.charCodeAt(at + 1) === 0x75 ? MAX_ESCAPE : 2;
    this.#at = at;
    this.#units = Math.max(units, this.#units);
    return at;
  }
}
