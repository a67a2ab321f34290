// Objects of one list have the same names over and over: what the names say is found out once and known again by comparing
// the text in place. Pure.

import { HEADING_NAMES, NAME_NAMES, VALUE_NAMES } from './columns.ts';
import { childrenOf, type JsonNode, stringText } from './json/nodes.ts';
import type { NameFacts, Plan } from './plan.ts';
import { ECHO, hasDataNames, MESSAGE, roleOfMember } from './roles.ts';

export interface Shape {
  readonly role: number;
  /** The names as they are written, quotes included. */
  readonly written: readonly string[];
  readonly names: readonly string[];
  readonly facts: readonly NameFacts[];
  readonly roles: readonly number[];
  /** Whether no name holds data itself. */
  readonly isClean: boolean;
  /** Whether a member may hold headings for another, or the object be a pair of name and value. */
  readonly mayHaveHeadings: boolean;
  readonly valueIndex: number;
}

const NOTHING: NameFacts = { rule: undefined, isAllowed: false, contexts: 0 };
const SLOTS = 256;

export class Shapes {
  readonly #plan: Plan;
  readonly #isCleanName: (name: string) => boolean;
  readonly #known: (Shape | undefined)[] = new Array(SLOTS).fill(undefined);

  constructor(plan: Plan, isCleanName: (name: string) => boolean) {
    this.#plan = plan;
    this.#isCleanName = isCleanName;
  }

  of(text: string, object: JsonNode, role: number): Shape {
    const slot = slotOf(object, role);
    const known = this.#known[slot];
    if (known !== undefined && known.role === role && isWrittenAlike(text, object, known.written)) return known;
    const shape = this.#make(text, object, role);
    this.#known[slot] = shape;
    return shape;
  }

  #make(text: string, object: JsonNode, role: number): Shape {
    const keys = childrenOf(object).map(({ key }) => key);
    const names = keys.map((key) => stringText(text, key));
    const isData = hasDataNames(role);
    const roleOf = (name: string): number =>
      // The id of an answer is the client's own.
      role === MESSAGE && name === 'id' && !names.includes('method') ? ECHO : roleOfMember(role, name);
    return {
      role,
      written: keys.map((key) => text.slice(key.start, key.end)),
      names,
      facts: names.map((name) => (isData ? this.#plan.nameFacts(name) : NOTHING)),
      roles: names.map(roleOf),
      isClean: !isData || names.every(this.#isCleanName),
      mayHaveHeadings: isData && names.some((name) => HEADING_NAMES.includes(name)),
      valueIndex: isData && isPair(names) ? names.findIndex((name) => VALUE_NAMES.includes(name)) : -1,
    };
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
