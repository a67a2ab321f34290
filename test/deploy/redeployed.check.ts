// After a second `cdk deploy` under a changed configuration: everything is still there, and the ledger says what changed.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { openFolder } from '../../bin/commands/log-folder.ts';
import { makeRecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { formatVerifierKey, parseVerifierKey, rawPublicKey, type Verifier } from '../../lambdas/core/ledger/note.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { configDigest, readConfig } from '../../lib/config.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { makeApprovers } from '../support/approvers.ts';
import { deployedEnvironment } from '../support/deployed-environment.ts';
import { openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { accepted } from '../support/result.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { findWaiting } from './waiting-call.ts';

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

/** The public key of a generation, as the bank filed it. */
const filedKey = async (generation: number): Promise<Verifier> => {
  const keyId = stack.resources.checkpointKeyIds[generation - 1] ?? '';
  const raw = rawPublicKey(await makeSigner(new KMSClient(), keyId).publicKey()) ?? new Uint8Array();
  return accepted(parseVerifierKey(formatVerifierKey(stack.config.log.origin, raw)));
};

describe('the second deployment', () => {
  it('signs with a new key, which the first one endorsed: the key that was filed first still proves the log', async () => {
    await call(stack.url('core-banking'), { token: await stack.tokenOf('ana'), ...modern('tools/list', {}) });
    await waitUntilSealed(stack);
    const folder = await mkdtemp(join(tmpdir(), 'countersign-rotated-'));
    try {
      Object.assign(process.env, resourceEnvironment(stack.resources));
      await exportLog([folder]);
      const files = await openFolder(folder);
      const report = await verifyLog({ files, keys: [await filedKey(1)], kept: null, policy: null, contentKeys: null });
      expect(report.keys.map(({ believed }) => believed)).toEqual([true, true]);
      // The end-to-end suite changed entries and approvals on purpose, and the log says so.
      const changed = new Set(['tamper', 'approvals']);
      const failed = report.checks.filter(({ status }) => status === 'failed').map(({ check }) => check);
      expect(failed.filter((check) => !changed.has(check))).toEqual([]);
      await exportLog([join(folder, 'copies'), '--copies']);
      const copied = (await openFolder(join(folder, 'copies'))).list();
      expect((await copied).map(({ name }) => name)).toContain(report.signed?.file);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

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

  it('kept a held call and the consent it had: with a second one it runs, once', async () => {
    const { approval, args, token } = findWaiting();
    const approvers = makeApprovers(stack);
    const order = async () => {
      const asked = modern('tools/call', { name: 'wire_transfer', arguments: args });
      return (await call(stack.url('core-banking'), { token, ...asked })).message?.result;
    };
    await approvers.decide(approval, 'petra');
    expect((await order())?.['isError'] ?? false).toBe(false);
    expect(approvers.wiresSent(args.reference)).toBe(1);
    expect(JSON.stringify(await order())).toContain('used already');
    expect(approvers.wiresSent(args.reference)).toBe(1);
    approvers.close();
  });
});
