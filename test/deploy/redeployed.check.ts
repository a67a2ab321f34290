// After a second `cdk deploy` under a changed configuration: everything is still there, and the ledger says what changed.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeRecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { configDigest, readConfig } from '../../lib/config.ts';
import { deployedEnvironment } from '../support/deployed-environment.ts';
import { openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { accepted } from '../support/result.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
const digests = () => {
  const { configFile, previousConfigFile } = deployedEnvironment()!;
  return { before: configDigest(readConfig(previousConfigFile!)), now: configDigest(readConfig(configFile)) };
};
const today = () => new Date().toISOString().slice(0, 10);
const reader = () => {
  const { ledgerTable: ledger, sessionsTable: sessions } = stack.resources;
  return makeRecordsReader(new DynamoDBClient(), { ledger, sessions });
};

beforeAll(async () => {
  stack = await startTestStack();
});
afterAll(() => stack.close());

describe('the second deployment', () => {
  it('kept the sessions, their entries, and the key of what was recorded', async () => {
    const [, ...older] = await reader().listSessions(today());
    const session = older.findLast(({ server }) => server === 'core-banking');
    const entries = await reader().loadEntries(session!.sid);
    const intent = entries
      .map(({ line, leaf, body }) => ({ entry: accepted(parseEntry(line, leaf)), body }))
      .find(({ entry }) => entry.type === 'call.intent');
    expect(intent?.entry.config).toBe(digests().before);
    const { args } = intent!.entry as Extract<Entry, { type: 'call.intent' }>;
    const opened = await openLedger(stack.resources, stack.config.log.origin).open(session!.sid, args!, intent!.body);
    expect(JSON.parse(opened)).toMatchObject({ jsonrpc: '2.0' });
  });

  it('says once, before the first call under it, that the configuration changed', async () => {
    const token = await stack.tokenOf('ana');
    const tool = { name: 'get_customer', arguments: { customerId: 'CUS-0001' } };
    const ask = () => call(stack.url('core-banking'), { token, ...modern('tools/call', tool) });
    const answers = await Promise.all([ask(), ask(), ask()]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
    const lines = await reader().loadDay(today());
    const changes = lines
      .map(({ line, leaf }) => accepted(parseEntry(line, leaf)))
      .filter((entry) => entry.type === 'policy.changed');
    const { before, now } = digests();
    expect(changes.map(({ previous, current }) => [previous, current])).toEqual([
      [null, before],
      [before, now],
    ]);
  });
});
