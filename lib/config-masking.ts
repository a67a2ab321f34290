// What a bank writes about masking. The rules are compiled here by the code that compiles them when the gateway starts, so
// that a pattern which is not linear, or a rule that says two things, is found at synth.
import { z } from 'zod';
import { compile } from '../lambdas/core/masking/compile.ts';
import { ENTITY_TYPES, entityRuleId } from '../lambdas/core/masking/comprehend/entity-types.ts';
import { DETECTOR_IDS } from '../lambdas/core/masking/detectors/catalog.ts';
import { PACKS } from '../lambdas/core/masking/packs.ts';
import { ACTIONS, BINARY_ACTIONS, ENTITY_ACTIONS, PACK_NAMES, type Rule } from '../lambdas/core/masking/rules.ts';
import type { MaskingConfig } from '../lambdas/gateway-config.ts';
import { count, list, mapping, name, oneOf, orNull, secretName, share, text } from './config-fields.ts';
import { says } from './config-problems.ts';
import { isMapping } from './config-yaml.ts';

const names = (what: string) => list(name(what), 1);

const where = mapping({
  servers: names('a server').optional(),
  tools: names('a tool').optional(),
  groups: names('a group').optional(),
});

const id = text('an id', 'Use a-z, 0-9, dots and hyphens; it stands in every entry', (value) =>
  /^[a-z0-9][a-z0-9._-]{0,63}$/.test(value),
);

const ONE_WAY = says(
  'exactly one of keys, paths, detectors and pattern',
  'Say in one way what the rule masks; write two rules for two ways',
);

const rule = mapping({
  id,
  version: count('versions', 1, 1_000_000),
  where: where.optional(),
  action: oneOf(ACTIONS),
  label: name('a label').optional(),
  keys: names('the name of a field').optional(),
  paths: names('a path such as $.structuredContent.rows[*].ssn').optional(),
  detectors: list(oneOf(DETECTOR_IDS), 1).optional(),
  pattern: name('a pattern in RE2 syntax').optional(),
}).transform((given, context): Rule => {
  const { keys, paths, detectors, pattern, ...named } = given;
  const ways: readonly Rule[] = [
    ...(keys === undefined ? [] : [{ ...named, keys }]),
    ...(paths === undefined ? [] : [{ ...named, paths }]),
    ...(detectors === undefined ? [] : [{ ...named, detectors }]),
    ...(pattern === undefined ? [] : [{ ...named, pattern }]),
  ];
  const [only] = ways;
  if (only !== undefined && ways.length === 1) return only;
  context.addIssue({ code: 'custom', message: ONE_WAY });
  return z.NEVER;
});

const allowance = mapping({
  id,
  where: where.optional(),
  keys: names('the name of a field').optional(),
  paths: names('a path').optional(),
  values: names('a value').optional(),
});

const exception = mapping({ id, groups: names('a group'), rules: names('the id of a rule'), where: where.optional() });

const limits = mapping({
  // A stream of ours holds one event, and a buffered answer is one message.
  maxBytes: count('bytes', 1024, 100 * 1024 * 1024).default(16 * 1024 * 1024),
  milliseconds: count('milliseconds', 10, 60_000).default(5000),
  holdMilliseconds: count('milliseconds', 0, 5000).default(250),
});

const tokens = mapping({ secret: secretName, scope: oneOf(['gateway', 'server', 'session']) });

const comprehend = mapping({
  language: oneOf(['en', 'es']),
  entities: list(oneOf(ENTITY_TYPES), 1),
  action: oneOf(ENTITY_ACTIONS).default('redact'),
  minScore: share.default(0.5),
  where: where.optional(),
  // A request takes 100 KB; this many of them are as many as one message is worth.
  maxBytes: count('bytes', 1000, 1_000_000).default(100_000),
});

export const masking: z.ZodType<MaskingConfig> = mapping({
  packs: list(oneOf(PACK_NAMES)),
  rules: list(rule).default([]),
  allow: list(allowance).default([]),
  exceptions: list(exception).default([]),
  binary: list(mapping({ where, action: oneOf(BINARY_ACTIONS) })).default([]),
  sensitive: list(where).default([]),
  comprehend: orNull(comprehend).default(null),
  limits: limits.prefault({}),
  recorded: oneOf(['values', 'outline']).default('values'),
  tokens: orNull(tokens).default(null),
}).superRefine((given, context) => {
  const refuse = (path: readonly PropertyKey[], expected: string, advice: string, input: unknown) =>
    context.addIssue({ code: 'custom', path: [...path], input, message: says(expected, advice) });
  const compiled = compile(given, PACKS);
  for (const { rule: named, problem } of compiled.ok ? [] : compiled.error) {
    const [part, index] = placeOf(given, named);
    refuse([part, index], 'a rule that can be applied', problem, named);
  }
  const known = new Set([
    ...[...given.rules, ...given.packs.flatMap((pack) => PACKS[pack])].map((each) => each.id),
    ...(given.comprehend?.entities ?? []).map(entityRuleId),
  ]);
  given.exceptions.forEach((each, index) => {
    const strange = each.rules.find((each) => !known.has(each));
    if (strange !== undefined)
      refuse(
        ['exceptions', index, 'rules'],
        'ids of rules in force',
        'Name a rule of this file or of a pack, or comprehend.NAME',
        strange,
      );
  });
  const makesTokens = [...given.rules, given.comprehend].some((each) => each?.action === 'tokenise');
  if (makesTokens && given.tokens === null)
    refuse(['tokens'], 'a secret to make tokens with', 'Name it: a rule has action tokenise', given.tokens);
});

const placeOf = (given: Pick<MaskingConfig, 'rules' | 'allow' | 'exceptions'>, named: string): [string, number] => {
  for (const part of ['rules', 'allow', 'exceptions'] as const) {
    const index = given[part].findLastIndex(({ id: own }) => own === named);
    if (index !== -1) return [part, index];
  }
  return ['rules', 0];
};

/** Whoever masks for a server that is not there masks nothing, and would not notice. */
export const strangeServers = (input: unknown): readonly { path: readonly PropertyKey[]; input: unknown }[] => {
  const file = isMapping(input) ? input : {};
  const servers = isMapping(file['servers']) ? Object.keys(file['servers']) : [];
  const found: { path: readonly PropertyKey[]; input: unknown }[] = [];
  const visit = (value: unknown, path: readonly PropertyKey[]): void => {
    if (Array.isArray(value)) value.forEach((item, index) => void visit(item, [...path, index]));
    else if (isMapping(value)) for (const [key, item] of Object.entries(value)) visit(item, [...path, key]);
    else if (path.at(-2) === 'servers' && !servers.includes(String(value))) found.push({ path, input: value });
  };
  visit(file['masking'], ['masking']);
  return found;
};
