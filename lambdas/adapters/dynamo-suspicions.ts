// Where the watcher writes: entries of its own partitions of the ledger table, one for each change of the stream, once.

import { ConditionalCheckFailedException, type DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';
import type { TamperWatched } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { entryItem } from './dynamo-items.ts';

class SuspicionError extends Error {
  readonly code = 'PLACE_TAKEN';
}

export interface SuspicionLog {
  /** `known`: an earlier delivery of the same change was recorded. */
  record(entry: TamperWatched): Promise<'recorded' | 'known'>;
}

export const makeSuspicionLog = (client: DynamoDBClient, table: string): SuspicionLog => ({
  record: async (entry) => {
    const command = new PutItemCommand({
      TableName: table,
      Item: entryItem({ entry: toWalEntry(entry), body: null }),
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': LEDGER.partitionKey },
      ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    });
    try {
      await client.send(command);
      return 'recorded';
    } catch (cause) {
      if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
      if (isSameSuspicion(cause.Item?.['line']?.S, entry)) return 'known';
      // Whoever can write the table could put something else here to keep the watcher quiet.
      throw new SuspicionError(`Another item stands where change ${entry.event.id} is to be recorded`, { cause });
    }
  },
});

/** A repeated delivery differs in the stamp only. */
const isSameSuspicion = (line: string | undefined, entry: TamperWatched): boolean => {
  try {
    const there = JSON.parse(line ?? '') as Partial<TamperWatched>;
    const said = ({ type, detail, event, item, leafBefore, leafAfter }: Partial<TamperWatched>) =>
      JSON.stringify([type, detail, event?.id, item?.partition, item?.sort, leafBefore, leafAfter]);
    return said(there) === said(entry);
  } catch {
    return false;
  }
};
