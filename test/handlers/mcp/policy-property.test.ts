// No request is forwarded unless Cedar permits it. Random principals, policies and requests go through the whole column;
// what may pass is worked out a second time, by a model that knows nothing of Cedar.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aConfig, aMessage, aPrincipal, aServer } from '../../support/builders.ts';
import { NOBODY_DECIDES } from '../../support/no-approvals.ts';
import { aCatalog, compiledPolicy } from '../../support/policy.ts';
import { bytesOf, gatewayWith, json, type UnderTest } from './gateway-under-test.ts';

const GROUPS = ['analysts', 'auditors', 'risk'] as const;
const TOOLS = ['look', 'pay', 'unlisted'] as const;
const CATALOG = aCatalog({
  look: { type: 'object', properties: {} },
  pay: { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] },
});

interface Rule {
  readonly effect: 'permit' | 'forbid';
  readonly group: (typeof GROUPS)[number] | null;
  readonly tool: 'look' | 'pay' | null;
  /** Only calls of `pay` above this amount. */
  readonly above: number | null;
  readonly held: boolean;
  readonly trial: boolean;
}

interface Sent {
  readonly groups: readonly string[];
  readonly tool: (typeof TOOLS)[number];
  readonly amount: unknown;
}

const rule: fc.Arbitrary<Rule> = fc
  .record({
    effect: fc.constantFrom('permit' as const, 'permit' as const, 'forbid' as const),
    group: fc.option(fc.constantFrom(...GROUPS)),
    tool: fc.option(fc.constantFrom('look' as const, 'pay' as const)),
    above: fc.option(fc.integer({ min: 0, max: 20 })),
    held: fc.boolean(),
    trial: fc.integer({ min: 0, max: 4 }).map((value) => value === 0),
  })
  .map((one) => ({
    ...one,
    above: one.tool === 'pay' ? one.above : null,
    held: one.held && one.effect === 'forbid',
  }));

const sent: fc.Arbitrary<Sent> = fc.record({
  groups: fc.subarray([...GROUPS]),
  tool: fc.constantFrom(...TOOLS),
  amount: fc.oneof(
    { weight: 6, arbitrary: fc.integer({ min: -2, max: 25 }) },
    { weight: 1, arbitrary: fc.constantFrom('5', 5.5, null, undefined, [5], { amount: 5 }, 2 ** 60, true) },
  ),
});

const textOf = ({ effect, group, tool, above, held, trial }: Rule, index: number): string => {
  const annotations = `@id("r${index}") ${held ? '@approval("risk")' : ''} ${trial ? '@mode("log-only")' : ''}`;
  const who = group === null ? 'principal' : `principal in Mcp::Group::"${group}"`;
  const what =
    tool === null ? 'resource in Mcp::Server::"core-banking"' : `resource == Mcp::Tool::"core-banking/${tool}"`;
  const when = above === null ? '' : `when { context.args.amount > ${above} }`;
  const unless = held ? 'unless { context.approved }' : '';
  return `${annotations} ${effect} (${who}, action == Mcp::Action::"tools/call", ${what}) ${when} ${unless};`;
};

type Expected = 'forwarded' | 'access_denied' | 'arguments_refused' | 'held';

const model = (rules: readonly Rule[], { groups, tool, amount }: Sent): Expected => {
  const inForce = rules.filter(({ trial }) => !trial);
  if (tool === 'unlisted') return 'access_denied';
  const covering = inForce.filter(
    (one) => (one.group === null || groups.includes(one.group)) && (one.tool === null || one.tool === tool),
  );
  const usable =
    covering.some(({ effect }) => effect === 'permit') &&
    !covering.some(({ effect, above, held }) => effect === 'forbid' && above === null && !held);
  const isNamed = tool === 'pay' && inForce.some(({ above }) => above !== null);
  if (isNamed && !Number.isSafeInteger(amount)) return usable ? 'arguments_refused' : 'access_denied';
  const applying = covering.filter(({ above }) => above === null || (amount as number) > above);
  const forbids = applying.filter(({ effect }) => effect === 'forbid');
  if (!applying.some(({ effect }) => effect === 'permit')) return 'access_denied';
  if (forbids.length === 0) return 'forwarded';
  return forbids.every(({ held }) => held) ? 'held' : 'access_denied';
};

const gatewayOf = (rules: readonly Rule[]): UnderTest => {
  const { policy, catalogs } = compiledPolicy(rules.map(textOf).join('\n'), {
    catalogs: new Map([['core-banking', CATALOG]]),
  });
  const servers = { 'core-banking': aServer({ catalog: catalogs.get('core-banking') ?? null }) };
  const config = aConfig({ policy, servers });
  const approvals = { ...config.approvals, holdSeconds: 0 };
  const answer = json({ jsonrpc: '2.0', id: 1, result: { content: [] } });
  return gatewayWith([answer], {}, { ...config, approvals }, NOBODY_DECIDES);
};

/** Sends one request; returns what it left behind. */
const send = async (gateway: UnderTest, { groups, tool, amount }: Sent) => {
  const before = { entries: gateway.entries.length, sent: gateway.sent.length };
  const args = amount === undefined ? {} : { amount };
  const body = aMessage('tools/call', { name: tool, arguments: args });
  const reply = await gateway.ask({ principal: aPrincipal({ groups }), body });
  await bytesOf(reply);
  const entries = gateway.entries.slice(before.entries);
  return {
    status: reply.statusCode,
    // The gateway itself asks the server what a tool is before people are asked.
    forwarded: gateway.sent.slice(before.sent).filter((one) => one.body?.includes('"tools/call"')).length,
    denied: entries.find((entry) => entry.type === 'call.denied'),
    intent: entries.find((entry) => entry.type === 'call.intent'),
  };
};

describe('whatever the policies', { timeout: 120_000 }, () => {
  it('a request is forwarded if and only if they permit it, and the record says how it was decided', async () => {
    const seen = new Set<Expected>();
    const requests = fc.array(sent, { minLength: 12, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(fc.array(rule, { minLength: 1, maxLength: 6 }), requests, async (rules, all) => {
        const gateway = gatewayOf(rules);
        for (const one of all) {
          const expected = model(rules, one);
          seen.add(expected);
          const { status, forwarded, denied, intent } = await send(gateway, one);
          expect(forwarded).toBe(expected === 'forwarded' ? 1 : 0);
          if (expected === 'held') {
            expect(intent?.decision.effect).toBe('needs-approval');
            expect(gateway.outcomes().at(-1)?.status).toBe('held');
          } else if (expected === 'forwarded') {
            expect(status).toBe(200);
            expect(intent?.decision.effect).toBe('permit');
            expect(denied).toBeUndefined();
          } else {
            expect(denied?.denial['reason']).toBe(expected);
            expect(denied?.decision?.effect).toBe('forbid');
            expect(intent).toBeUndefined();
          }
        }
      }),
      { numRuns: 40 },
    );
    expect([...seen].sort()).toEqual(['access_denied', 'arguments_refused', 'forwarded', 'held']);
  });
});
