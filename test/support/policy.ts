// Policies of tests: compiled as `cdk synth` compiles them, decided by the engine that is deployed.

import { loadCedar } from '../../lambdas/adapters/cedar.ts';
import { makePolicy, type Policy } from '../../lambdas/core/policy/policy.ts';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import type { ConfigProblem } from '../../lib/config-problems.ts';
import { type ReviewedCatalog, readCatalog } from '../../lib/policy/catalog.ts';
import { type Compiled, compilePolicies, ENGINE_FILE, type PolicyInput } from '../../lib/policy/compile.ts';

/** Analysts may use `core-banking`, auditors `reports`. */
export const SIMPLE_POLICIES = `
@id("analysts-use-core-banking")
permit (principal in Mcp::Group::"analysts", action, resource in Mcp::Server::"core-banking");
@id("auditors-use-reports")
permit (principal in Mcp::Group::"auditors", action, resource in Mcp::Server::"reports");
`;

const INPUT: Omit<PolicyInput, 'files'> = {
  timeZone: 'Europe/London',
  groups: ['analysts', 'auditors', 'approvers', 'risk', 'reconciliation'],
  services: ['reconciliation-agent'],
  catalogs: new Map([
    ['core-banking', null],
    ['reports', null],
  ]),
};

/** A catalogue of tools by name and input schema. */
export const aCatalog = (tools: Readonly<Record<string, object>>, prompts: readonly object[] = []): ReviewedCatalog => {
  const listed = Object.entries(tools).map(([name, inputSchema]) => ({ name, inputSchema }));
  const catalog = readCatalog(JSON.stringify({ tools: listed, prompts }));
  if (typeof catalog === 'string') throw new Error(catalog);
  return catalog;
};

const compile = (text: string, input: Partial<PolicyInput>) =>
  compilePolicies({ ...INPUT, files: [{ file: 'policies/test.cedar', text }], ...input });

/** Compiled policies; a test that wants to see problems asks for `policyProblems`. */
export const compiledPolicy = (text: string, input: Partial<PolicyInput> = {}): Compiled => {
  const compiled = compile(text, input);
  if ('policy' in compiled) return compiled;
  throw new Error(compiled.map(({ line, got, expected }) => `${line}: ${got}; expected ${expected}`).join('\n'));
};

export const policyProblems = (text: string, input: Partial<PolicyInput> = {}): readonly ConfigProblem[] => {
  const compiled = compile(text, input);
  return 'policy' in compiled ? [] : compiled;
};

/** The decision over a configuration, by the real engine. */
export const policyOf = (config: GatewayConfig): Policy =>
  makePolicy(
    config,
    loadCedar(ENGINE_FILE, '/', config.policy, (message, cause) => {
      throw new Error(message, { cause });
    }),
  );
