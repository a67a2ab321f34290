// From a place to the places below it: rules by path stand before rules by name, and both before what is inherited. Pure.

import { pairName } from './columns.ts';
import { EDITS_PER_SLICE, type Edits, type Finding } from './edit.ts';
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
  const name = shape.valueIndex === -1 ? null : pairName(text, object);
  if (name === null) return shape.facts;
  const other = plan.nameFacts(name);
  return shape.facts.map((own, index) => (index === shape.valueIndex ? both(own, other) : own));
};

const both = (own: NameFacts, other: NameFacts): NameFacts => ({
  rule: other.rule ?? own.rule,
  isAllowed: own.isAllowed || other.isAllowed,
  contexts: own.contexts | other.contexts,
});

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

/** Leaves out members (by where their values start), with the commas that go with them. */
export function* leaveOut(
  object: JsonNode,
  dropped: ReadonlyMap<number, readonly Finding[]>,
  edits: Edits,
): Work<void> {
  let before: JsonNode | null = null;
  let first: JsonNode | null = null;
  let findings: Finding[] = [];
  let room = EDITS_PER_SLICE;
  for (let item = object.first; item !== null; item = item.next) {
    const found = dropped.get(item.start);
    if (found !== undefined) {
      first ??= item;
      for (const finding of found) findings.push(finding);
    } else {
      // What follows stays, so the commas after those that go do not.
      if (first !== null) edits.push({ start: first.keyStart, end: item.keyStart, text: '', findings });
      [before, first, findings] = [item, null, first === null ? findings : []];
    }
    if (item.next === null && first !== null)
      edits.push({ start: before?.end ?? first.keyStart, end: item.end, text: '', findings });
    room -= 1;
    if (room > 0) continue;
    yield;
    room = EDITS_PER_SLICE;
  }
}
