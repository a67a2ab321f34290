// The wrapped data keys of sessions, beside their entries in the ledger table. Reads only.

import { type AttributeValue, type DynamoDBClient, paginateQuery, paginateScan } from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';
import { sessionPartition } from '../core/ledger/line.ts';
import type { WrappedKey } from './dynamo-items.ts';

export interface WrappedKeys {
  ofSession(sid: string): Promise<readonly WrappedKey[]>;
  /** Of every session: reads the whole table. */
  all(): Promise<readonly WrappedKey[]>;
}

const SORT_PREFIX = 'key#';
const PARTITION_PREFIX = sessionPartition('');

export const makeWrappedKeys = (client: DynamoDBClient, table: string): WrappedKeys => {
  const ofKeys = { ':key': { S: SORT_PREFIX } };
  return {
    ofSession: async (sid) => {
      const pages = paginateQuery(
        { client },
        {
          TableName: table,
          KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :key)',
          ExpressionAttributeNames: { '#pk': LEDGER.partitionKey, '#sk': LEDGER.sortKey },
          ExpressionAttributeValues: { ...ofKeys, ':pk': { S: sessionPartition(sid) } },
          ConsistentRead: true,
        },
      );
      const keys: WrappedKey[] = [];
      for await (const { Items = [] } of pages) keys.push(...Items.map(readKey));
      return keys;
    },
    all: async () => {
      const pages = paginateScan(
        { client },
        {
          TableName: table,
          FilterExpression: 'begins_with(#sk, :key)',
          ExpressionAttributeNames: { '#sk': LEDGER.sortKey },
          ExpressionAttributeValues: ofKeys,
          ConsistentRead: true,
        },
      );
      const keys: WrappedKey[] = [];
      for await (const { Items = [] } of pages) keys.push(...Items.map(readKey));
      return keys;
    },
  };
};

const readKey = (item: Record<string, AttributeValue>): WrappedKey => ({
  sid: (item[LEDGER.partitionKey]?.S ?? '').slice(PARTITION_PREFIX.length),
  kid: (item[LEDGER.sortKey]?.S ?? '').slice(SORT_PREFIX.length),
  wrapped: item['wrapped']?.S ?? '',
});
