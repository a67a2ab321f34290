// From a place to the places below it: rules by path stand before rules by name, and both before what is inherited. Pure.

import { headingsIn, pairName } from './columns.ts';
import type { Edit, Finding } from './edit.ts';
import { childrenOf, type JsonNode } from './json/nodes.ts';
import { matchesPath } from './paths.ts';
import { type Known, Place } from './place.ts';
import type { NameFacts, Plan, RuleRef } from './plan.ts';
import { MESSAGE, STRUCTURED } from './roles.ts';
import type { SchemaAt } from './schema.ts';
import type { Shape } from './shapes.ts';

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
export const headingsOf = (text: string, object: JsonNode, shape: Shape, plan: Plan): readonly NameFacts[] | null =>
  shape.mayHaveHeadings ? headingsIn(text, object, plan) : null;

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

/** The edits that leave out members (by where their values start), with the commas that go with them. */
export const removals = (object: JsonNode, dropped: ReadonlyMap<number, readonly Finding[]>): Edit[] => {
  const items = childrenOf(object);
  const isDropped = items.map((item) => dropped.has(item.start));
  return items.flatMap((_, first) => {
    if (!isDropped[first] || isDropped[first - 1]) return [];
    const kept = isDropped.indexOf(false, first);
    const last = kept === -1 ? items.length - 1 : kept - 1;
    const findings = items.slice(first, last + 1).flatMap((item) => dropped.get(item.start) ?? []);
    return [{ ...removal(items, first, last), text: '', findings }];
  });
};

const removal = (items: readonly JsonNode[], first: number, last: number): Pick<Edit, 'start' | 'end'> => {
  const start = items[first]?.keyStart ?? 0;
  const next = items[last + 1];
  if (next !== undefined) return { start, end: next.keyStart };
  // The last ones take the comma before them along, all others the comma after.
  return { start: items[first - 1]?.end ?? start, end: items[last]?.end ?? start };
};
