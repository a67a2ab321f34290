// The watcher on real change capture: a sealer and time to live change the table as they do, and somebody else does too.

import { DeleteItemCommand, DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import type { DynamoDBRecord } from 'aws-lambda';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newId } from '../../lambdas/adapters/clock.ts';
import { makeEndedSessions } from '../../lambdas/adapters/dynamo-ended.ts';
import { makeRecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import { makeSealingQueue } from '../../lambdas/adapters/dynamo-sealing.ts';
import { makeSuspicionLog } from '../../lambdas/adapters/dynamo-suspicions.ts';
import { makeWitnessMemories } from '../../lambdas/adapters/dynamo-witness-memory.ts';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeTileStore } from '../../lambdas/adapters/s3-tiles.ts';
import type { Entry, TamperWatched } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { makeSealer } from '../../lambdas/sealer/sealer.ts';
import { makeWatcher, type WatcherPorts } from '../../lambdas/watcher/watcher.ts';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { type Provisioned, provision } from '../../local/provision.ts';
import { clientOptions } from '../adapters/aws.ts';
import { intentEntry, NOW_MS, openEntry, SID } from '../support/builders.ts';

const ORIGIN = 'mcp.bank.example/countersign';
const YEAR_MS = 365 * 24 * 3600 * 1000;

let server: LocalAws;
let names: Provisioned;
let clients: { dynamoDb: DynamoDBClient; s3: S3Client; kms: KMSClient };
let records: DynamoDBRecord[];
let now: number;

beforeEach(async () => {
  now = NOW_MS;
  server = await startLocalAws({ port: 0, dataDir: null, now: () => now });
  const options = clientOptions(server.url);
  names = await provision({ endpoint: server.url, region: 'eu-west-1', secrets: {} });
  clients = {
    dynamoDb: new DynamoDBClient(options),
    s3: new S3Client({ ...options, forcePathStyle: true }),
    kms: new KMSClient(options),
  };
  records = [];
  server.onTableChange(({ Records }) => void records.push(...(Records as unknown as DynamoDBRecord[])));
});
afterEach(() => server.close());

const common = (fn: string) => ({
  origin: ORIGIN,
  configDigest: 'sha256:0',
  gateway: { fn, code: 'sha256:0', region: 'test' },
  log: makeEvidenceLog(clients.s3, names.evidenceBucket),
  clock: { now: () => now },
  newId,
  diagnostics: { error: () => undefined },
  metrics: { report: () => undefined },
});
const watcher = (over: Partial<WatcherPorts> = {}) =>
  makeWatcher({ ...common('watcher'), suspicions: makeSuspicionLog(clients.dynamoDb, names.ledgerTable), ...over });

const sealer = () =>
  makeSealer({
    ...common('sealer'),
    copies: makeEvidenceLog(clients.s3, names.copiesBucket),
    queue: makeSealingQueue(clients.dynamoDb, names.ledgerTable),
    tiles: makeTileStore(clients.s3, names.tilesBucket),
    ended: makeEndedSessions(clients.dynamoDb, { ledger: names.ledgerTable, sessions: names.sessionsTable }),
    keys: [{ keyId: names.checkpointKeyId, signer: makeSigner(clients.kms, names.checkpointKeyId) }],
    revokedKeys: [],
    witnesses: [],
    memories: makeWitnessMemories(clients.dynamoDb, names.ledgerTable),
    intentKey: { keyId: names.intentKeyId, publicKey: makeSigner(clients.kms, names.intentKeyId).publicKey },
  })(now + 60_000);
const ledger = () => makeRecords(clients.dynamoDb, { ledger: names.ledgerTable, sessions: names.sessionsTable });
const write = (...entries: Entry[]) =>
  ledger().commit({ entries: entries.map((entry) => ({ entry: toWalEntry(entry), body: null })) });
const intent = toWalEntry(intentEntry());
const keyOf = (sort: string) => ({ pk: { S: `session#${SID}` }, sk: { S: sort } });
const remove = (sort: string) =>
  clients.dynamoDb.send(new DeleteItemCommand({ TableName: names.ledgerTable, Key: keyOf(sort) }));
const update = (sort: string, UpdateExpression: string, values: Record<string, { S: string } | { N: string }>) =>
  clients.dynamoDb.send(
    new UpdateItemCommand({
      TableName: names.ledgerTable,
      Key: keyOf(sort),
      UpdateExpression,
      ExpressionAttributeValues: values,
    }),
  );
const suspicions = async (): Promise<readonly TamperWatched[]> => {
  const reader = makeRecordsReader(clients.dynamoDb, { ledger: names.ledgerTable, sessions: names.sessionsTable });
  const lines = await reader.loadSuspicions(new Date().toISOString().slice(0, 10));
  return lines.map(({ line }) => JSON.parse(line) as TamperWatched);
};
const taken = () => records.splice(0);

describe('the watcher', () => {
  it('says nothing of a ledger that only the gateway, the sealer and time to live touch', async () => {
    await write(openEntry(), intentEntry());
    await ledger().saveContentKey({ sid: SID, kid: 'sha256:00', wrapped: 'AAAA' });
    await sealer();
    now += 3 * YEAR_MS;
    await sealer();
    // The session, the call, and the sealer's entry about the intent key.
    expect(await server.expireItems(names.ledgerTable)).toBe(3);
    const changes = taken();
    expect(changes.map(({ eventName }) => eventName)).toEqual(expect.arrayContaining(['INSERT', 'MODIFY', 'REMOVE']));
    expect(await watcher()(changes)).toEqual({ recorded: 0, failedAt: null });
    expect(await suspicions()).toEqual([]);
  });

  it('records each hand of somebody else, once, and the entry is sealed like any other', async () => {
    await write(openEntry(), intentEntry());
    await ledger().saveContentKey({ sid: SID, kid: 'sha256:00', wrapped: 'AAAA' });
    const forged = intent.line.replace('get_balance', 'get_nothing');
    await update(intent.sort, 'SET line = :line', { ':line': { S: forged } });
    await remove(intent.sort);
    await sealer();
    await update('entry#000000000000#0', 'SET line = :line', { ':line': { S: '{}' } });
    await remove('entry#000000000000#0');
    await remove('key#sha256:00');
    const changes = taken();
    expect(await watcher()(changes)).toEqual({ recorded: 5, failedAt: null });
    expect(await watcher()(changes)).toEqual({ recorded: 0, failedAt: null });
    const found = await suspicions();
    const wanted = ['key_removed', 'sealed_changed', 'sealed_removed', 'waiting_changed', 'waiting_removed'];
    expect(found.map(({ detail }) => detail).sort()).toEqual(wanted);
    expect(found.find(({ detail }) => detail === 'waiting_changed')?.line).toBe(intent.line);
    expect(await sealer()).toMatchObject({ sealed: 5 });
    expect(await watcher()(taken())).toEqual({ recorded: 0, failedAt: null });
  });

  it.each([
    ['a segment that is not there', { segment: 7, at: 8 }],
    ['another entry in that place', { segment: 0, at: 0 }],
    ['no entry in that place', { segment: 0, at: 40 }],
  ])('finds a mark that nobody made by sealing: %s', async (_name, { segment, at }) => {
    await write(openEntry());
    await sealer();
    await write(intentEntry());
    taken();
    await clients.dynamoDb.send(
      new UpdateItemCommand({
        TableName: names.ledgerTable,
        Key: keyOf(intent.sort),
        UpdateExpression: 'SET sealedAt = :at, #segment = :segment, expiresAt = :later REMOVE unsealed, #position',
        ExpressionAttributeNames: { '#position': 'position', '#segment': 'segment' },
        ExpressionAttributeValues: {
          ':at': { N: String(at) },
          ':segment': { N: String(segment) },
          ':later': { N: '1900000000' },
        },
      }),
    );
    expect(await sealer()).toMatchObject({ sealed: 0 });
    expect(await watcher()(taken())).toMatchObject({ recorded: 1 });
    expect(await suspicions()).toMatchObject([{ detail: 'false_mark', line: intent.line }]);
  });

  it('accepts the mark of an item that the sealer named as damaged', async () => {
    await write(openEntry(), intentEntry());
    await update(intent.sort, 'SET line = :line', { ':line': { S: '{}' } });
    taken();
    await sealer();
    expect(await watcher()(taken())).toEqual({ recorded: 0, failedAt: null });
  });

  it('asks for a change again that it could not record, and for none before it', async () => {
    await write(openEntry(), intentEntry());
    await remove(intent.sort);
    await remove('entry#000000000000#0');
    const changes = taken().filter(({ eventName }) => eventName !== 'INSERT');
    const second = changes[1]?.dynamodb?.SequenceNumber;
    const real = makeSuspicionLog(clients.dynamoDb, names.ledgerTable);
    let writes = 0;
    const failing = {
      record: (entry: TamperWatched) => {
        writes += 1;
        return writes === 2 ? Promise.reject(new Error('throttled')) : real.record(entry);
      },
    };
    expect(await watcher({ suspicions: failing })(changes)).toEqual({ recorded: 1, failedAt: second });
    expect(await watcher()(changes)).toEqual({ recorded: 1, failedAt: null });
    expect(await suspicions()).toHaveLength(2);
  });

  it('does not take a mark for false when the bucket cannot be read', async () => {
    await write(openEntry());
    await sealer();
    const broken = {
      get: () => Promise.reject(new Error('S3 is down')),
      listAfter: common('watcher').log.listAfter,
    };
    const report = await watcher({ log: broken })(taken());
    expect(report).toMatchObject({ recorded: 0, failedAt: expect.stringMatching(/^\d+$/) });
    expect(await suspicions()).toEqual([]);
  });

  it('fails on a place that somebody took before it, rather than believe that it was there', async () => {
    await write(intentEntry());
    await remove(intent.sort);
    const changes = taken();
    const removal = changes.at(-1);
    const day = new Date((removal?.dynamodb?.ApproximateCreationDateTime ?? 0) * 1000).toISOString().slice(0, 10);
    const place = { pk: { S: `tamper#${day}` }, sk: { S: removal?.eventID ?? '' } };
    await clients.dynamoDb.send(
      new UpdateItemCommand({
        TableName: names.ledgerTable,
        Key: place,
        UpdateExpression: 'SET line = :line',
        ExpressionAttributeValues: { ':line': { S: '{"type":"tamper.suspected"}' } },
      }),
    );
    expect(await watcher()(changes)).toMatchObject({ failedAt: removal?.dynamodb?.SequenceNumber });
  });

  it('fails on a record without its old image: a stream of another kind shows nothing', async () => {
    await write(intentEntry());
    await remove(intent.sort);
    const [removal] = taken().slice(-1);
    const { OldImage: _image, ...rest } = removal?.dynamodb ?? {};
    const blind = { ...removal, dynamodb: rest } as DynamoDBRecord;
    expect(await watcher()([blind])).toMatchObject({ recorded: 0, failedAt: rest.SequenceNumber });
  });
});
