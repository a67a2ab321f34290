// The masked view while no masking rule says what may be shown: structure and sizes, never a value. Pure.

import { ARRAY, type JsonNode, LITERAL, NUMBER, OBJECT, STRING, stringText } from './json/nodes.ts';
import { scalarOf } from './json/read.ts';
import { longStringText } from './json/string-edits.ts';
import { finish, type Work } from './work.ts';

/** How much of a structure is kept; the rest is counted. */
const MAX_DEPTH = 6;
const MAX_MEMBERS = 32;
const MAX_ITEMS = 4;
// An entry must stay under 60 KB (docs/formats.md), and actor, decision and body record stand beside the outline.
const MAX_BYTES = 16_000;
/** Quotes, colon, comma and `‹string 1048576›` of one node; its name comes on top. */
const NODE_BYTES = 32;

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Whether text that is shaped like an identifier may be data or a secret all the same: an account, card or social
 * security number (long runs of digits, however they are grouped), or a token (long words of letters and digits).
 */
const holdsData = (text: string): boolean =>
  /\d{6}/.test(text) ||
  /\d(?:[ ./:_-]?\d){8}/.test(text) ||
  /(?=[A-Za-z]*\d)[A-Za-z0-9]{20}/.test(text) ||
  /(?=[\w-]*\d)(?=[\w-]*[a-z])(?=[\w-]*[A-Z])[\w-]{40}/.test(text);

// A member name may itself be data ({"4111…": …}). Names that read like identifiers and hold no long number stay.
export const isPlainName = (name: string): boolean =>
  /^[A-Za-z_][\w.:/-]{0,63}$/.test(name) && !/\d{4}/.test(name) && !holdsData(name);

const memberName = (name: string, index: number): string => (isPlainName(name) ? name : `‹name ${index}›`);

/**
 * Replaces every value by its kind and size: `"‹string 11›"`, `"‹number›"`; true, false and null stay.
 * Lists keep their first items, objects their first members, and say how many were left out. No more is read than that.
 */
export const outline = (value: unknown): unknown => finish(new Outline(VALUES).of(value, 0));

/** The same of JSON that is read as spans. */
export const outlineOf = (text: string, node: JsonNode): Work<unknown> => new Outline(spansOf(text)).of(node, 0);

/** What an outline has to know of a value. */
interface Reader<Value> {
  /** A kind of nodes.ts. */
  kindOf(value: Value): number;
  lengthOf(text: Value): Work<number>;
  countOf(container: Value): number;
  itemsOf(list: Value): Iterable<Value>;
  membersOf(object: Value): Iterable<readonly [name: string, value: Value]>;
  /** Of true, false and null. */
  literalOf(value: Value): unknown;
}

class Outline<Value> {
  readonly #reader: Reader<Value>;
  #room = MAX_BYTES;

  constructor(reader: Reader<Value>) {
    this.#reader = reader;
  }

  *of(value: Value, depth: number): Work<unknown> {
    this.#room -= NODE_BYTES;
    const kind = this.#reader.kindOf(value);
    if (kind === STRING) return `‹string ${yield* this.#reader.lengthOf(value)}›`;
    if (kind === NUMBER) return '‹number›';
    if (kind === ARRAY) return yield* this.#list(value, depth);
    return kind === OBJECT ? yield* this.#object(value, depth) : this.#reader.literalOf(value);
  }

  *#list(list: Value, depth: number): Work<unknown> {
    const count = this.#reader.countOf(list);
    if (depth >= MAX_DEPTH || this.#room <= 0) return `‹array ${count}›`;
    const kept: unknown[] = [];
    for (const item of this.#reader.itemsOf(list)) {
      if (kept.length === MAX_ITEMS) break;
      kept.push(yield* this.of(item, depth + 1));
    }
    return count > MAX_ITEMS ? [...kept, `‹${count - MAX_ITEMS} more›`] : kept;
  }

  *#object(object: Value, depth: number): Work<unknown> {
    const count = this.#reader.countOf(object);
    if (depth >= MAX_DEPTH || this.#room <= 0) return `‹object ${count}›`;
    const kept: [string, unknown][] = [];
    for (const [name, value] of this.#reader.membersOf(object)) {
      if (kept.length === MAX_MEMBERS || this.#room <= 0) break;
      this.#room -= Math.min(name.length, 64);
      kept.push([memberName(name, kept.length), yield* this.of(value, depth + 1)]);
    }
    if (count > kept.length) kept.push(['‹more›', count - kept.length]);
    return Object.fromEntries(kept);
  }
}

const spansOf = (text: string): Reader<JsonNode> => ({
  kindOf: ({ kind }) => kind,
  *lengthOf(node) {
    return (yield* longStringText(text, node)).length;
  },
  countOf: ({ count }) => count,
  *itemsOf(list) {
    for (let item = list.first; item !== null; item = item.next) yield item;
  },
  *membersOf(object) {
    for (let item = object.first; item !== null; item = item.next) yield [stringText(text, item.key), item];
  },
  literalOf: (node) => scalarOf(text, node),
});

const VALUES: Reader<unknown> = {
  kindOf: (value) => {
    if (typeof value === 'string') return STRING;
    if (typeof value === 'number') return NUMBER;
    if (typeof value !== 'object' || value === null) return LITERAL;
    return Array.isArray(value) ? ARRAY : OBJECT;
  },
  // biome-ignore lint/correctness/useYield: a text that is read already has its length
  *lengthOf(value) {
    return (value as string).length;
  },
  countOf: (value) => (Array.isArray(value) ? value.length : Object.keys(value as object).length),
  itemsOf: (value) => value as readonly unknown[],
  membersOf: (value) => Object.entries(value as object),
  literalOf: (value) => value ?? null,
};

/**
 * The name of a tool or prompt as it may stand in an entry. Names are the server's identifiers and stay readable;
 * whatever does not look like one (a client can send anything) is reduced to its size.
 */
export const outlineName = (name: string): string =>
  UUID.test(name) || (/^[A-Za-z0-9_][\w./:-]{0,127}$/.test(name) && !holdsData(name)) ? name : `‹name ${name.length}›`;

/** What a program says of itself: words rather than an identifier, bounded, and reduced to its size if it may be data. */
export const outlineWords = (text: string, maxLength: number): string =>
  text.length <= maxLength && /^[\p{L}0-9 ._()/+@,:-]*$/u.test(text) && !holdsData(text)
    ? text
    : `‹string ${text.length}›`;

/** A resource URI as it may stand in an entry: scheme and authority; the path can hold customer data. */
export const outlineUri = (uri: string): string => {
  // The authority must end where a path, query or fragment begins: before an `@` stands a user name, or a token.
  const parts = /^([a-z][a-z0-9+.-]{0,31}):\/\/([A-Za-z0-9_.-]{0,63})(:\d{1,5})?(?=[/?#]|$)(.*)$/s.exec(uri);
  const [, scheme = '', host = '', port = '', rest = ''] = parts ?? [];
  if (parts === null || holdsData(scheme) || !isPlainHost(host)) return `‹uri ${uri.length}›`;
  return `${scheme}://${host}${port}${rest === '' ? '' : `/‹${rest.length}›`}`;
};

const isPlainHost = (host: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(host) || (!/\d{4}/.test(host) && !holdsData(host));
