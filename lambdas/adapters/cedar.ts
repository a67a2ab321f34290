// The Cedar engine: WebAssembly, loaded once, with the policies parsed once. The file must be the one that checked the
// policies at synth: another engine could read the same text in another way.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  type AuthorizationAnswer,
  initSync,
  preparsePolicySet,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/web';
import type { CedarRequest } from '../core/policy/cedar-request.ts';
import type { Evaluate, Evaluation, RuleSet } from '../core/policy/policy.ts';
import type { PolicyConfig, PolicyRule } from '../policy-contract.ts';

export class PolicyEngineError extends Error {
  readonly code: 'ENGINE_DIGEST_MISMATCH' | 'POLICIES_UNREADABLE';

  constructor(code: PolicyEngineError['code'], message: string) {
    super(message);
    this.code = code;
  }
}

/** Tells of an evaluation that the engine could not make. */
type Report = (message: string, cause: unknown) => void;

/** Sets of one process: the engine keeps parsed policies by name, for all who load it. */
let loaded = 0;

/** Loads the engine from `file` (relative to `root`) and hands it the policies; throws when either is not what was checked. */
export const loadCedar = (file: string, root: string, policy: PolicyConfig, report: Report): Evaluate => {
  const bytes = readFileSync(resolve(root, file));
  const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
  if (digest !== policy.engine) {
    const message = `Policy engine ${file} has digest ${digest}, the policies were checked with ${policy.engine}; deploy again`;
    throw new PolicyEngineError('ENGINE_DIGEST_MISMATCH', message);
  }
  initSync({ module: bytes });
  loaded += 1;
  const parsed = new ParsedPolicies(policy.rules, `policies ${loaded}`);
  return (set, request) => {
    try {
      return readAnswer(ask(parsed.find(set, request.server), request));
    } catch (cause) {
      report(`Cedar could not decide on ${request.action.id}`, cause);
      return undefined;
    }
  };
};

/** Texts of a set, by id. */
const SETS: Readonly<Record<RuleSet, (rule: PolicyRule) => string | null>> = {
  enforced: ({ mode, text }) => (mode === 'enforce' ? text : null),
  trial: ({ text }) => text,
  shown: ({ mode, shown }) => (mode === 'enforce' ? shown : null),
};

/**
 * Every set once for each server that policies are bound to, without those bound to others: what cannot apply costs as
 * much to ask as what can, and a bank has policies for many servers.
 */
class ParsedPolicies {
  readonly #name: string;
  readonly #servers: ReadonlySet<string>;

  constructor(rules: readonly PolicyRule[], name: string) {
    this.#name = name;
    this.#servers = new Set(rules.flatMap(({ server }) => (server === null ? [] : [server])));
    for (const server of [...this.#servers, '']) {
      const bound = rules.filter((rule) => rule.server === null || rule.server === server);
      for (const [set, textOf] of Object.entries(SETS)) this.#parse(set, server, bound, textOf);
    }
  }

  /** The name under which the engine keeps a set. */
  find(set: string, server: string): string {
    return `${this.#name}, ${set}, ${this.#servers.has(server) ? server : ''}`;
  }

  #parse(set: string, server: string, rules: readonly PolicyRule[], textOf: (rule: PolicyRule) => string | null): void {
    const texts = rules.map((rule) => [rule.id, textOf(rule)] as const).filter(([, text]) => text !== null);
    const staticPolicies = Object.fromEntries(texts) as Record<string, string>;
    const parsed = preparsePolicySet(this.find(set, server), { staticPolicies });
    if (parsed.type === 'success') return;
    const message = `Cedar cannot read the deployed policies (${set}): ${parsed.errors[0]?.message}; deploy again`;
    throw new PolicyEngineError('POLICIES_UNREADABLE', message);
  }
}

type Call = Parameters<typeof statefulIsAuthorized>[0];

const ask = (set: string, { server: _, ...request }: CedarRequest): AuthorizationAnswer =>
  // The types of core/ are read-only views of the same shapes. Requests are typed by core/policy, so the engine need
  // not check them against a schema again, which takes twice the time of the decision.
  statefulIsAuthorized({ ...(request as unknown as Call), preparsedPolicySetId: set, validateRequest: false });

/** Sorted, since Cedar names policies in no order. */
const readAnswer = (answer: AuthorizationAnswer): Evaluation => {
  if (answer.type === 'failure') throw new TypeError(answer.errors.map(({ message }) => message).join('; '));
  const { decision, diagnostics } = answer.response;
  return {
    allowed: decision === 'allow',
    reasons: diagnostics.reason.toSorted(),
    errors: diagnostics.errors.map(({ policyId }) => policyId).toSorted(),
  };
};
