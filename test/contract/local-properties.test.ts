// Properties of the loopback that single cases cannot show: the change feed tells the whole story of a table, and
// paging through a listing never loses or repeats a key.

import {
  BatchWriteItemCommand,
  DeleteItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { ListObjectsV2Command } from '@aws-sdk/client-s3';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TableChange } from '../../local/aws/dynamodb/changes.ts';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { createEvidenceBucket, put } from './evidence-bucket.ts';
import { createLedgerTable, entry, keyOf } from './ledger-table.ts';
import { type Clients, openClients } from './target.ts';

let server: LocalAws;
let clients: Clients;
beforeAll(async () => {
  server = await startLocalAws({ port: 0, dataDir: null });
  clients = openClients(server.url);
});
afterAll(() => server.close());

type Step = readonly ['put' | 'create' | 'count' | 'remove' | 'batch' | 'move', number, number];

const run = async (TableName: string, [kind, at, value]: Step): Promise<void> => {
  const Key = keyOf('s', String(at));
  const Item = entry('s', String(at), { value: { N: String(value) } });
  const next = keyOf('s', String(at + 1));
  const missing = { ConditionExpression: 'attribute_not_exists(pk)' };
  const commands = {
    put: () => new PutItemCommand({ TableName, Item }),
    create: () => new PutItemCommand({ TableName, Item, ...missing }),
    count: () =>
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'ADD calls :one',
        ExpressionAttributeValues: { ':one': { N: '1' } },
      }),
    remove: () => new DeleteItemCommand({ TableName, Key }),
    batch: () =>
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: [{ PutRequest: { Item } }, { DeleteRequest: { Key: next } }] },
      }),
    move: () =>
      new TransactWriteItemsCommand({
        TransactItems: [{ Delete: { TableName, Key } }, { Put: { TableName, Item: { ...Item, ...next }, ...missing } }],
      }),
  };
  // The overloads of `send` do not take a union of commands.
  const send = clients.dynamoDb.send.bind(clients.dynamoDb) as (command: object) => Promise<unknown>;
  // A refused condition is part of the story: it must leave no trace.
  await send(commands[kind]()).catch(() => undefined);
};

describe('the change feed', () => {
  const step = fc.tuple(
    fc.constantFrom('put', 'create', 'count', 'remove', 'batch', 'move'),
    fc.integer({ min: 1, max: 4 }),
    fc.integer({ min: 0, max: 2 }),
  );

  it('replayed from the start gives the table, however many wrote at once', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 40 }), async (steps) => {
        const TableName = await createLedgerTable(clients.dynamoDb);
        const replica = new Map<string, unknown>();
        const unsubscribe = server.onTableChange((change: TableChange) => {
          for (const { dynamodb } of change.Records) {
            const position = String(dynamodb.Keys['sk']?.['S']);
            // Each record must start where the one before it ended.
            expect(dynamodb.OldImage).toEqual(replica.get(position));
            if (dynamodb.NewImage === undefined) replica.delete(position);
            else replica.set(position, dynamodb.NewImage);
          }
        });
        await Promise.all(steps.map((each) => run(TableName, each as Step)));
        const { Items = [] } = await clients.dynamoDb.send(new ScanCommand({ TableName }));
        unsubscribe();
        expect(replica).toEqual(new Map(Items.map((item) => [item['sk']?.S, item])));
      }),
      { numRuns: 15 },
    );
  });
});

describe('a listing', () => {
  const key = fc.string({ unit: fc.constantFrom('a', 'b', '/', 'é', ' ', '+', '&'), minLength: 1, maxLength: 4 });

  it('in pages of any size has the keys of the listing in one, in order', async () => {
    const keys = fc.uniqueArray(key, { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(keys, fc.integer({ min: 1, max: 5 }), async (names, MaxKeys) => {
        const Bucket = await createEvidenceBucket(clients.s3);
        for (const name of names) await put(clients.s3, Bucket, name);
        const listed: (string | undefined)[] = [];
        let ContinuationToken: string | undefined;
        do {
          const page = await clients.s3.send(new ListObjectsV2Command({ Bucket, MaxKeys, ContinuationToken }));
          listed.push(...(page.Contents ?? []).map((object) => object.Key));
          ContinuationToken = page.NextContinuationToken;
        } while (ContinuationToken !== undefined);
        expect(listed).toEqual(names.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))));
      }),
      { numRuns: 15 },
    );
  });
});
