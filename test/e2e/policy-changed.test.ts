// Another configuration comes into force: one entry says so, before any call under it goes out.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyChange } from '../../lambdas/core/ledger/entry.ts';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import { configDigest } from '../../lib/config.ts';
import { stackEnvironment } from '../../local/stack.ts';
import { type KillableGateway, makeKillableGateway } from '../support/killable-gateway.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let gateway: KillableGateway;
let stack: TestStack;
let ledger: Ledger;
let token: string;

beforeAll(async () => {
  gateway = makeKillableGateway();
  stack = await startTestStack({ startGateway: gateway.start });
  Object.assign(process.env, stackEnvironment(stack));
  ledger = openLedger(stack.resources, stack.config.log.origin);
  const resource = stack.url('core-banking');
  token = await stack.idp.mint({ resource, expiresIn: 3600, claims: { scope: 'mcp', client_id: 'ide' } });
});
afterAll(() => stack.close());
afterEach(() => {
  gateway.proxy().before = () => undefined;
});

const customer = { name: 'get_customer', arguments: { customerId: 'CUS-0001' } };
const ask = () => call(stack.url('core-banking'), { token, ...modern('tools/call', customer) });
const withMinutes = (idle: number): GatewayConfig => ({
  ...stack.config,
  sessions: { ...stack.config.sessions, idleSeconds: idle * 60 },
});
const entries = async () => (await ledger.all()).map(({ entry }) => entry);
const changes = async () => (await entries()).filter((entry): entry is PolicyChange => entry.type === 'policy.changed');

describe('the configuration in force', () => {
  it('is on record before the first call under it, and said once', async () => {
    await Promise.all([ask(), ask(), ask()]);
    const digest = configDigest(stack.config);
    expect(await changes()).toMatchObject([{ previous: null, current: digest, config: digest, gw: { fn: 'mcp' } }]);
    // The sealer begins the log by itself.
    expect((await entries()).find(({ gw }) => gw.fn === 'mcp')?.type).toBe('policy.changed');
    await gateway.restart();
    await ask();
    expect(await changes()).toHaveLength(1);
  });

  it('changes with the configuration, naming what was in force until then', async () => {
    await gateway.restart(withMinutes(7));
    expect((await ask()).status).toBe(200);
    const [first, second, ...more] = await changes();
    expect(more).toEqual([]);
    expect(second).toMatchObject({ previous: first?.current, current: configDigest(withMinutes(7)) });
    const after = (await entries()).filter((entry) => entry.config === second?.current);
    expect(after[0]?.type).toBe('policy.changed');
  });

  it('that cannot be recorded forwards nothing, and is tried again', async () => {
    await gateway.restart(withMinutes(8));
    const before = stack.bank.requests().length;
    gateway.proxy().before = ({ body }) => (body.includes('policy.changed') ? 'fail-before' : undefined);
    const answer = await ask();
    expect([answer.status, answer.message?.error?.code, answer.message?.id]).toEqual([503, -31503, 1]);
    expect(stack.bank.requests()).toHaveLength(before);
    gateway.proxy().before = () => undefined;
    expect((await ask()).status).toBe(200);
    expect(await changes()).toHaveLength(3);
  });

  it('is read once per process, not per call', async () => {
    await ask();
    gateway.proxy().operations.length = 0;
    await ask();
    const table = gateway.proxy().operations.filter((operation) => operation.startsWith('DynamoDB.')); // access-log lines come when they come
    expect(table).toEqual(['DynamoDB.UpdateItem', 'DynamoDB.PutItem', 'DynamoDB.PutItem']);
  });
});
