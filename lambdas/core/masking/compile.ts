// From rules to maskers: every fault of a rule set is found here, all of them at once, before the first message. Pure.

import { RE2JS } from 're2js';
import { err, ok, type Result } from '../result.ts';
import { ENTITY_TYPES, type EntityType, entityLabel, entityRuleId, isEntityType } from './comprehend/entity-types.ts';
import type { EntityPlan } from './comprehend/texts.ts';
import { DETECTOR_IDS, type DetectorId, isDetectorId } from './detectors/catalog.ts';
import { Masker } from './masker.ts';
import { parsePath } from './paths.ts';
import { normalName, normalValue, Plan, type PlanParts, type RuleRef, showsLastFour } from './plan.ts';
import {
  ACTIONS,
  BINARY_ACTIONS,
  type BinaryAction,
  type Caller,
  ENTITY_ACTIONS,
  type Exception,
  PACK_NAMES,
  type PackName,
  type Rule,
  type RuleSet,
  type Where,
} from './rules.ts';
import { isLabel } from './text/masks.ts';

/** What is wrong with a rule, in words for the person who wrote it. */
export interface RuleFault {
  readonly rule: string;
  readonly problem: string;
}

export const compile = (
  ruleSet: RuleSet,
  packs: Readonly<Record<PackName, readonly Rule[]>>,
): Result<Masker, readonly RuleFault[]> => {
  const faults = faultsOf(ruleSet);
  if (faults.length > 0) return err(faults);
  const rules = [...ruleSet.rules, ...ruleSet.packs.flatMap((name) => packs[name])];
  return ok(new Masker(ruleSet, (caller) => planFor(ruleSet, rules, caller)));
};

const faultsOf = (ruleSet: RuleSet): RuleFault[] => {
  const ids = new Map<string, number>();
  for (const { id } of ruleSet.rules) ids.set(id, (ids.get(id) ?? 0) + 1);
  return [
    ...ruleSet.packs
      .filter((name) => !PACK_NAMES.includes(name))
      .map((name) => ({ rule: name, problem: `no such pack; there are ${PACK_NAMES.join(', ')}` })),
    ...[...ids].filter(([, count]) => count > 1).map(([id]) => ({ rule: id, problem: 'two rules have this id' })),
    ...ruleSet.rules.flatMap((rule) => problemsOf(rule).map((problem) => ({ rule: rule.id, problem }))),
    ...ruleSet.allow.flatMap(({ id, paths = [] }) => pathProblems(paths).map((problem) => ({ rule: id, problem }))),
    ...ruleSet.exceptions
      .filter(({ groups }) => groups.length === 0)
      .map(({ id }) => ({ rule: id, problem: 'an exception names at least one group' })),
    ...ruleSet.binary
      .filter(({ action }) => !BINARY_ACTIONS.includes(action))
      .map(({ action }) => ({
        rule: 'binary',
        problem: `"${action}" is no action; there are ${BINARY_ACTIONS.join(', ')}`,
      })),
    ...entityProblems(ruleSet).map((problem) => ({ rule: 'comprehend', problem })),
  ];
};

const entityProblems = ({ comprehend }: RuleSet): string[] => {
  if (comprehend === null) return [];
  const { entities, action, minScore } = comprehend;
  return [
    ...entities
      .filter((type) => !isEntityType(type))
      .map((type) => `no entity "${type}"; there are ${ENTITY_TYPES.join(', ')}`),
    ...(entities.length === 0 ? ['names at least one entity'] : []),
    ...(ENTITY_ACTIONS.includes(action) ? [] : [`"${action}" is no action; there are ${ENTITY_ACTIONS.join(', ')}`]),
    ...(minScore >= 0 && minScore <= 1 ? [] : ['minScore is from 0 to 1']),
  ];
};

const problemsOf = (rule: Rule): string[] => {
  const problems: string[] = [];
  if (!/^[a-z0-9][a-z0-9._-]{0,63}$/.test(rule.id)) problems.push('an id has small letters, digits, dots and hyphens');
  if (!Number.isSafeInteger(rule.version) || rule.version < 1) problems.push('a version is a whole number from 1');
  if (!ACTIONS.includes(rule.action)) problems.push(`"${rule.action}" is no action; there are ${ACTIONS.join(', ')}`);
  if ('pattern' in rule && rule.label !== undefined && isDetectorId(rule.label))
    problems.push("the label is a detector's");
  if (rule.label !== undefined && !isLabel(rule.label))
    problems.push('a label has small letters and hyphens, at most 32');
  const ways = ['keys', 'paths', 'detectors', 'pattern'].filter((way) => way in rule);
  if (ways.length !== 1) problems.push('a rule has exactly one of keys, paths, detectors and pattern');
  return [...problems, ...matcherProblems(rule)];
};

const matcherProblems = (rule: Rule): string[] => {
  if ('paths' in rule) return pathProblems(rule.paths);
  if ('pattern' in rule) return patternProblems(rule.pattern);
  if ('detectors' in rule)
    return rule.detectors
      .filter((name) => !isDetectorId(name))
      .map((name) => `no detector "${name}"; there are ${DETECTOR_IDS.join(', ')}`);
  return rule.keys
    .filter((key) => normalName(key) === '' && key !== '*')
    .map((key) => `"${key}" is no name of a field`);
};

const pathProblems = (paths: readonly string[]): string[] =>
  paths.flatMap((path) => {
    const parsed = parsePath(path);
    return parsed.ok ? [] : [`path "${path}": ${parsed.error}`];
  });

const MAX_PATTERN = 1000;

const patternProblems = (pattern: string): string[] => {
  if (pattern.length > MAX_PATTERN) return [`a pattern has at most ${MAX_PATTERN} characters`];
  try {
    return RE2JS.compile(pattern).test('') ? ['the pattern matches the empty text, so it would match everywhere'] : [];
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    return [`not RE2 syntax (no lookaround, no backreferences: they can take exponential time): ${why}`];
  }
};

/** Whether something that masks applies: in doubt it does. */
const masks = (where: Where | undefined, { server, tool, groups }: Caller): boolean =>
  (where?.servers?.includes(server) ?? true) &&
  (where?.tools === undefined || tool === undefined || (tool !== null && where.tools.includes(tool))) &&
  (groups === 'record' || (where?.groups?.some((group) => groups.includes(group)) ?? true));

/** Whether something that shows applies: in doubt it does not. */
const shows = (where: Where | undefined, { server, tool, groups }: Caller): boolean =>
  (where?.servers?.includes(server) ?? true) &&
  (where?.tools === undefined || (typeof tool === 'string' && where.tools.includes(tool))) &&
  (where?.groups === undefined || (groups !== 'record' && where.groups.some((group) => groups.includes(group))));

const planFor = (ruleSet: RuleSet, rules: readonly Rule[], caller: Caller): Plan => {
  const exceptions = ruleSet.exceptions.filter(
    ({ groups, where }) => shows({ ...where, groups }, caller) && shows(where, caller),
  );
  const here = rules.filter(({ where }) => masks(where, caller));
  const allow = ruleSet.allow.filter(({ where }) => shows(where, caller));
  return new Plan({
    byDetector: byDetector(here, exceptions),
    keys: here.flatMap((rule) =>
      'keys' in rule ? rule.keys.map((key) => ({ matches: nameMatcher(key), rule: refOf(rule, exceptions) })) : [],
    ),
    paths: [
      ...allow.flatMap(({ paths = [] }) => patternsOf(paths, null)),
      ...here.flatMap((rule) => ('paths' in rule ? patternsOf(rule.paths, refOf(rule, exceptions)) : [])),
    ],
    patterns: here.flatMap((rule) =>
      'pattern' in rule ? [{ matcher: RE2JS.compile(rule.pattern), rule: refOf(rule, exceptions) }] : [],
    ),
    allowedKeys: allow.flatMap(({ keys = [] }) => keys.map(nameMatcher)),
    allowedValues: new Set(allow.flatMap(({ values = [] }) => values.map(normalValue))),
    binary: binaryFor(ruleSet, caller),
    entities: entitiesFor(ruleSet, exceptions, caller),
  });
};

/** The first rule for a detector decides: the bank's own stand before those of the packs. */
const byDetector = (rules: readonly Rule[], exceptions: readonly Exception[]): Map<DetectorId, RuleRef> => {
  const found = new Map<DetectorId, RuleRef>();
  for (const rule of rules) {
    if (!('detectors' in rule)) continue;
    for (const detector of rule.detectors) {
      if (found.has(detector)) continue;
      const ref = refOf(rule, exceptions, detector);
      found.set(detector, ref.action === 'partial' && !showsLastFour(detector) ? { ...ref, action: 'redact' } : ref);
    }
  }
  return found;
};

const entitiesFor = ({ comprehend }: RuleSet, exceptions: readonly Exception[], caller: Caller): EntityPlan | null => {
  if (comprehend === null || !masks(comprehend.where, caller)) return null;
  const { entities, action, minScore, maxBytes } = comprehend;
  const ruleOf = (type: EntityType): RuleRef =>
    refOf({ id: entityRuleId(type), version: 1, label: entityLabel(type), action }, exceptions);
  return { minScore, maxBytes, rules: new Map(entities.map((type) => [type, ruleOf(type)])) };
};

const refOf = (
  rule: Pick<Rule, 'id' | 'version' | 'label' | 'action'>,
  exceptions: readonly Exception[],
  detector?: DetectorId,
): RuleRef => ({
  id: rule.id,
  version: rule.version,
  label: rule.label ?? detector ?? labelOf(rule.id),
  action: rule.action,
  shownBy: exceptions.find(({ rules }) => rules.includes(rule.id))?.id ?? null,
});

/** A mask's label in letters alone: the id's last word that has some. */
const labelOf = (id: string): string => {
  const words = id
    .replace(/[0-9_]/g, '')
    .split('.')
    .map((word) => word.replace(/^-+|-+$/g, ''));
  return words.findLast((word) => word !== '')?.slice(0, 32) ?? 'masked';
};

const patternsOf = (paths: readonly string[], rule: RuleRef | null): PlanParts['paths'] =>
  paths.flatMap((path) => {
    const parsed = parsePath(path);
    return parsed.ok ? [{ pattern: parsed.value, rule }] : [];
  });

/** Compares names; `*` stands for any letters. Each star moves on to the first place that fits, so it is linear. */
const nameMatcher = (key: string): ((normal: string) => boolean) => {
  const parts = key.split('*').map(normalName);
  if (parts.length === 1) return (name) => name === parts[0];
  const [first = '', ...rest] = parts;
  const last = rest.pop() ?? '';
  return (name) => {
    if (!name.startsWith(first) || !name.endsWith(last) || name.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of rest) {
      const found = name.indexOf(part, at);
      if (found === -1) return false;
      at = found + part.length;
    }
    return at <= name.length - last.length;
  };
};

const binaryFor = (ruleSet: RuleSet, caller: Caller): BinaryAction =>
  ruleSet.binary.find(({ where, action }) => (action === 'pass' ? shows : masks)(where, caller))?.action ??
  (ruleSet.sensitive.some((where) => masks(where, caller)) ? 'refuse' : 'pass');
