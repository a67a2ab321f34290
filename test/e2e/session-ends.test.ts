// Sessions that nobody ends: one goes idle, one lost its gateway in the middle of a call, one got its answer too late. The
// keeper (with its clock put forward) ends them and says what is not known; the sealer signs a manifest of each; all of it
// verifies without AWS.

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { verifierKey } from '../../bin/commands/key.ts';
import { openFolder } from '../../bin/commands/log-folder.ts';
import { manifestName } from '../../lambdas/core/ledger/log-layout.ts';
import { parseVerifierKey } from '../../lambdas/core/ledger/note.ts';
import { type LogReport, verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { type Stack, stackEnvironment } from '../../local/stack.ts';
import type { AwsOperation } from '../support/aws-proxy.ts';
import { runKeeper } from '../support/keeper.ts';
import { type KillableGateway, makeKillableGateway } from '../support/killable-gateway.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize, request } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let gateway: KillableGateway;
let stack: TestStack;
let ledger: Ledger;
let token: string;
let url: string;
let folder: string;

beforeAll(async () => {
  gateway = makeKillableGateway();
  stack = await startTestStack({ startGateway: gateway.start });
  Object.assign(process.env, stackEnvironment(stack), resourceEnvironment(stack.resources), {
    [LOG_ORIGIN_VARIABLE]: stack.config.log.origin,
  });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  url = stack.url('core-banking');
  token = await stack.idp.mint({ resource: url, expiresIn: 3600, claims: { scope: 'mcp', client_id: 'ide' } });
  folder = await mkdtemp(join(tmpdir(), 'countersign-ends-'));
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
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
const writes = (type: string) => (operation: AwsOperation) =>
  operation.name.startsWith('DynamoDB.') && operation.body.includes(`\\"type\\":\\"${type}\\"`);

/** The keeper, so many minutes from now. */
const keepIn = async (minutes: number) => {
  const { ledgerTable, sessionsTable } = stack.resources;
  const client = new DynamoDBClient();
  const tables = { ledger: ledgerTable, sessions: sessionsTable };
  const setting = { origin: stack.config.log.origin, limits: stack.config.sessions, client, tables };
  const report = await runKeeper(setting, Date.now() + minutes * 60_000);
  client.destroy();
  return report;
};
const typesOf = async (sid: string) => (await ledger.ofSession(sid)).map(({ entry }) => entry.type);

const idle = async (): Promise<string> => {
  const headers = await open();
  expect((await look(headers)).message?.result).toBeDefined();
  return headers['mcp-session-id'];
};

const killed = async (): Promise<string> => {
  const headers = await open();
  gateway.proxy().after = async (operation) => {
    if (writes('call.intent')(operation)) await gateway.kill();
  };
  await expect(look(headers)).rejects.toThrow();
  gateway.proxy().after = () => undefined;
  await gateway.restart();
  return headers['mcp-session-id'];
};

/** The outcome comes when the keeper has given the call up. */
const late = async (): Promise<string> => {
  const headers = await open();
  gateway.proxy().before = async (operation) => {
    if (writes('call.outcome')(operation)) await keepIn(21);
    return undefined;
  };
  const answer = await look(headers);
  gateway.proxy().before = () => undefined;
  expect(answer.message?.error?.code).toBe(-31504);
  expect(answer.text).not.toContain('CUS-0001');
  expect(gateway.output()).toContain('A call.unknown stands in this place already');
  return headers['mcp-session-id'];
};

const verified = async () => {
  await (stack as unknown as Stack).sealer.run();
  const copy = join(folder, `log-${Date.now()}`);
  await exportLog([copy]);
  return { report: await examine(copy), copy };
};

const examine = async (copy: string) => {
  const key = parseVerifierKey(await verifierKey());
  if (!key.ok) throw new Error('no key');
  return verifyLog({ files: await openFolder(copy), keys: [key.value], kept: null, policy: null, contentKeys: null });
};

const reportedOn = ({ checks }: LogReport, check: string) => checks.find((one) => one.check === check);

it('sessions end by themselves, what is not known is on record, and each end is signed', async () => {
  const sids = { idle: await idle(), killed: await killed(), late: await late() };
  // Their calls are settled; none is idle yet.
  expect(await typesOf(sids.killed)).toEqual([
    ...['session.open', 'call.intent', 'call.outcome', 'call.intent', 'call.unknown'],
  ]);
  expect(await typesOf(sids.late)).toContain('call.unknown');
  expect(await keepIn(29)).toMatchObject({ closed: 0 });
  expect(await keepIn(31)).toMatchObject({ closed: 3, handedOver: 3 });
  for (const sid of Object.values(sids)) {
    expect((await ledger.ofSession(sid)).at(-1)?.entry).toMatchObject({
      type: 'session.close',
      why: 'idle',
      calls: '2',
    });
  }
  expect((await look({ 'mcp-session-id': sids.idle, 'mcp-protocol-version': '2025-11-25' })).status).toBe(404);

  const { report, copy } = await verified();
  expect(reportedOn(report, 'manifests')).toMatchObject({ status: 'ok' });
  expect(reportedOn(report, 'calls')).toMatchObject({ status: 'gap', counts: { outcome_recorded_unknown: 2 } });
  expect(report.manifests).toBe(3);
  const envelope = await readFile(join(copy, manifestName(sids.killed)), 'utf8');
  const { payload } = JSON.parse(envelope) as { readonly payload: string };
  expect(JSON.parse(Buffer.from(payload, 'base64').toString('utf8'))).toMatchObject({
    subject: [{ name: `session/${sids.killed}` }],
    predicate: {
      session: { server: 'core-banking', why: 'idle' },
      calls: { counted: '2', outcomes: { result: '1' }, unknown: '1', gaps: '0' },
      entries: { count: '6' },
    },
  });

  // In a copy, somebody makes the unanswered call look answered.
  await writeFile(join(copy, manifestName(sids.killed)), envelope.replace(payload, `${payload.slice(0, -4)}AAAA`));
  const again = await examine(copy);
  expect(again.verdict).toBe('invalid');
  expect(reportedOn(again, 'manifests')?.counts).toEqual({ manifest_signature: 1 });
}, 60_000);
