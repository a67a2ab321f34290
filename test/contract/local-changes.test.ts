// Change capture of the loopback, in the record shape of a Lambda event source.
// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_streams_Record.html

import {
  DeleteItemCommand,
  PutItemCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { TableChange } from '../../local/aws/dynamodb/changes.ts';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { type Provisioned, provision } from '../../local/provision.ts';
import { refusal } from './contract-case.ts';
import { type Attributes, append, entry, keyOf } from './ledger-table.ts';
import { type Clients, openClients } from './target.ts';

let server: LocalAws;
let clients: Clients;
let names: Provisioned;
let changes: TableChange[];

beforeEach(async () => {
  server = await startLocalAws({ port: 0, dataDir: null });
  clients = openClients(server.url);
  names = await provision({ endpoint: server.url, region: 'eu-west-1', secrets: {} });
  changes = [];
  server.onTableChange((change) => void changes.push(change));
});
afterEach(() => server.close());

const putEntry = (Item: Attributes) =>
  clients.dynamoDb.send(new PutItemCommand({ TableName: names.ledgerTable, Item }));
const records = () => changes.flatMap((change) => change.Records);

describe('onTableChange', () => {
  it('tells of insert, change and removal, with keys and both images', async () => {
    const before = entry('s', '1', { n: { N: '1' } });
    const after = entry('s', '1', { n: { N: '2' } });
    await putEntry(before);
    await putEntry(after);
    const TableName = names.ledgerTable;
    await clients.dynamoDb.send(new DeleteItemCommand({ TableName, Key: keyOf('s', '1') }));
    expect(records().map(({ eventName, dynamodb }) => [eventName, dynamodb.OldImage, dynamodb.NewImage])).toEqual([
      ['INSERT', undefined, before],
      ['MODIFY', before, after],
      ['REMOVE', after, undefined],
    ]);
    expect(records()[0]).toMatchObject({
      eventSource: 'aws:dynamodb',
      awsRegion: 'eu-west-1',
      eventSourceARN: expect.stringMatching(/:table\/countersign-ledger\/stream\//),
      dynamodb: { Keys: keyOf('s', '1'), StreamViewType: 'NEW_AND_OLD_IMAGES' },
    });
  });

  it('tells of writes in the order they were committed', async () => {
    const Key = keyOf('s', 'head');
    await Promise.all(
      Array.from({ length: 20 }, () =>
        clients.dynamoDb.send(
          new UpdateItemCommand({
            TableName: names.ledgerTable,
            Key,
            UpdateExpression: 'ADD n :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          }),
        ),
      ),
    );
    const seen = records().map(({ dynamodb }) => dynamodb.NewImage?.['n']?.['N']);
    expect(seen).toEqual(Array.from({ length: 20 }, (_, at) => String(at + 1)));
    const sequence = records().map(({ dynamodb }) => dynamodb.SequenceNumber);
    expect(sequence).toEqual(sequence.toSorted());
  });

  it('tells of a transaction at once, and nothing of one that was cancelled', async () => {
    const transact = (...positions: string[]) =>
      clients.dynamoDb.send(
        new TransactWriteItemsCommand({
          TransactItems: positions.map((at) => ({
            Put: {
              TableName: names.ledgerTable,
              Item: entry('s', at),
              ConditionExpression: 'attribute_not_exists(pk)',
            },
          })),
        }),
      );
    await transact('1', '2');
    expect(await refusal(transact('3', '1'))).toBe('TransactionCanceledException');
    expect(changes.map((change) => change.Records.map(({ dynamodb }) => dynamodb.Keys['sk']))).toEqual([
      [{ S: '1' }, { S: '2' }],
    ]);
  });

  it('is silent about refused writes, writes that change nothing, and tables without a stream', async () => {
    await putEntry(entry('s', '1'));
    await putEntry(entry('s', '1'));
    expect(await refusal(append(clients.dynamoDb, names.ledgerTable, entry('s', '1')))).toBeTruthy();
    await clients.dynamoDb.send(new PutItemCommand({ TableName: names.sessionsTable, Item: { pk: { S: 's' } } }));
    expect(records()).toHaveLength(1);
  });

  it('marks what time to live removed as DynamoDB marks it, and nothing else', async () => {
    const dated = (sort: string, seconds: number) => entry('s', sort, { expiresAt: { N: String(seconds) } });
    await putEntry(dated('1', 1));
    await putEntry(dated('2', 4_000_000_000));
    await putEntry(entry('s', '3'));
    await clients.dynamoDb.send(new DeleteItemCommand({ TableName: names.ledgerTable, Key: keyOf('s', '3') }));
    expect(await server.expireItems(names.ledgerTable)).toBe(1);
    const removals = records().filter(({ eventName }) => eventName === 'REMOVE');
    expect(removals.map(({ dynamodb, userIdentity }) => [dynamodb.OldImage, userIdentity])).toEqual([
      [entry('s', '3'), undefined],
      [dated('1', 1), { type: 'Service', principalId: 'dynamodb.amazonaws.com' }],
    ]);
  });

  it('hands over one event at a time to a slow listener, and none once it has unsubscribed', async () => {
    const steps: string[] = [];
    const unsubscribe = server.onTableChange(async (change) => {
      const at = change.Records[0]?.dynamodb.Keys['sk']?.['S'];
      steps.push(`start ${at}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
      steps.push(`end ${at}`);
    });
    await putEntry(entry('s', '1'));
    await putEntry(entry('s', '2'));
    await expect.poll(() => steps).toEqual(['start 1', 'end 1', 'start 2', 'end 2']);
    unsubscribe();
    await putEntry(entry('s', '3'));
    expect(steps).toHaveLength(4);
  });
});
