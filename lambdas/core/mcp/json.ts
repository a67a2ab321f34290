// Strict JSON: what we record, decide on and (later) approve must be what the upstream reads.
// JSON.parse alone accepts texts that two parsers read differently (duplicate member names, lone
// surrogates); I-JSON (RFC 7493 section 2) forbids them, and so do we. Pure.

import { err, ok, type Result } from '../result.ts';

export type JsonObject = { readonly [name: string]: unknown };

export type JsonFault =
  | { readonly reason: 'invalid_json'; readonly detail: string }
  | { readonly reason: 'duplicate_member'; readonly member: string }
  | { readonly reason: 'lone_surrogate' }
  | { readonly reason: 'too_deep'; readonly limit: number };

/** Deeper than any tool needs, shallow enough that no recursive reader behind us overflows its stack. */
export const MAX_JSON_DEPTH = 64;

const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;
const COMMA = 0x2c;

export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Parses one JSON text, refusing everything that I-JSON forbids and nesting over {@link MAX_JSON_DEPTH}. */
export const parseStrictJson = (text: string): Result<unknown, JsonFault> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    // V8's message quotes the text, which may itself say "at position"; only V8's own ending may go into an answer and
    // an entry.
    const ending = /at position \d+(?= \(line \d+ column \d+\)$)/;
    const position = ending.exec(String(cause))?.[0];
    return err({ reason: 'invalid_json', detail: position === undefined ? 'not JSON' : `not JSON ${position}` });
  }
  // Both forms of a lone surrogate, raw and escaped, would be re-encoded as U+FFFD by some readers.
  if (!text.isWellFormed() || /\\u[dD][89a-fA-F]/.test(text)) {
    if (!isWellFormedDeep(value)) return err({ reason: 'lone_surrogate' });
  }
  const fault = scanMembers(text);
  return fault === undefined ? ok(value) : err(fault);
};

const isWellFormedDeep = (value: unknown): boolean => {
  const open: unknown[] = [value];
  while (open.length > 0) {
    const next = open.pop();
    if (typeof next === 'string' && !next.isWellFormed()) return false;
    // One by one: a spread of a long list would overflow the stack.
    for (const part of partsOf(next)) open.push(part);
  }
  return true;
};

const partsOf = (value: unknown): readonly unknown[] => {
  if (Array.isArray(value)) return value;
  return isObject(value) ? Object.entries(value).flat() : [];
};

/** End index (exclusive) of the string that starts at `start`; the text is already known to be valid JSON. */
const stringEnd = (text: string, start: number): number => {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

/** Walks valid JSON once, keeping the member names of each open object; `null` stands for an open array. */
const scanMembers = (text: string): JsonFault | undefined => {
  const scanner = new MemberScanner();
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') {
      const end = stringEnd(text, at);
      scanner.string(text, at, end);
      at = end - 1;
    } else {
      scanner.mark(text.charCodeAt(at));
    }
    if (scanner.fault !== undefined) return scanner.fault;
  }
  return undefined;
};

class MemberScanner {
  fault: JsonFault | undefined;
  readonly #open: (Set<string> | null)[] = [];
  #expectsName = false;

  /** A string: a member name when one is due, else a value. */
  string(text: string, start: number, end: number): void {
    if (!this.#expectsName) return;
    this.#expectsName = false;
    const quoted = text.slice(start, end);
    const name: string = quoted.includes('\\') ? JSON.parse(quoted) : quoted.slice(1, -1);
    const names = this.#open.at(-1);
    if (names?.has(name)) this.fault = { reason: 'duplicate_member', member: name.slice(0, 100) };
    names?.add(name);
  }

  /** Any character outside strings; only `{ } [ ] ,` matter. */
  mark(code: number): void {
    if (code === OPEN_OBJECT || code === OPEN_ARRAY) {
      if (this.#open.length === MAX_JSON_DEPTH) this.fault = { reason: 'too_deep', limit: MAX_JSON_DEPTH };
      this.#open.push(code === OPEN_OBJECT ? new Set() : null);
      this.#expectsName = code === OPEN_OBJECT;
    } else if (code === CLOSE_OBJECT || code === CLOSE_ARRAY) {
      this.#open.pop();
      this.#expectsName = false;
    } else if (code === COMMA) {
      this.#expectsName = this.#open.at(-1) instanceof Set;
    }
  }
}
