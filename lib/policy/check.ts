// Checks policies against the Cedar schema: those that name arguments once for every tool and prompt they can apply to,
// with that tool's arguments.

import { type ValidationError, validate } from '@cedar-policy/cedar-wasm/nodejs';
import type { ConfigProblem } from '../config-problems.ts';
import { coversAction, coversResource, type Looked } from './analysis.ts';
import type { ReviewedCatalog } from './catalog.ts';
import { cedarSchema, type SchemaArguments } from './cedar-schema.ts';
import { cedarProblem, type PolicySource, problemAt } from './policy-file.ts';

/** A policy with a usable id, and what it looks at. */
export interface Candidate {
  readonly id: string;
  readonly source: PolicySource;
  readonly looked: Looked;
}

/** A tool or prompt with its arguments. */
export interface Target {
  readonly kind: 'Tool' | 'Prompt';
  readonly server: string;
  readonly name: string;
  readonly args: NonNullable<SchemaArguments['tool']>;
}

export const targetsOf = (catalogs: ReadonlyMap<string, ReviewedCatalog | null>): readonly Target[] =>
  [...catalogs].flatMap(([server, catalog]) => [
    ...[...(catalog?.tools ?? [])].map(([name, { args }]) => ({ kind: 'Tool', server, name, args }) as const),
    ...[...(catalog?.prompts ?? [])].map(([name, args]) => ({ kind: 'Prompt', server, name, args }) as const),
  ]);

const namesArguments = ({ looked }: Candidate): boolean => looked.args === null || looked.args.size > 0;

/** Whether a policy can apply to a call of that tool or prompt, going by its scope. */
export const applies = ({ source }: Candidate, { kind, server, name }: Target): boolean =>
  coversAction(source.json, kind === 'Tool' ? 'tools/call' : 'prompts/get') &&
  coversResource(source.json, kind, server, name);

/** Problems of each check, and whether the policy could ever apply in it. */
class Findings {
  readonly #problems = new Map<string, ConfigProblem>();
  readonly #possible = new Set<string>();

  check(schema: SchemaArguments, candidates: readonly Candidate[], where: string): void {
    if (candidates.length === 0) return;
    const byId = new Map(candidates.map((candidate) => [candidate.id, candidate]));
    const staticPolicies = Object.fromEntries(candidates.map(({ id, source }) => [id, source.text]));
    const answer = validate({
      validationSettings: { mode: 'strict' },
      schema: cedarSchema(schema),
      policies: { staticPolicies },
    });
    if (answer.type === 'failure')
      throw new TypeError(`Cedar refuses the schema${where}: ${answer.errors[0]?.message}`);
    for (const error of answer.validationErrors) this.#add(byId, error, where);
    const warnings = answer.validationWarnings.filter((warning) => !isImpossible(warning));
    for (const warning of warnings) this.#add(byId, warning, where);
    const impossible = new Set(answer.validationWarnings.filter(isImpossible).map(({ policyId }) => policyId));
    for (const { id } of candidates) if (!impossible.has(id)) this.#possible.add(id);
  }

  /** One problem per place and message, and one per policy that no check found possible. */
  problems(candidates: readonly Candidate[]): readonly ConfigProblem[] {
    const wrong = [...this.#problems.values()];
    const idle = candidates.filter(({ id }) => !this.#possible.has(id) && !wrong.some(({ path }) => path === id));
    return [...wrong, ...idle.map(({ source }) => problemAt(source, NEVER))];
  }

  #add(byId: ReadonlyMap<string, Candidate>, { policyId, error }: ValidationError, where: string): void {
    const candidate = byId.get(policyId);
    if (candidate === undefined) return;
    const problem = cedarProblem(candidate.source, error, candidate.id);
    const key = `${candidate.id}:${problem.line}:${problem.got}`;
    if (!this.#problems.has(key)) this.#problems.set(key, { ...problem, got: `${problem.got}${where}` });
  }
}

const isImpossible = ({ error }: ValidationError): boolean =>
  /policy is impossible|unable to find an applicable action/.test(error.message);

const NEVER = {
  expected: 'a policy that some request could meet',
  got: 'one that is never met',
  advice: 'Check the names and types in its conditions, and whether its action has such resources',
};

/** All problems of policies against the schema and the reviewed tools. */
export const checkPolicies = (
  candidates: readonly Candidate[],
  targets: readonly Target[],
): readonly ConfigProblem[] => {
  const findings = new Findings();
  const withArguments = candidates.filter(namesArguments);
  for (const target of targets) {
    const applicable = withArguments.filter((candidate) => applies(candidate, target));
    const schema = target.kind === 'Tool' ? { tool: target.args } : { prompt: target.args };
    findings.check(schema, applicable, ` (for ${target.server}/${target.name})`);
  }
  const untargeted = withArguments.filter((candidate) => !targets.some((target) => applies(candidate, target)));
  findings.check({}, [...candidates.filter((candidate) => !namesArguments(candidate)), ...untargeted], '');
  return findings.problems(candidates);
};

/** Arguments that a policy names and none of the tools and prompts it applies to has. */
export const unknownArguments = (candidate: Candidate, targets: readonly Target[]): readonly ConfigProblem[] => {
  const applicable = targets.filter((target) => applies(candidate, target));
  const known = new Set(applicable.flatMap(({ args }) => Object.keys(args)));
  return [...(candidate.looked.args ?? [])]
    .filter((name) => !known.has(name))
    .map((name) => {
      const expected = `an argument of a tool it applies to: ${[...known].join(', ') || '(none has a type in Cedar)'}`;
      const advice = 'Correct the name; docs/policies.md says which arguments have a type';
      return problemAt(candidate.source, { expected, got: `context.args.${name}`, advice }, name);
    });
};
