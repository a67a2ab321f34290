// What somebody with rights on the ledger table could do to it, and what the sealed log says of that afterwards.

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type AttributeValue,
  ConditionalCheckFailedException,
  DeleteItemCommand,
  DynamoDBClient,
  ScanCommand,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../../lambdas/contract.ts';
import type { Entry, TamperWatched } from '../../lambdas/core/ledger/entry.ts';
import { leafHash } from '../../lambdas/core/ledger/line.ts';
import { unpackLines } from '../../lambdas/core/ledger/packing.ts';

type Item = Record<string, AttributeValue>;

type Act = (key: Item, line: string) => Promise<unknown>;

const ATTEMPTS = 30;
const WAITING = 'attribute_exists(unsealed)';

const forged = (line: string): string => line.replace('"sent":"401"', '"sent":"200"');

const wasFaster = (cause: unknown): undefined => {
  if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
};

export const makeTableHand = (TableName: string) => {
  const dynamo = new DynamoDBClient();
  const keyOf = (item: Item): Item => {
    const { [LEDGER.partitionKey]: pk, [LEDGER.sortKey]: sk } = item;
    return { [LEDGER.partitionKey]: pk, [LEDGER.sortKey]: sk } as Item;
  };
  const scan = async (attribute: string): Promise<readonly Item[]> => {
    const filter = {
      FilterExpression: 'attribute_exists(#name)',
      ExpressionAttributeNames: { '#name': attribute },
    };
    return (await dynamo.send(new ScanCommand({ TableName, ConsistentRead: true, ...filter }))).Items ?? [];
  };
  const update = (Key: Item, change: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>) =>
    dynamo.send(new UpdateItemCommand({ TableName, Key, ...change }));
  const setLine = (key: Item, line: string, condition: string) =>
    update(key, {
      UpdateExpression: 'SET line = :line, leaf = :leaf',
      ConditionExpression: condition,
      ExpressionAttributeValues: { ':line': { S: line }, ':leaf': { S: leafHash(line) } },
    });

  return {
    /** Does something to a waiting entry; gives back its line. The sealer may be faster: then another is made. */
    toWaiting: async (type: Entry['type'], send: () => Promise<unknown>, act: Act): Promise<string> => {
      for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
        await send();
        const item = (await scan('unsealed')).find((candidate) => candidate['type']?.S === type);
        if (item === undefined) continue;
        const line = item['line']?.S ?? '';
        const done = await act(keyOf(item), line).catch(wasFaster);
        if (done !== undefined) return line;
      }
      throw new Error(`the sealer was faster than this test, ${ATTEMPTS} times`);
    },
    /** Line and leaf hash together, so that nothing in the item contradicts itself. */
    forge: (key: Item, line: string) => setLine(key, forged(line), WAITING),
    imitateMark: (key: Item) =>
      update(key, {
        UpdateExpression: 'SET sealedAt = :zero, #segment = :zero, expiresAt = :late REMOVE unsealed, #position',
        ConditionExpression: WAITING,
        ExpressionAttributeNames: { '#position': LEDGER.unsealedIndex.sortKey, '#segment': 'segment' },
        ExpressionAttributeValues: { ':zero': { N: '0' }, ':late': { N: '1900000000' } },
      }),
    remove: (Key: Item) => dynamo.send(new DeleteItemCommand({ TableName, Key, ConditionExpression: WAITING })),
    /** Forges a sealed entry; gives back how to undo it. */
    forgeSealed: async (): Promise<() => Promise<unknown>> => {
      const sealed = (await scan('sealedAt')).find((item) => item['type']?.S === 'auth.denied');
      const line = sealed?.['line']?.S ?? '';
      const key = keyOf(sealed ?? {});
      await setLine(key, forged(line), 'attribute_exists(sealedAt)');
      return () => setLine(key, line, 'attribute_exists(sealedAt)');
    },
    removeKey: async (): Promise<void> => {
      const key = (await scan('wrapped')).at(-1);
      await dynamo.send(new DeleteItemCommand({ TableName, Key: keyOf(key ?? {}) }));
    },
  };
};

/** What the watcher left in a copy of the log. */
export const suspicionsIn = async (log: string): Promise<readonly TamperWatched[]> => {
  const segments = await readdir(join(log, 'seg'));
  const lines = await Promise.all(
    segments.map(async (segment) => unpackLines(await readFile(join(log, 'seg', segment)))),
  );
  const entries = lines.flat().map((line) => JSON.parse(line) as Entry);
  return entries.flatMap((entry) => (entry.type === 'tamper.suspected' && 'event' in entry ? [entry] : []));
};
