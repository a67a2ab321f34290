// Evidence before effect, tried by breaking the ledger: before the call nothing goes out, after it nothing comes back,
// and whatever happened stays visible. Also: the process dies at every step of a call.

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { timelineOf } from '../../lambdas/core/sessions/timeline.ts';
import { stackEnvironment } from '../../local/stack.ts';
import type { AwsOperation } from '../support/aws-proxy.ts';
import { type KillableGateway, makeKillableGateway } from '../support/killable-gateway.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize, request } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let gateway: KillableGateway;
let stack: TestStack;
let ledger: Ledger;
let token: string;
let url: string;

beforeAll(async () => {
  gateway = makeKillableGateway();
  stack = await startTestStack({ startGateway: gateway.start });
  Object.assign(process.env, stackEnvironment(stack));
  ledger = openLedger(stack.resources, stack.config.log.origin);
  url = stack.url('core-banking');
  token = await stack.idp.mint({ resource: url, expiresIn: 3600, claims: { scope: 'mcp', client_id: 'ide' } });
});
afterAll(() => stack.close());
afterEach(() => {
  gateway.proxy().before = () => undefined;
  gateway.proxy().after = () => undefined;
});

const open = async () => {
  const answer = await call(url, { token, body: initialize() });
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
};
const look = (headers: Record<string, string>) =>
  call(url, {
    token,
    headers,
    body: request('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }, 5),
  });

const writes = (type: Entry['type']) => (operation: AwsOperation) =>
  operation.name.startsWith('DynamoDB.') && operation.body.includes(`\\"type\\":\\"${type}\\"`);
const counts = (operation: AwsOperation) => operation.name === 'DynamoDB.UpdateItem';

const timeline = async (sid: string) => {
  const entries = (await ledger.ofSession(sid)).map(({ entry }) => entry);
  const { Item } = await stackItem(sid);
  return timelineOf(entries, Number(Item?.['seq']?.N ?? 0));
};
const stackItem = async (sid: string) => {
  const { DynamoDBClient, GetItemCommand } = await import('@aws-sdk/client-dynamodb');
  const key = { pk: { S: `session#${sid}` } };
  return new DynamoDBClient().send(new GetItemCommand({ TableName: stack.resources.sessionsTable, Key: key }));
};
const kinds = async (sid: string) => (await timeline(sid)).rows.map((row) => row.kind);

describe('a ledger that fails', () => {
  it('before the call: the upstream hears nothing, the client is told to try again', async () => {
    const headers = await open();
    const before = stack.bank.calls().length;
    gateway.proxy().before = (operation) => (writes('call.intent')(operation) ? 'fail-before' : undefined);
    const answer = await look(headers);
    expect([answer.status, answer.message?.error?.code, answer.message?.id]).toEqual([503, -31503, 5]);
    expect(stack.bank.calls()).toHaveLength(before);
    expect(await kinds(headers['mcp-session-id'])).toEqual(['complete', 'missing']);
  });

  it('before the call, though the intent was written: still no call goes out', async () => {
    const headers = await open();
    const before = stack.bank.calls().length;
    // The first attempt persists and its answer is lost; every retry fails outright.
    let attempts = 0;
    gateway.proxy().before = (operation) => {
      if (!writes('call.intent')(operation)) return undefined;
      attempts += 1;
      return attempts === 1 ? 'fail-after' : 'fail-before';
    };
    const answer = await look(headers);
    expect(answer.status).toBe(503);
    expect(stack.bank.calls()).toHaveLength(before);
    expect(await kinds(headers['mcp-session-id'])).toEqual(['complete', 'unknown']);
  });

  it('once, and the write stood: the retry meets its own entry and the call goes on', async () => {
    const headers = await open();
    let attempts = 0;
    gateway.proxy().before = (operation) => {
      if (!writes('call.intent')(operation)) return undefined;
      attempts += 1;
      return attempts === 1 ? 'fail-after' : undefined;
    };
    const answer = await look(headers);
    expect(answer.message?.result).toBeDefined();
    expect(attempts).toBe(2);
    expect(await kinds(headers['mcp-session-id'])).toEqual(['complete', 'complete']);
  });

  it('after the call: the answer is withheld and the outcome shows as unknown', async () => {
    const headers = await open();
    const before = stack.bank.calls().length;
    gateway.proxy().before = (operation) => (writes('call.outcome')(operation) ? 'fail-before' : undefined);
    const answer = await look(headers);
    expect(answer.message?.error?.code).toBe(-31504);
    expect(answer.text).not.toContain('CUS-0001');
    expect(stack.bank.calls()).toHaveLength(before + 1);
    expect(await kinds(headers['mcp-session-id'])).toEqual(['complete', 'unknown']);
  });

  it('in KMS: nothing can be sealed, so nothing is called', async () => {
    const before = stack.bank.requests().length;
    gateway.proxy().before = (operation) => (operation.name === 'KMS.GenerateDataKey' ? 'fail-before' : undefined);
    const answer = await call(url, { token, body: initialize() });
    expect([answer.status, answer.message?.error?.code]).toEqual([503, -31503]);
    expect(stack.bank.requests()).toHaveLength(before);
  });

  it('in S3, for a body that belongs there: nothing is called', async () => {
    const headers = await open();
    const before = stack.bank.calls().length;
    gateway.proxy().before = (operation) => (operation.name === 'S3.PUT' ? 'fail-before' : undefined);
    const big = request('tools/call', { name: 'search_customers', arguments: { text: 'x'.repeat(100_000) } });
    const answer = await call(url, { token, headers, body: big });
    expect(answer.status).toBe(503);
    expect(stack.bank.calls()).toHaveLength(before);
  });

  it('for a refused token: the refusal stands, as 503, since it could not be recorded', async () => {
    gateway.proxy().before = (operation) => (writes('auth.denied')(operation) ? 'fail-before' : undefined);
    const answer = await call(url, { body: request('ping') });
    expect([answer.status, answer.message?.error?.code]).toEqual([503, -31503]);
  });
});

describe('a gateway that is killed', () => {
  type Step = readonly [
    step: string,
    when: 'before' | 'after',
    match: (operation: AwsOperation) => boolean,
    rows: readonly string[],
    upstreamCalls: number,
  ];
  const steps: readonly Step[] = [
    ['before the exchange is counted', 'before', counts, ['complete'], 0],
    ['after the exchange is counted', 'after', counts, ['complete', 'missing'], 0],
    ['before the intent is written', 'before', writes('call.intent'), ['complete', 'missing'], 0],
    ['after the intent is written', 'after', writes('call.intent'), ['complete', 'unknown'], 0],
    ['before the outcome is written', 'before', writes('call.outcome'), ['complete', 'unknown'], 1],
    ['after the outcome is written', 'after', writes('call.outcome'), ['complete', 'complete'], 1],
  ];
  it.each(steps)('%s leaves a record that says what is known', async (_step, when, match, rows, upstreamCalls) => {
    const headers = await open();
    const before = stack.bank.calls().length;
    const kill = async (operation: AwsOperation) => {
      if (!match(operation)) return undefined;
      await gateway.kill();
      return 'fail-before' as const;
    };
    if (when === 'before') gateway.proxy().before = kill;
    else gateway.proxy().after = async (operation) => void (await kill(operation));
    await expect(look(headers)).rejects.toThrow();
    gateway.proxy().before = () => undefined;
    gateway.proxy().after = () => undefined;
    expect(await kinds(headers['mcp-session-id'])).toEqual(rows);
    expect(stack.bank.calls().length - before).toBe(upstreamCalls);
    await gateway.restart();
    // The session goes on in the new process, under the next number.
    expect((await look(headers)).message?.result).toBeDefined();
    expect((await kinds(headers['mcp-session-id'])).at(-1)).toBe('complete');
  });

  it('in the middle of a stream leaves the segments that were handed on', async () => {
    const headers = await open();
    gateway.proxy().after = async (operation) => {
      if (writes('stream.segment')(operation)) await gateway.kill();
    };
    const report = request('tools/call', {
      name: 'run_report',
      arguments: { seconds: 8 },
      _meta: { progressToken: 1 },
    });
    await expect(call(url, { token, headers, body: report })).rejects.toThrow();
    gateway.proxy().after = () => undefined;
    const { rows } = await timeline(headers['mcp-session-id']);
    const last = rows.at(-1);
    expect(last).toMatchObject({ kind: 'unknown', segments: [{ part: '1' }] });
    await gateway.restart();
  });

  it('logged no token, no credential and no body on the way', () => {
    const output = gateway.output();
    const upstreamSecret = stack.bank.requests()[0]?.headers['authorization']?.slice(7) ?? '';
    expect(output).toContain('ended without a recorded outcome');
    for (const secret of [token, token.split('.')[2]!, upstreamSecret, 'CUS-0001'])
      expect(output).not.toContain(secret);
  });
});
