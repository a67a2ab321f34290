// A table of requests and what the policies must say of them: the policy document of a bank, as examples. YAML, read by
// `countersign policy test` and by our own tests. Decisions come from the very code and engine of the gateway.

import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Principal } from '../../lambdas/core/identity/principal.ts';
import type { McpRequest } from '../../lambdas/core/mcp/http.ts';
import { parseMessage } from '../../lambdas/core/mcp/message.ts';
import { describeCall, type PolicyCall } from '../../lambdas/core/policy/call.ts';
import { type Decision, decisionRecord } from '../../lambdas/core/policy/decision.ts';
import type { Policy } from '../../lambdas/core/policy/policy.ts';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import { CliError } from './cli-error.ts';

const token = z.strictObject({
  acr: z.string().optional(),
  amr: z.array(z.string()).optional(),
  scopes: z.array(z.string()).optional(),
  /** Seconds since the sign-in; null when the token does not say. */
  signedInSecondsAgo: z.number().nullable().optional(),
});

const who = token.extend({
  kind: z.enum(['person', 'service']).default('person'),
  groups: z.array(z.string()).default([]),
  client: z.string().optional(),
});

const entry = z.strictObject({
  /** What the case says, as a sentence. */
  it: z.string(),
  who: z.string(),
  server: z.string(),
  /** A method and what it acts on, e.g. `tools/call get_customer`; or `stream` and `terminate`. */
  does: z.string(),
  args: z.unknown().optional(),
  at: z.string().optional(),
  ip: z.string().optional(),
  client: z.string().optional(),
  token: token.optional(),
  approved: z.boolean().default(false),
  expect: z.enum(['permit', 'forbid', 'needs-approval']),
  /** Ids of the determining policies, all of them. */
  by: z.array(z.string()).default([]),
  fault: z.string().optional(),
  /** Of an approval: these facts of the demand, as an entry records them. */
  demand: z.record(z.string(), z.unknown()).optional(),
  /** What the log-only policies would have made of it. */
  trial: z.strictObject({ effect: z.string(), reasons: z.array(z.string()) }).optional(),
  /** Whether lists show it to this principal. */
  shown: z.boolean().optional(),
});

const table = z.strictObject({
  /** When nothing else is said. */
  at: z.string(),
  client: z.string(),
  people: z.record(z.string(), who),
  cases: z.array(entry).min(1),
});

export type PolicyCase = z.infer<typeof entry>;
export type PolicyTable = z.infer<typeof table>;

/** Reads a table; a mistake names its place. */
export const readTable = (file: string, text: string): PolicyTable => {
  let value: unknown;
  try {
    value = parse(text);
  } catch (cause) {
    throw new CliError(`${file}: ${cause instanceof Error ? cause.message : 'not YAML'}`);
  }
  const parsed = table.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map((issue) => `  ${issue.path.join('.') || '(file)'}: ${issue.message}`);
  throw new CliError(`${file} is no table of policy cases:\n${issues.join('\n')}`);
};

const DEFAULT_IP = '192.0.2.1';

/** The call of a case, read by the code that reads the gateway's requests. */
export const callOf = (one: PolicyCase, defaults: PolicyTable, config: GatewayConfig): PolicyCall => {
  const now = Date.parse(one.at ?? defaults.at);
  if (Number.isNaN(now)) throw new CliError(`"${one.it}": ${one.at} is no time such as 2026-11-23T10:00:00Z`);
  const request = requestOf(one, principalOf(one, defaults, config, Math.floor(now / 1000)), now);
  const message = request.httpMethod === 'POST' ? parseMessage(request.body) : undefined;
  if (message?.ok === false) throw new CliError(`"${one.it}" is no request: ${message.error.reason}`);
  return describeCall(request, { era: 'modern', protocolVersion: null }, message?.value ?? null);
};

const HTTP_METHODS: Readonly<Record<string, McpRequest['httpMethod']>> = { stream: 'GET', terminate: 'DELETE' };

const requestOf = (one: PolicyCase, principal: Principal, now: number): McpRequest => {
  const [method = '', ...subject] = one.does.split(' ');
  const params = paramsOf(method, subject.join(' '), one.args);
  return {
    httpMethod: HTTP_METHODS[method] ?? 'POST',
    server: one.server,
    headers: {},
    body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
    principal,
    requestId: 'table',
    run: null,
    sourceIp: one.ip ?? DEFAULT_IP,
    receivedAt: now,
    deadlineAt: now,
  };
};

const principalOf = (
  one: PolicyCase,
  { client, people }: PolicyTable,
  { identity }: GatewayConfig,
  now: number,
): Principal => {
  const person = Object.hasOwn(people, one.who) ? people[one.who] : undefined;
  if (person === undefined) throw new CliError(`"${one.it}": no ${one.who} under people`);
  const { kind, groups } = person;
  const { scopes = [], amr = [], acr = null, signedInSecondsAgo = null } = { ...person, ...one.token };
  return {
    ...{ issuer: identity.issuer, subject: one.who, kind, name: one.who, groups, scopes, acr, amr },
    client: one.client ?? person.client ?? client,
    tokenId: null,
    authTime: signedInSecondsAgo === null ? null : now - signedInSecondsAgo,
    expiresAt: now + 300,
  };
};

const paramsOf = (method: string, subject: string, args: unknown): Record<string, unknown> => {
  const given = args === undefined ? {} : { arguments: args };
  if (subject === '') return given;
  if (method === 'completion/complete') {
    return {
      ref: subject.includes('://') ? { type: 'ref/resource', uri: subject } : { type: 'ref/prompt', name: subject },
    };
  }
  return method.startsWith('resources/') ? { uri: subject, ...given } : { name: subject, ...given };
};

/** What differs from what a case expects; nothing when it holds. */
export const differences = (one: PolicyCase, call: PolicyCall, policy: Policy): readonly string[] => {
  const decision = policy.decide(call, one.approved);
  const shown = one.shown === undefined ? undefined : policy.couldUse(call);
  return [
    ...differs('decision', one.expect, decision.effect),
    ...differs('by', one.by.toSorted(), decision.reasons.toSorted()),
    ...differs('fault', one.fault, decision.fault),
    ...differs('shown', one.shown, shown),
    ...differs('trial', one.trial, decision.trial),
    ...(one.demand === undefined ? [] : demandDiffers(one.demand, decision)),
  ];
};

const demandDiffers = (expected: Readonly<Record<string, unknown>>, decision: Decision): readonly string[] => {
  const demand: Readonly<Record<string, unknown>> = { ...decisionRecord(decision).demand };
  return Object.entries(expected).flatMap(([name, value]) => differs(`demand.${name}`, value, demand[name]));
};

const differs = (what: string, expected: unknown, got: unknown): readonly string[] =>
  isDeepStrictEqual(expected, got) ? [] : [`${what}: expected ${shown(expected)}, got ${shown(got)}`];

const shown = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? 'none'));
