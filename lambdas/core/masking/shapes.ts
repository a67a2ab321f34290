// Objects of one list have the same names over and over: what the names say is found out once and known again by comparing
// the text in place. Pure.

import { HEADING_NAMES, NAME_NAMES, VALUE_NAMES } from './columns.ts';
import { type JsonNode, stringText } from './json/nodes.ts';
import type { NameFacts, Plan } from './plan.ts';
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

const NOTHING: NameFacts = { rule: undefined, isAllowed: false, contexts: 0 };
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
    const written: string[] = [];
    const names: string[] = [];
    const facts: NameFacts[] = [];
    const roles: number[] = [];
    const isData = hasDataNames(role);
    let isClean = true;
    for (let child = object.first; child !== null; child = child.next) {
      const name = stringText(text, child.key);
      written.push(text.slice(child.keyStart, child.keyEnd));
      names.push(name);
      facts.push(isData ? this.#plan.nameFacts(name) : NOTHING);
      roles.push(roleOfMember(role, name));
      isClean &&= !isData || this.#isCleanName(name);
      if (names.length % NAMES_PER_SLICE === 0) yield;
    }
    // The id of an answer is the client's own.
    if (role === MESSAGE && !names.includes('method')) {
      for (const [index, name] of names.entries()) if (name === 'id') roles[index] = ECHO;
    }
    const shape = {
      ...{ role, written, names, facts, roles, isClean },
      headingIndices: isData ? HEADING_NAMES.map((name) => names.lastIndexOf(name)).filter((index) => index >= 0) : [],
      valueIndex: isData && isPair(names) ? names.findIndex((name) => VALUE_NAMES.includes(name)) : -1,
    };
    if (names.length <= MAX_KNOWN) this.#known[slotOf(object, role)] = shape;
    return shape;
  }
}

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
