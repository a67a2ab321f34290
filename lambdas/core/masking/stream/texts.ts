// The texts of a notification that may go on in the next of its kind. Pure.

import { ARRAY, type JsonNode, OBJECT, STRING, stringText } from '../json/nodes.ts';
import { lastMembers, scalarOf } from '../json/read.ts';
import { longStringText } from '../json/string-edits.ts';
import type { Work } from '../work.ts';

export interface TextOfMessage {
  /** Messages with the same channel are read as one text. */
  readonly channel: string;
  /** The exact path, as the tree masker knows it (exactPath). */
  readonly path: string;
  readonly text: string;
}

/** What tells streams of messages apart: the call they belong to, or who logs. */
const TELLING_APART = ['progressToken', 'logger', 'taskId', 'uri'];
const MAX_TEXTS = 64;
const MAX_DEPTH = 16;
/** A list or object that tells streams apart (none of the protocol's do) is compared up to this size. */
const MAX_TELLING = 4096;
/** Values between two pauses. */
const VALUES_PER_SLICE = 4096;

/** Of a message that is read: its method, when it has one, and its texts. */
export function* textsOf(json: string, message: JsonNode): Work<readonly TextOfMessage[]> {
  const found = yield* lastMembers(json, message, ['method', 'params']);
  const [method, params] = [found.get('method'), found.get('params')];
  if (method?.kind !== STRING || params?.kind !== OBJECT) return [];
  const telling = yield* lastMembers(json, params, TELLING_APART);
  const apart = TELLING_APART.map((name) => tellingValue(json, telling.get(name)));
  const finder = new TextFinder(json, JSON.stringify([stringText(json, method), ...apart]));
  yield* finder.visit(params, []);
  return finder.texts;
}

const tellingValue = (json: string, node: JsonNode | undefined): unknown => {
  if (node === undefined) return null;
  if (node.kind !== OBJECT && node.kind !== ARRAY) return scalarOf(json, node);
  return node.end - node.start > MAX_TELLING ? '' : JSON.parse(json.slice(node.start, node.end));
};

class TextFinder {
  readonly texts: TextOfMessage[] = [];
  readonly #json: string;
  readonly #kind: string;
  #room = VALUES_PER_SLICE;

  constructor(json: string, kind: string) {
    this.#json = json;
    this.#kind = kind;
  }

  /** The texts in a list or object, in their order. */
  *visit(container: JsonNode, steps: readonly (string | number)[]): Work<void> {
    if (steps.length >= MAX_DEPTH) return;
    let index = 0;
    for (let node = container.first; node !== null && this.texts.length < MAX_TEXTS; node = node.next, index += 1) {
      if (node.kind <= ARRAY || node.kind === STRING) yield* this.#value(container, node, index, steps);
      this.#room -= 1;
      if (this.#room > 0) continue;
      yield;
      this.#room = VALUES_PER_SLICE;
    }
  }

  *#value(container: JsonNode, node: JsonNode, index: number, before: readonly (string | number)[]): Work<void> {
    const step = container.kind === ARRAY ? index : stringText(this.#json, node.key);
    if (before.length === 0 && TELLING_APART.includes(String(step))) return;
    const steps = [...before, step];
    if (node.kind !== STRING) {
      yield* this.visit(node, steps);
      return;
    }
    const path = JSON.stringify(steps);
    this.texts.push({ channel: `${this.#kind}${path}`, path, text: yield* longStringText(this.#json, node) });
  }
}
