// What the ledger table knows for legal holds: where a session's entries were sealed, and the entries of all holds.

import { type AttributeValue, type DynamoDBClient, paginateQuery } from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';
import { sessionPartition } from '../core/ledger/line.ts';

export interface SealedPlaces {
  /** Starts of the segments that hold its entries. */
  readonly segments: readonly number[];
  /** Entries that wait to be sealed. */
  readonly waiting: number;
}

export interface HoldRecords {
  placesOf(sid: string): Promise<SealedPlaces>;
  /** Lines and leaf hashes of all hold entries, in their order. */
  holdLines(): Promise<readonly { readonly line: string; readonly leaf: string }[]>;
}

export const makeHoldRecords = (client: DynamoDBClient, table: string): HoldRecords => {
  const query = async (partition: string): Promise<readonly Record<string, AttributeValue>[]> => {
    const pages = paginateQuery(
      { client },
      {
        TableName: table,
        KeyConditionExpression: '#pk = :pk',
        ExpressionAttributeNames: { '#pk': LEDGER.partitionKey },
        ExpressionAttributeValues: { ':pk': { S: partition } },
        ConsistentRead: true,
      },
    );
    const items: Record<string, AttributeValue>[] = [];
    for await (const { Items = [] } of pages) items.push(...Items);
    return items;
  };
  return {
    placesOf: async (sid) => {
      const items = (await query(sessionPartition(sid))).filter((item) => item['line'] !== undefined);
      const segments = items.flatMap((item) => (item['segment']?.N === undefined ? [] : [Number(item['segment'].N)]));
      const waiting = items.filter((item) => item[LEDGER.unsealedIndex.partitionKey] !== undefined).length;
      return { segments: [...new Set(segments)].sort((a, b) => a - b), waiting };
    },
    holdLines: async () =>
      (await query(LEDGER.holdsPartition)).map((item) => ({
        line: item['line']?.S ?? '',
        leaf: item['leaf']?.S ?? '',
      })),
  };
};
