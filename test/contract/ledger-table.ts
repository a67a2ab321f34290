// A table of the ledger's shape and the writes the product makes to it.

import {
  type AttributeValue,
  CreateTableCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../../lambdas/contract.ts';
import { uniqueName } from './target.ts';

export type Attributes = Record<string, AttributeValue>;

const { partitionKey, sortKey, unsealedIndex } = LEDGER;

/** Creates a ledger table and waits until it can be written to. */
export const createLedgerTable = async (client: DynamoDBClient): Promise<string> => {
  const TableName = uniqueName('ledger');
  const names = [partitionKey, sortKey, unsealedIndex.partitionKey, unsealedIndex.sortKey];
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: names.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: partitionKey, KeyType: 'HASH' },
        { AttributeName: sortKey, KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: unsealedIndex.name,
          KeySchema: [
            { AttributeName: unsealedIndex.partitionKey, KeyType: 'HASH' },
            { AttributeName: unsealedIndex.sortKey, KeyType: 'RANGE' },
          ],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1 }, { TableName });
  return TableName;
};

export const keyOf = (session: string, position: string): Attributes => ({
  [partitionKey]: { S: session },
  [sortKey]: { S: position },
});

export const entry = (session: string, position: string, more: Attributes = {}): Attributes => ({
  ...keyOf(session, position),
  ...more,
});

/** Appends as the product does: only where nothing stands yet. */
export const append = (
  client: DynamoDBClient,
  TableName: string,
  Item: Attributes,
  more: Partial<PutItemCommandInput> = {},
) =>
  client.send(
    new PutItemCommand({ TableName, Item, ConditionExpression: `attribute_not_exists(${partitionKey})`, ...more }),
  );

export const read = async (
  client: DynamoDBClient,
  TableName: string,
  Key: Attributes,
): Promise<Attributes | undefined> =>
  (await client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item;
