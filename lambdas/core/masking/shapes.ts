// Objects of one list have the same names over and over: what the names say is found out once and known again by comparing
// the text in place. Pure.

import { HEADING_NAMES, NAME_NAMES, VALUE_NAMES } from './columns.ts';
import { type JsonNode, stringText } from './json/nodes.ts';
import { type NameFacts, NOTHING, type Plan } from './plan.ts';
import { ECHO, hasDataNames, MESSAGE, roleOfMember } from './roles.ts';
import type { Work } from './work.ts';

export interface Shape {
  readonly role: number;
  /** The names as they are written, quotes included. */
  readonly written: readonly string[];
  readonly names: readonly string[];
  readonly facts: readonly NameFacts[];
  readonly roles: readonly number[];
  /** Whether no name holds data itself. */
  readonly isClean: boolean;
  /** Which members may hold headings for another, in the order in which they are asked. */
  readonly headingIndices: readonly number[];
  /** Where the value is, when the object may be a pair of name and value; -1 when it is none. */
  readonly valueIndex: number;
}

const SLOTS = 256;
/** Objects with more names are seldom alike. */
const MAX_KNOWN = 1024;
/** Names between two pauses. */
const NAMES_PER_SLICE = 1024;

export class Shapes {
  readonly #plan: Plan;
  readonly #isCleanName: (name: string) => boolean;
  readonly #known: (Shape | undefined)[] = new Array(SLOTS).fill(undefined);

  constructor(plan: Plan, isCleanName: (name: string) => boolean) {
    this.#plan = plan;
    this.#isCleanName = isCleanName;
  }

  /** The shape of an object like one that was seen before. */
  known(text: string, object: JsonNode, role: number): Shape | undefined {
    const known = this.#known[slotOf(object, role)];
    return known !== undefined && known.role === role && isWrittenAlike(text, object, known.written)
      ? known
      : undefined;
  }

  *make(text: string, object: JsonNode, role: number): Work<Shape> {
    const { names, written } = yield* namesOf(text, object);
    const isData = hasDataNames(role);
    const shape = {
      ...{ role, written, names },
      facts: yield* eachOf(names, (name) => (isData ? this.#plan.nameFacts(name) : NOTHING)),
      roles: yield* eachOf(names, roleIn(role, names)),
      isClean: !isData || !(yield* eachOf(names, this.#isCleanName)).includes(false),
      headingIndices: isData ? HEADING_NAMES.map((name) => names.lastIndexOf(name)).filter((index) => index >= 0) : [],
      valueIndex: isData && isPair(names) ? names.findIndex((name) => VALUE_NAMES.includes(name)) : -1,
    };
    if (names.length <= MAX_KNOWN) this.#known[slotOf(object, role)] = shape;
    return shape;
  }
}

function* namesOf(text: string, object: JsonNode): Work<Pick<Shape, 'names' | 'written'>> {
  const names: string[] = [];
  const written: string[] = [];
  for (let child = object.first; child !== null; child = child.next) {
    names.push(stringText(text, child.key));
    // Compared with others' only where the shape is kept.
    if (object.count <= MAX_KNOWN) written.push(text.slice(child.keyStart, child.keyEnd));
    if (names.length % NAMES_PER_SLICE === 0) yield;
  }
  return { names, written };
}

function* eachOf<T>(names: readonly string[], make: (name: string) => T): Work<T[]> {
  const made: T[] = [];
  for (const name of names) {
    made.push(make(name));
    if (made.length % NAMES_PER_SLICE === 0) yield;
  }
  return made;
}

const roleIn = (role: number, names: readonly string[]): ((name: string) => number) => {
  // The id of an answer is the client's own.
  const isAnswer = role === MESSAGE && !names.includes('method');
  return (name) => (isAnswer && name === 'id' ? ECHO : roleOfMember(role, name));
};

const isPair = (names: readonly string[]): boolean =>
  names.length > 1 && names.length <= 8 && names.some((name) => NAME_NAMES.includes(name));

const slotOf = ({ first, count }: JsonNode, role: number): number =>
  first === null ? role : (role * 67 + count * 31 + (first.keyEnd - first.keyStart)) & (SLOTS - 1);

const isWrittenAlike = (text: string, object: JsonNode, written: readonly string[]): boolean => {
  if (object.count !== written.length) return false;
  let index = 0;
  for (let child = object.first; child !== null; child = child.next, index += 1) {
    const name = written[index];
    if (name === undefined || child.keyEnd - child.keyStart !== name.length || !text.startsWith(name, child.keyStart))
      return false;
  }
  return true;
};
