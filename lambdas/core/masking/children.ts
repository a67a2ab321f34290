// From a place to the places below it: rules by path stand before rules by name, and both before what is inherited. Pure.

import { headingsIn, isListOfLists, pairName } from './columns.ts';
import { EDITS_PER_SLICE, type Edit, type Edits, type Finding } from './edit.ts';
import type { JsonNode } from './json/nodes.ts';
import { matchesPath } from './paths.ts';
import { type Known, Place } from './place.ts';
import type { NameFacts, Plan, RuleRef } from './plan.ts';
import { MESSAGE, STRUCTURED } from './roles.ts';
import type { SchemaAt } from './schema.ts';
import type { Shape } from './shapes.ts';
import type { Work } from './work.ts';

/** What the names of an object say of its members, with what they say of each other. */
export const factsOf = (text: string, object: JsonNode, shape: Shape, plan: Plan): readonly NameFacts[] => {
  const name = shape.valueIndex === -1 ? null : pairName(text, object, shape.names[shape.valueIndex] ?? '');
  if (name === null) return shape.facts;
  const other = plan.nameFacts(name);
  return shape.facts.map((own, index) => (index === shape.valueIndex ? both(own, other) : own));
};

const both = (own: NameFacts, other: NameFacts): NameFacts => ({
  rule: other.rule ?? own.rule,
  isAllowed: own.isAllowed || other.isAllowed,
  contexts: own.contexts | other.contexts,
});

/** The headings that an object has for its rows. */
export function* headingsOf(
  text: string,
  object: JsonNode,
  { headingIndices }: Shape,
  plan: Plan,
): Work<readonly NameFacts[] | null> {
  if (headingIndices.length === 0) return null;
  const lists: JsonNode[] = [];
  let hasRows = false;
  let index = 0;
  for (let item = object.first; item !== null; item = item.next, index += 1) {
    const turn = headingIndices.indexOf(index);
    if (turn !== -1) lists[turn] = item;
    hasRows ||= isListOfLists(item);
    if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
  }
  return hasRows ? headingsIn(text, lists, plan) : null;
}

/** The rule for a member or item as a whole: by its path, its name, or inherited. `null` where nobody is to look. */
export const ruleOf = (
  parent: Place,
  step: string | number,
  facts: NameFacts,
  plan: Plan,
): RuleRef | null | undefined => {
  if (facts.isAllowed) return null;
  const byPath = plan.paths.length === 0 ? undefined : ruleByPath(parent, step, plan);
  return byPath === undefined ? (facts.rule ?? parent.rule) : byPath;
};

/** `null` for an allowance, `undefined` for nothing. */
const ruleByPath = (parent: Place, step: string | number, plan: Plan): RuleRef | null | undefined => {
  const steps = parent.role === MESSAGE ? [] : [...parent.steps, step];
  return plan.paths.find(({ pattern }) => matchesPath(pattern, steps))?.rule;
};

/** The place of a member or item. Paths begin inside the result, the parameters or the error of a message. */
export const childPlace = (
  parent: Place,
  node: JsonNode,
  step: string | number,
  known: Omit<Known, 'schema'>,
  outputSchema: SchemaAt | null,
): Place => {
  const isPart = parent.role === MESSAGE && (step === 'result' || step === 'params' || step === 'error');
  const begins = known.role === STRUCTURED && parent.role !== STRUCTURED;
  const { role, rule, contexts } = known;
  const schema = begins ? outputSchema : schemaOf(parent, step);
  return new Place(node, isPart ? null : parent, step, { role, rule, contexts, schema });
};

const schemaOf = ({ schema }: Place, step: string | number): SchemaAt | null => {
  if (schema === null) return null;
  return typeof step === 'number' ? schema.item(step) : schema.member(step);
};

/** Members beside one another that go, and what was found in them. */
class Leaving {
  readonly first: JsonNode;
  readonly findings: Finding[] = [];
  end = 0;

  constructor(first: JsonNode) {
    this.first = first;
  }

  take(item: JsonNode, findings: readonly Finding[]): void {
    this.end = item.end;
    for (const finding of findings) this.findings.push(finding);
  }

  /** Before one that stays, the comma after them goes; the last ones take the comma before them along. */
  edit(before: JsonNode | null, next: JsonNode | null): Edit {
    const { first, findings } = this;
    if (next !== null) return { start: first.keyStart, end: next.keyStart, text: '', findings };
    return { start: before?.end ?? first.keyStart, end: this.end, text: '', findings };
  }
}

/** Leaves out members (by where their values start), with the commas that go with them. */
export function* leaveOut(
  object: JsonNode,
  dropped: ReadonlyMap<number, readonly Finding[]>,
  edits: Edits,
): Work<void> {
  let kept: JsonNode | null = null;
  let leaving: Leaving | null = null;
  let index = 0;
  for (let item = object.first; item !== null; item = item.next, index += 1) {
    const findings = dropped.get(item.start);
    if (findings !== undefined) {
      leaving ??= new Leaving(item);
      leaving.take(item, findings);
    } else {
      if (leaving !== null) edits.push(leaving.edit(kept, item));
      [kept, leaving] = [item, null];
    }
    if (index % EDITS_PER_SLICE === EDITS_PER_SLICE - 1) yield;
  }
  if (leaving !== null) edits.push(leaving.edit(kept, null));
}
