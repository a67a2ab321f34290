// One JSON value as spans, read in slices: what JSON.parse does at once takes a message of megabytes longer than a process
// may be held up. Pure.

import { SLICE, type Work } from '../work.ts';
import { type JsonNode, LITERAL, NUMBER, OBJECT, STRING, stringText } from './nodes.ts';
import { TreeReader } from './tree.ts';

/** The value that a text is; `undefined` when JSON.parse would refuse it. However deep: the reader keeps no stack of calls. */
export function* readJson(text: string): Work<JsonNode | undefined> {
  const reader = new TreeReader(text, Number.POSITIVE_INFINITY);
  while (!reader.advance(SLICE)) yield;
  if (reader.fault !== undefined) return undefined;
  const [root] = reader.roots();
  return root;
}

/** What JSON.parse makes of a value that is neither a list nor an object; `undefined` for those. */
export const scalarOf = (text: string, { kind, start, end }: JsonNode): unknown =>
  kind === STRING || kind === NUMBER || kind === LITERAL ? JSON.parse(text.slice(start, end)) : undefined;

/** Members between two pauses. */
const MEMBERS_PER_SLICE = 4096;
/** The longest escape of a character, and the quotes around a name. */
const MAX_ESCAPE = 6;
const QUOTES = 2;

/** Members of an object by name; of several with one name the last, as JSON.parse takes it. */
export function* lastMembers(text: string, node: JsonNode, names: readonly string[]): Work<Map<string, JsonNode>> {
  const found = new Map<string, JsonNode>();
  if (node.kind !== OBJECT || names.length === 0) return found;
  const longest = Math.max(...names.map(({ length }) => length)) * MAX_ESCAPE + QUOTES;
  let room = MEMBERS_PER_SLICE;
  for (let child = node.first; child !== null; child = child.next) {
    const isLonger = child.keyEnd - child.keyStart > longest;
    const name = isLonger ? undefined : stringText(text, child.key);
    if (name !== undefined && names.includes(name)) found.set(name, child);
    room -= 1;
    if (room > 0) continue;
    yield;
    room = MEMBERS_PER_SLICE;
  }
  return found;
}
