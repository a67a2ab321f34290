// The loopback DynamoDB: dynalite's expression engine, indexes and validation, with transactions, change capture and
// the table settings dynalite lacks in front of it. Differences from AWS: tables of all regions share one namespace,
// time to live deletes when it is told to, there is no Streams API (use the change feed), and reads do not wait for writes.

import { jsonService, type Operation } from '../json-protocol.ts';
import type { AwsService } from '../wire.ts';
import { type ChangeFeed, createChangeFeed } from './changes.ts';
import { checkRequest, openStore, runAction, type Store } from './dynalite.ts';
import { openTableSettings } from './table-settings.ts';
import { dropHalfMadeTables, settingsOperations, tableOperations } from './tables.ts';
import { expireItems } from './time-to-live.ts';
import { openTokens } from './tokens.ts';
import { transactionOperations } from './transactions.ts';
import { createWriter, writeOperations } from './writes.ts';

export interface LocalDynamoDb {
  readonly service: AwsService;
  readonly feed: ChangeFeed;
  /** Removes what has expired, as AWS does some time within days; resolves to how many items went. */
  expire(tableName: string): Promise<number>;
  close(): Promise<void>;
}

/** Operations that dynalite serves as they are. */
const PLAIN = [
  'GetItem',
  'BatchGetItem',
  'Query',
  'Scan',
  'ListTables',
  'TagResource',
  'UntagResource',
  'ListTagsOfResource',
];

const plainOperation =
  (store: Store, name: string): Operation =>
  (input) =>
    runAction(name, store, checkRequest(name, input, store));

export const openDynamoDb = async (path: string | null, now: () => number): Promise<LocalDynamoDb> => {
  const store = await openStore(path);
  const feed = createChangeFeed();
  await dropHalfMadeTables(store);
  const settings = await openTableSettings(store);
  const writer = createWriter(store, settings, feed);
  const operations: Record<string, Operation> = {
    ...Object.fromEntries(PLAIN.map((name) => [name, plainOperation(store, name)])),
    ...tableOperations(store, settings),
    ...settingsOperations(store, settings),
    ...writeOperations(writer),
    ...transactionOperations(writer, await openTokens(store, now)),
  };
  return {
    service: jsonService('1.0', operations),
    feed,
    expire: (tableName) => expireItems({ writer, settings, now }, tableName),
    close: async () => {
      await writer.exclusive(() => feed.drained());
      await store.db.close();
    },
  };
};
