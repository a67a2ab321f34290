// The reconciler on the loopback AWS: entries sealed by the real sealer, an access log, signatures that KMS made. The
// clock is the test's, so that days can end.

import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient, CreateLogStreamCommand, PutLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../lambdas/adapters/clock.ts';
import { makeSignatureTrail, TrailError } from '../../lambdas/adapters/cloudtrail-signatures.ts';
import { makeEndedSessions } from '../../lambdas/adapters/dynamo-ended.ts';
import { makeReconciledDays } from '../../lambdas/adapters/dynamo-reconciled.ts';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import { makeSealingQueue } from '../../lambdas/adapters/dynamo-sealing.ts';
import { makeWitnessMemories } from '../../lambdas/adapters/dynamo-witness-memory.ts';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import { AccessLogError, makeAccessLog } from '../../lambdas/adapters/logs-access-log.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeLogTimes } from '../../lambdas/adapters/s3-log-times.ts';
import { makeTileStore } from '../../lambdas/adapters/s3-tiles.ts';
import type { Entry, Reconciled } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { SEGMENT_PREFIX } from '../../lambdas/core/ledger/log-layout.ts';
import { unpackLines } from '../../lambdas/core/ledger/packing.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { makeReconciler, type ReconcilerPorts } from '../../lambdas/reconciler/reconciler.ts';
import { makeSealer } from '../../lambdas/sealer/sealer.ts';
import { accessLine } from '../../local/api-gateway/access-log.ts';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { type Provisioned, provision } from '../../local/provision.ts';
import { clientOptions } from '../adapters/aws.ts';
import { deniedEntry, NOW_MS } from '../support/builders.ts';

const DAY_MS = 24 * 3600_000;
const DAY = '2026-11-22';
/** 03:00 of the next day. */
const NEXT_NIGHT = NOW_MS + 17 * 3600_000;

let server: LocalAws;
let names: Provisioned;
let clients: {
  dynamoDb: DynamoDBClient;
  s3: S3Client;
  kms: KMSClient;
  logs: CloudWatchLogsClient;
  trail: CloudTrailClient;
};
let now: number;
let reported: Record<string, number>[];

beforeEach(async () => {
  now = NOW_MS;
  reported = [];
  server = await startLocalAws({ port: 0, dataDir: null, now: () => now });
  const options = clientOptions(server.url);
  names = await provision({ endpoint: server.url, region: 'eu-west-1', secrets: {} });
  clients = {
    dynamoDb: new DynamoDBClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    kms: new KMSClient(options),
    logs: new CloudWatchLogsClient(options),
    trail: new CloudTrailClient(options),
  };
  const stream = { logGroupName: names.accessLogGroup, logStreamName: 'api' };
  await clients.logs.send(new CreateLogStreamCommand(stream));
});
afterEach(() => server.close());

const common = (fn: string) => ({
  origin: 'mcp.bank.example/countersign',
  configDigest: 'sha256:0',
  gateway: { fn, code: 'sha256:0', region: 'test' },
  log: makeEvidenceLog(clients.s3, names.evidenceBucket),
  clock: { now: () => now },
  newId,
  diagnostics: { error: () => undefined },
  metrics: { report: (values: Record<string, number>) => void reported.push(values) },
});
const seal = () =>
  makeSealer({
    ...common('sealer'),
    intentKey: { keyId: names.intentKeyId, publicKey: makeSigner(clients.kms, names.intentKeyId).publicKey },
    copies: makeEvidenceLog(clients.s3, names.copiesBucket),
    queue: makeSealingQueue(clients.dynamoDb, names.ledgerTable),
    ended: makeEndedSessions(clients.dynamoDb, { ledger: names.ledgerTable, sessions: names.sessionsTable }),
    tiles: makeTileStore(clients.s3, names.tilesBucket),
    keys: [{ keyId: names.checkpointKeyId, signer: makeSigner(clients.kms, names.checkpointKeyId) }],
    revokedKeys: [],
    witnesses: [],
    memories: makeWitnessMemories(clients.dynamoDb, names.ledgerTable),
  })(now + 60_000);
const reconcile = (over: Partial<ReconcilerPorts> = {}, time = 60_000) =>
  makeReconciler({
    ...common('reconciler'),
    times: makeLogTimes(clients.s3, names.evidenceBucket),
    accessLog: makeAccessLog(clients.logs, names.accessLogGroup),
    trail: makeSignatureTrail(clients.trail, names.checkpointKeyIds),
    days: makeReconciledDays(clients.dynamoDb, names.ledgerTable),
    ...over,
  })(now + time);

/** A refused request: its entry, its line, or both. */
const request = async (apigw: string, { entry = true, line = true, at = now } = {}): Promise<void> => {
  if (entry) {
    const denied = {
      ...deniedEntry({ id: newId(), ts: toTimestamp(at + 20) }),
      req: { apigw, ip: '192.0.2.1' },
    } as Entry;
    const tables = { ledger: names.ledgerTable, sessions: names.sessionsTable };
    await makeRecords(clients.dynamoDb, tables).commit({ entries: [{ entry: toWalEntry(denied), body: null }] });
  }
  if (!line) return;
  const facts = {
    requestId: apigw,
    time: String(at),
    resourcePath: '/mcp/{server}',
    authorizerStatus: '200',
    status: '401',
  };
  const logEvents = [{ timestamp: at, message: accessLine(facts) }];
  const where = { logGroupName: names.accessLogGroup, logStreamName: 'api' };
  await clients.logs.send(new PutLogEventsCommand({ ...where, logEvents }));
};
const reconciledInLog = async (): Promise<readonly Reconciled[]> => {
  const log = makeEvidenceLog(clients.s3, names.evidenceBucket);
  const entries: Entry[] = [];
  for await (const name of log.listAfter(SEGMENT_PREFIX, '')) {
    const lines = unpackLines((await log.get(name)) ?? new Uint8Array());
    entries.push(...lines.map((line) => JSON.parse(line) as Entry));
  }
  return entries.filter((entry): entry is Reconciled => entry.type === 'reconciled');
};

describe('the reconciler', () => {
  it('records that a day agrees, once, and the entry is sealed like any other', async () => {
    await request('r-1');
    await request('r-2');
    await seal();
    now = NEXT_NIGHT;
    expect(await reconcile()).toEqual({ recorded: [{ day: DAY, verdict: 'agrees' }], waiting: [] });
    expect(await reconcile()).toEqual({ recorded: [], waiting: [] });
    await seal();
    expect(await reconciledInLog()).toMatchObject([
      {
        day: DAY,
        requests: { logged: '2', alone: '0', entries: '2', missing: { count: '0', ids: [] } },
        signatures: { signed: '1', objects: '1', unexplained: { count: '0' } },
        sources: { accessLog: 'complete', cloudTrail: 'complete' },
        verdict: 'agrees',
      },
    ]);
  });

  it('names a request that no entry names, and an entry whose request was never made', async () => {
    await request('r-1');
    await request('unrecorded', { entry: false });
    await request('made-up', { line: false });
    await seal();
    now = NEXT_NIGHT;
    expect(await reconcile()).toMatchObject({ recorded: [{ day: DAY, verdict: 'differs' }] });
    await seal();
    expect(await reconciledInLog()).toMatchObject([
      { requests: { missing: { count: '1', ids: ['unrecorded'] }, invented: { count: '1', ids: ['made-up'] } } },
    ]);
    expect(reported).toContainEqual({
      RequestsMissing: 1,
      EntriesInvented: 1,
      SignaturesUnexplained: 0,
      SourcesNotRead: 0,
    });
  });

  it('counts a signature that no object of the log explains', async () => {
    await request('r-1');
    await seal();
    now += 3600_000;
    await makeSigner(clients.kms, names.checkpointKeyId).sign('another history\n');
    await makeSigner(clients.kms, names.intentKeyId).sign('an intent: not of this key');
    now = NEXT_NIGHT;
    expect(await reconcile()).toMatchObject({ recorded: [{ verdict: 'differs' }] });
    await seal();
    expect((await reconciledInLog())[0]?.signatures).toMatchObject({
      signed: '2',
      objects: '1',
      unexplained: { count: '1' },
    });
  });

  it('waits until two hours after the day, and says nothing of days before the log', async () => {
    await request('r-1');
    await seal();
    now = Date.UTC(2026, 10, 23, 1, 59);
    expect((await reconcile()).recorded).toEqual([]);
    now += 60_000;
    expect((await reconcile()).recorded).toEqual([{ day: DAY, verdict: 'agrees' }]);
  });

  it('catches up with days that were missed, for a week', async () => {
    await request('r-1');
    await seal();
    now = NEXT_NIGHT + 2 * DAY_MS;
    await seal();
    expect((await reconcile()).recorded.map(({ day }) => day)).toEqual([DAY, '2026-11-23', '2026-11-24']);
    now += 9 * DAY_MS;
    await seal();
    expect((await reconcile()).recorded.map(({ day }) => day)[0]).toBe('2026-11-27');
  });

  it('leaves a day for later when a source does not answer, and records it as not checked in the end', async () => {
    await request('r-1');
    await seal();
    const silent = { lines: () => failing(new AccessLogError('unavailable', new Error('503'))) };
    now = NEXT_NIGHT;
    expect(await reconcile({ accessLog: silent })).toEqual({ recorded: [], waiting: [DAY] });
    expect(reported).toContainEqual({ DaysUnreconciled: 1 });
    now += 6 * DAY_MS;
    const { recorded } = await reconcile({ accessLog: silent });
    expect(recorded).toEqual([{ day: DAY, verdict: 'not_checked' }]);
  });

  it('records at once that a source is denied, and compares the other', async () => {
    await request('unrecorded', { entry: false });
    await request('r-1');
    await seal();
    now = NEXT_NIGHT;
    const denied = { signatures: () => Promise.reject(new TrailError('denied', new Error('AccessDenied'))) };
    expect(await reconcile({ trail: denied })).toMatchObject({ recorded: [{ verdict: 'differs' }] });
    await seal();
    expect(await reconciledInLog()).toMatchObject([
      {
        signatures: null,
        sources: { accessLog: 'complete', cloudTrail: 'denied' },
        requests: { missing: { count: '1' } },
      },
    ]);
  });

  it('records nothing of a day that it had no time to compare', async () => {
    await request('r-1');
    await seal();
    now = NEXT_NIGHT;
    expect(await reconcile({}, -1)).toEqual({ recorded: [], waiting: [DAY] });
  });

  it('of two at once leaves one entry', async () => {
    await request('r-1');
    await seal();
    now = NEXT_NIGHT;
    await Promise.all([reconcile(), reconcile()]);
    await seal();
    expect(await reconciledInLog()).toHaveLength(1);
  });
});

// biome-ignore lint/correctness/useYield: it fails before its first value.
async function* failing(cause: Error): AsyncGenerator<string> {
  await Promise.resolve();
  throw cause;
}
