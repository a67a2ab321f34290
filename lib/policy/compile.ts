// Policies and reviewed tools, checked together and made into what is deployed. Every problem is listed at once.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { policyToText } from '@cedar-policy/cedar-wasm/nodejs';
import canonicalize from 'canonicalize';
import type { PolicyConfig, PolicyRule, RecordType, ServerCatalog } from '../../lambdas/policy-contract.ts';
import type { ConfigProblem } from '../config-problems.ts';
import { lookAt, serverOf, withoutArguments } from './analysis.ts';
import { type Annotated, readAnnotations } from './annotations.ts';
import type { ReviewedCatalog } from './catalog.ts';
import { applies, type Candidate, checkPolicies, type Target, targetsOf, unknownArguments } from './check.ts';
import { unknownNames } from './names.ts';
import { cutFile, type PolicyFile, type PolicySource, problemAt } from './policy-file.ts';

export interface PolicyInput {
  readonly files: readonly PolicyFile[];
  readonly timeZone: string;
  readonly groups: readonly string[];
  readonly services: readonly string[];
  /** By server; `null` where nothing was reviewed. */
  readonly catalogs: ReadonlyMap<string, ReviewedCatalog | null>;
}

export interface Compiled {
  readonly policy: PolicyConfig;
  readonly catalogs: ReadonlyMap<string, ServerCatalog | null>;
}

/** The Cedar engine: the very file that runs in the mcp function. */
export const ENGINE_FILE = fileURLToPath(
  new URL('cedar_wasm_bg.wasm', import.meta.resolve('@cedar-policy/cedar-wasm/web')),
);

const sha256 = (bytes: string | Uint8Array): string => `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

interface Read extends Candidate {
  readonly annotated: Annotated;
}

/** Compiles everything, or lists everything that is wrong. */
export const compilePolicies = (input: PolicyInput): Compiled | readonly ConfigProblem[] => {
  const cut = input.files.map(cutFile);
  const sources = cut.flatMap(({ policies }) => policies);
  const annotations = sources.map((source) => ({ source, read: readAnnotations(source, input.groups) }));
  const read = annotations.map(
    ({ source, read: { value } }): Read => ({ id: value.id, source, looked: lookAt(source.json), annotated: value }),
  );
  const named = read.filter(({ id }) => id !== '');
  const targets = targetsOf(input.catalogs);
  const problems = [
    ...cut.flatMap((file) => file.problems),
    ...annotations.flatMap(({ read: { problems: found } }) => found),
    ...duplicates(named),
    ...named.flatMap(approvalProblems),
    ...named.flatMap(({ source, looked }) => unknownNames(source, looked, input)),
    ...named.flatMap((candidate) => unknownArguments(candidate, targets)),
  ];
  const found = problems.length > 0 ? problems : checkPolicies(named, targets);
  return found.length > 0 ? found : compiled(named, targets, input);
};

const duplicates = (read: readonly Read[]): readonly ConfigProblem[] => {
  const first = new Map<string, PolicySource>();
  return read.flatMap(({ id, source }) => {
    const earlier = first.get(id);
    if (earlier === undefined) {
      first.set(id, source);
      return [];
    }
    const advice = `Rename one; the other is in ${earlier.file.file}`;
    return [problemAt(source, { expected: 'each @id once', got: `@id("${id}") again`, advice }, '@id')];
  });
};

/** An approval lifts exactly the forbids that say so, and permits nothing by itself. */
const approvalProblems = ({ source, looked, annotated: { approval } }: Read): readonly ConfigProblem[] => {
  const asks = looked.context === null || looked.context.has('approved');
  if (asks === (approval !== null)) return [];
  const words = asks
    ? { expected: 'context.approved in a forbid with @approval only', got: 'context.approved without @approval' }
    : { expected: 'unless { context.approved } in a forbid with @approval', got: 'a forbid that no approval lifts' };
  return [problemAt(source, { ...words, advice: 'See "Approval" in docs/policies.md' })];
};

const compiled = (read: readonly Read[], targets: readonly Target[], input: PolicyInput): Compiled => {
  const engine = sha256(readFileSync(ENGINE_FILE));
  const { timeZone } = input;
  const rules = read.map(ruleOf).toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const texts = rules.map(({ id, text }) => ({ id, text }));
  const checked = { engine, timeZone, policies: texts, targets, hints: hintsOf(input) };
  return {
    policy: { digest: sha256(canonicalize(checked) ?? ''), engine, timeZone, named: namedBy(read), rules },
    catalogs: new Map([...input.catalogs].map(([server, catalog]) => [server, deployedCatalog(server, catalog, read)])),
  };
};

const hintsOf = ({ catalogs }: PolicyInput) =>
  [...catalogs].map(([server, catalog]) => ({
    server,
    tools: [...(catalog?.tools ?? [])].map(([name, { hints }]) => ({ name, ...hints })),
  }));

const ruleOf = ({ id, source, annotated }: Read): PolicyRule => {
  const line = problemAt(source, { expected: '', got: '', advice: '' }).line;
  const { mode, approval, advice } = annotated;
  const { effect } = source.json;
  const server = serverOf(source.json);
  return {
    id,
    effect,
    server,
    mode,
    file: source.file.file,
    line,
    text: source.text,
    shown: shownOf(source),
    approval,
    advice,
  };
};

const shownOf = (source: PolicySource): string | null => {
  const shown = withoutArguments(source.json);
  if (shown === null || shown === source.json) return shown === null ? null : source.text;
  const text = policyToText(shown);
  if (text.type === 'failure') throw new TypeError(`Cedar cannot write ${source.text}: ${text.errors[0]?.message}`);
  return text.text;
};

/** Attributes of the context that must be handed to the engine. */
const namedBy = (read: readonly Read[]): readonly string[] | null => {
  const names = new Set<string>();
  for (const { looked } of read) {
    if (looked.context === null) return null;
    for (const name of looked.context) names.add(name);
  }
  return [...names].toSorted();
};

const deployedCatalog = (
  server: string,
  catalog: ReviewedCatalog | null,
  read: readonly Read[],
): ServerCatalog | null => {
  if (catalog === null) return null;
  const visible = (kind: Target['kind'], name: string, args: RecordType) => {
    const applicable = read.filter((candidate) => applies(candidate, { kind, server, name, args }));
    const enforced = applicable.filter(({ annotated }) => annotated.mode === 'enforce');
    return { args: visibleArguments(args, enforced), trialArgs: visibleArguments(args, applicable) };
  };
  return {
    tools: Object.fromEntries(
      [...catalog.tools].map(([name, { hints, definition, args, outputSchema }]) => [
        name,
        { ...hints, definition, ...visible('Tool', name, args), ...(outputSchema === null ? {} : { outputSchema }) },
      ]),
    ),
    prompts: Object.fromEntries([...catalog.prompts].map(([name, args]) => [name, visible('Prompt', name, args)])),
  };
};

/** Arguments that some applicable policy names. The others cannot matter, so they need not fit their types. */
const visibleArguments = (args: RecordType, applicable: readonly Read[]): RecordType => {
  if (applicable.some(({ looked }) => looked.args === null)) return args;
  const names = new Set(applicable.flatMap(({ looked }) => [...(looked.args ?? [])]));
  return Object.fromEntries(Object.entries(args).filter(([name]) => names.has(name)));
};
