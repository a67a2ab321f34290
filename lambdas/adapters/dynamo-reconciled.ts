// Days that were reconciled: one item each, in a partition of their own of the ledger table, until it is sealed and gone.

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';
import type { Reconciled } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { entryItem } from './dynamo-items.ts';

export interface ReconciledDays {
  has(day: string): Promise<boolean>;
  /** `known`: the day was reconciled already. */
  record(entry: Reconciled): Promise<'recorded' | 'known'>;
}

export const makeReconciledDays = (client: DynamoDBClient, table: string): ReconciledDays => ({
  has: async (day) => {
    const Key = { [LEDGER.partitionKey]: { S: LEDGER.reconciledPartition }, [LEDGER.sortKey]: { S: day } };
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
    return Item !== undefined;
  },
  record: async (entry) => {
    const command = new PutItemCommand({
      TableName: table,
      Item: entryItem({ entry: toWalEntry(entry), body: null }),
      ConditionExpression: 'attribute_not_exists(#pk)',
      ExpressionAttributeNames: { '#pk': LEDGER.partitionKey },
    });
    try {
      await client.send(command);
      return 'recorded';
    } catch (cause) {
      if (cause instanceof ConditionalCheckFailedException) return 'known';
      throw cause;
    }
  },
});
