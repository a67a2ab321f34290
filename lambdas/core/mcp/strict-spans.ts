// The strictness of json.ts for a value that is read as spans: what two parsers read differently (I-JSON, RFC 7493 section
// 2), found in slices. Pure.

import { ARRAY, type JsonNode, OBJECT, STRING, stringText } from '../masking/json/nodes.ts';
import { WideSet } from '../masking/wide-set.ts';
import type { Work } from '../masking/work.ts';
import { type JsonFault, MAX_JSON_DEPTH } from './json.ts';

type StrictFault = Exclude<JsonFault, { readonly reason: 'invalid_json' }>;

/** Values between two pauses. */
const VALUES_PER_SLICE = 2048;

/** Why a text that JSON.parse reads is refused all the same. */
export function* strictFault(text: string, root: JsonNode): Work<StrictFault | undefined> {
  const walk = new StrictWalk(text);
  let room = VALUES_PER_SLICE;
  for (let node: JsonNode | null = root; node !== null; node = walk.next()) {
    const fault = walk.visit(node);
    if (fault !== undefined) return fault;
    room -= 1;
    if (room > 0) continue;
    yield;
    room = VALUES_PER_SLICE;
  }
  return undefined;
}

/** A list or object that is gone through: its next child, and the names that the earlier ones have. */
interface Open {
  child: JsonNode | null;
  readonly names: WideSet | null;
}

class StrictWalk {
  readonly #text: string;
  /** Whether a lone surrogate may be somewhere, raw or escaped: some readers would re-encode it as U+FFFD. */
  readonly #mayBeLone: boolean;
  readonly #open: Open[] = [];

  constructor(text: string) {
    this.#text = text;
    this.#mayBeLone = !text.isWellFormed() || /\\u[dD][89a-fA-F]/.test(text);
  }

  visit(node: JsonNode): StrictFault | undefined {
    const fault = this.#nameFault(node, this.#open.at(-1)?.names ?? null);
    if (fault !== undefined) return fault;
    if (this.#mayBeLone && node.kind === STRING && !stringText(this.#text, node).isWellFormed())
      return { reason: 'lone_surrogate' };
    if (node.kind !== OBJECT && node.kind !== ARRAY) return undefined;
    if (this.#open.length === MAX_JSON_DEPTH) return { reason: 'too_deep', limit: MAX_JSON_DEPTH };
    this.#open.push({ child: node.first, names: node.kind === OBJECT ? new WideSet() : null });
    return undefined;
  }

  /** The next value in the order of the text. */
  next(): JsonNode | null {
    for (let last = this.#open.at(-1); last !== undefined; last = this.#open.at(-1)) {
      const { child } = last;
      if (child !== null) {
        last.child = child.next;
        return child;
      }
      this.#open.pop();
    }
    return null;
  }

  #nameFault(node: JsonNode, names: WideSet | null): StrictFault | undefined {
    if (names === null) return undefined;
    const name = stringText(this.#text, node.key);
    if (this.#mayBeLone && !name.isWellFormed()) return { reason: 'lone_surrogate' };
    if (names.has(name)) return { reason: 'duplicate_member', member: name.slice(0, 100) };
    names.add(name);
    return undefined;
  }
}
