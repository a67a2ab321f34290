// Masked content as it stands in an entry: the values, as much of them as an entry has room for. Read from spans, and no
// further than it shows. Pure.

import { ARRAY, type JsonNode, OBJECT, STRING, type StringSpan } from './json/nodes.ts';
import { scalarOf } from './json/read.ts';
import { longStringText } from './json/string-edits.ts';
import type { Work } from './work.ts';

// The mask's proof takes up to 28 KB of the 60 KB that an entry has (proof.ts).
const MAX_BYTES = 16_000;
const MAX_TEXT = 4000;
const MAX_NAME = 128;
const MAX_DEPTH = 16;
const MAX_MEMBERS = 64;
const MAX_ITEMS = 20;

/** A masked value, cut to size; whatever is left out is counted, and never shown in part as if it were whole. */
export const excerpt = (text: string, node: JsonNode): Work<unknown> => new Excerpt(text).of(node, 0);

class Excerpt {
  readonly #text: string;
  #room = MAX_BYTES;

  constructor(text: string) {
    this.#text = text;
  }

  *of(node: JsonNode, depth: number): Work<unknown> {
    if (node.kind === STRING) return yield* this.#string(node);
    if (node.kind !== OBJECT && node.kind !== ARRAY) return this.#take(scalarOf(this.#text, node));
    if (depth >= MAX_DEPTH || this.#room <= 0) return outlined(node);
    return node.kind === ARRAY ? yield* this.#list(node, depth) : yield* this.#object(node, depth);
  }

  *#string(node: StringSpan): Work<string> {
    const text = yield* longStringText(this.#text, node);
    const most = Math.min(MAX_TEXT, Math.max(0, this.#room));
    // Half of a surrogate pair would be another text once it is written as UTF-8.
    const kept = text.slice(0, most).toWellFormed();
    if (kept.length === text.length) return this.#take(kept);
    return this.#take(`${kept}‹${text.length - kept.length} more›`);
  }

  *#list(list: JsonNode, depth: number): Work<unknown> {
    const kept: unknown[] = [];
    for (let item = list.first; item !== null && kept.length < MAX_ITEMS && this.#room > 0; item = item.next)
      kept.push(yield* this.of(item, depth + 1));
    return list.count > kept.length ? [...kept, `‹${list.count - kept.length} more›`] : kept;
  }

  *#object(object: JsonNode, depth: number): Work<unknown> {
    const kept: [string, unknown][] = [];
    for (let item = object.first; item !== null && kept.length < MAX_MEMBERS && this.#room > 0; item = item.next) {
      const name = yield* longStringText(this.#text, item.key);
      kept.push([this.#take(name.slice(0, MAX_NAME).toWellFormed()), yield* this.of(item, depth + 1)]);
    }
    if (object.count > kept.length) kept.push(['‹more›', object.count - kept.length]);
    return Object.fromEntries(kept);
  }

  #take<Value>(value: Value): Value {
    this.#room -= Buffer.byteLength(JSON.stringify(value)) + 1;
    return value;
  }
}

const outlined = ({ kind, count }: JsonNode): string => (kind === ARRAY ? `‹array ${count}›` : `‹object ${count}›`);
