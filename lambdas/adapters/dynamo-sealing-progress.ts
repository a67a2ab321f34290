// How far the log is sealed, as the sealer last noted it. One item, and the only one of the ledger that the gateway reads.

import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';

const { partition, sort } = LEDGER.sealerHead;
const HEAD_KEY = { [LEDGER.partitionKey]: { S: partition }, [LEDGER.sortKey]: { S: sort } };

/** Epoch milliseconds: what was written before is sealed and signed. `undefined` before the first run has ended. */
export type SealedUntil = () => Promise<number | undefined>;

export const makeSealedUntil =
  (client: DynamoDBClient, table: string): SealedUntil =>
  async () => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: HEAD_KEY, ConsistentRead: true }));
    const checkedAt = Item?.['checkedAt']?.N;
    return checkedAt === undefined ? undefined : Number(checkedAt);
  };
