// Strict calls, tried by breaking KMS, S3 and the sealer, and by killing the gateway: nothing reaches the bank unless its
// signed intent lies locked, and what happened stands in the ledger.

import { DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { LEDGER } from '../../lambdas/contract.ts';
import { timelineOf } from '../../lambdas/core/sessions/timeline.ts';
import type { LocalSealer } from '../../local/sealer.ts';
import { stackEnvironment } from '../../local/stack.ts';
import type { AwsOperation } from '../support/aws-proxy.ts';
import { type KillableGateway, makeKillableGateway } from '../support/killable-gateway.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { STRICT_TOOL, strictRequest } from '../support/strict-call.ts';

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
const strict = (headers: Record<string, string>) => call(url, { token, headers, body: strictRequest() });
const lastRow = async (headers: Record<string, string>) => {
  const entries = (await ledger.ofSession(headers['mcp-session-id'] ?? '')).map(({ entry }) => entry);
  return timelineOf(entries, 0).rows.at(-1);
};
const is = (name: string) => (operation: AwsOperation) => operation.name === name;

describe('a strict call whose signed intent cannot be locked', () => {
  const faults: readonly [string, string, number, object][] = [
    ['KMS is down', 'KMS.Sign', -31523, { reason: 'intent_not_signed' }],
    ['S3 is down', 'S3.PUT', -31524, { reason: 'intent_not_locked', detail: 'unavailable' }],
  ];
  it.each(faults)('is not made: %s', async (_what, operation, code, failure) => {
    const headers = await open();
    const before = stack.bank.calls().length;
    gateway.proxy().before = (seen) => (is(operation)(seen) ? 'fail-before' : undefined);
    const answer = await strict(headers);
    expect([answer.status, answer.message?.error?.code, answer.message?.id]).toEqual([503, code, 5]);
    expect(stack.bank.calls()).toHaveLength(before);
    expect(await lastRow(headers)).toMatchObject({
      kind: 'complete',
      intent: { strict: true },
      outcome: { result: { status: 'failed', failure, http: null } },
    });
  });

  it('is not made when the bucket has an object of that name already, such as our own whose answer was lost', async () => {
    const headers = await open();
    const before = stack.bank.calls().length;
    let puts = 0;
    gateway.proxy().before = (operation) => {
      if (!is('S3.PUT')(operation)) return undefined;
      puts += 1;
      return puts === 1 ? 'fail-after' : undefined;
    };
    const answer = await strict(headers);
    expect([answer.status, answer.message?.error?.code]).toEqual([503, -31524]);
    expect(puts).toBe(2);
    expect(stack.bank.calls()).toHaveLength(before);
    const failure = { reason: 'intent_not_locked', detail: 'exists' };
    expect(await lastRow(headers)).toMatchObject({ outcome: { result: { failure } } });
  });

  it('is made as soon as it can be', async () => {
    const headers = await open();
    const before = stack.bank.calls().length;
    expect((await strict(headers)).message?.result).toBeDefined();
    expect(stack.bank.calls()).toHaveLength(before + 1);
  });
});

describe('a gateway that is killed in a strict call', () => {
  it.each([
    ['before the signed intent is locked', 'before', 0],
    ['after the signed intent is locked', 'after', 0],
  ] as const)('%s leaves an intent without outcome, and the bank heard nothing', async (_what, when, calls) => {
    const headers = await open();
    const before = stack.bank.calls().length;
    const kill = async (operation: AwsOperation) => {
      if (!is('S3.PUT')(operation)) return undefined;
      await gateway.kill();
      return 'fail-before' as const;
    };
    if (when === 'before') gateway.proxy().before = kill;
    else gateway.proxy().after = async (operation) => void (await kill(operation));
    await expect(strict(headers)).rejects.toThrow();
    gateway.proxy().before = () => undefined;
    gateway.proxy().after = () => undefined;
    expect(stack.bank.calls().length - before).toBe(calls);
    expect(await lastRow(headers)).toMatchObject({ kind: 'unknown', intent: { strict: true } });
    await gateway.restart();
    expect((await strict(headers)).message?.result).toBeDefined();
  });
});

describe('a sealer that stopped', () => {
  const setCheckedAt = async (checkedAt: number): Promise<void> => {
    const { partition, sort } = LEDGER.sealerHead;
    await new DynamoDBClient().send(
      new UpdateItemCommand({
        TableName: stack.resources.ledgerTable,
        Key: { [LEDGER.partitionKey]: { S: partition }, [LEDGER.sortKey]: { S: sort } },
        UpdateExpression: 'SET checkedAt = :at',
        ExpressionAttributeValues: { ':at': { N: String(checkedAt) } },
      }),
    );
  };
  /** It no longer runs by itself once it is closed. */
  const sealer = () => (stack as unknown as { readonly sealer: LocalSealer }).sealer;
  const lastDenial = async () =>
    (await ledger.all()).map(({ entry }) => entry).findLast((entry) => entry.type === 'call.denied');

  it('has strict calls refused once the limit has passed, others not, until it has run again', async () => {
    const headers = await open();
    await waitUntilSealed(stack);
    await sealer().close();
    await setCheckedAt(Date.now() - 901_000);
    // A process that had read a younger time would go on by it until that is past the limit as well.
    await gateway.restart();
    const before = stack.bank.calls().length;
    const refused = await strict(headers);
    expect([refused.status, refused.message?.error?.code]).toEqual([503, -31505]);
    expect(refused.message?.error?.message).toContain('sealer');
    expect(stack.bank.calls()).toHaveLength(before);
    expect(await lastDenial()).toMatchObject({
      denial: { reason: 'sealing_behind', limitSeconds: '900', lagSeconds: expect.stringMatching(/^90\d$/) },
      call: { subject: STRICT_TOOL },
    });
    await sealer().run();
    expect((await strict(headers)).message?.result).toBeDefined();
  });

  it('has them refused when how far it is cannot be read', async () => {
    const headers = await open();
    await gateway.restart();
    gateway.proxy().before = (operation) =>
      is('DynamoDB.GetItem')(operation) && operation.body.includes('"sealer"') ? 'fail-before' : undefined;
    const before = stack.bank.calls().length;
    const refused = await strict(headers);
    expect([refused.status, refused.message?.error?.code]).toEqual([503, -31506]);
    expect(await lastDenial()).toMatchObject({ denial: { reason: 'sealing_unknown', detail: 'unreadable' } });
    expect(stack.bank.calls()).toHaveLength(before);
  });
});

describe('what a strict call costs in round trips', () => {
  it('is one PUT and one signature beyond another call, and nothing for that other call', async () => {
    const headers = await open();
    await strict(headers);
    const look = { name: 'get_customer', arguments: { customerId: 'CUS-0001' } };
    const plain = await operationsOf(() => call(url, { token, headers, body: { ...strictRequest(), params: look } }));
    const costly = await operationsOf(() => strict(headers));
    expect(plain).toEqual(['DynamoDB.UpdateItem', 'DynamoDB.PutItem', 'DynamoDB.PutItem']);
    expect(costly.toSorted()).toEqual([...plain, 'KMS.Sign', 'S3.PUT'].toSorted());
  });

  const operationsOf = async (work: () => Promise<unknown>): Promise<readonly string[]> => {
    const { operations } = gateway.proxy();
    const before = operations.length;
    await work();
    // API Gateway writes its access log by itself, and in its own time.
    return operations.slice(before).filter((operation) => !operation.startsWith('Logs_'));
  };
});
