import { BatchWriteItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect } from 'vitest';
import { LEDGER } from '../../lambdas/contract.ts';
import { contractCase } from './contract-case.ts';
import { append, createLedgerTable, entry, keyOf } from './ledger-table.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
let table = '';
const client = () => target().dynamoDb;
beforeAll(async () => {
  table = await createLedgerTable(client());
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/GSI.html
describe('the sparse index of unsealed entries', () => {
  const { unsealedIndex } = LEDGER;
  const unsealed = (shard: string, position: string) => ({
    [unsealedIndex.partitionKey]: { S: shard },
    [unsealedIndex.sortKey]: { S: position },
  });
  const queryUnsealed = async (shard: string) => {
    const { Items } = await client().send(
      new QueryCommand({
        TableName: table,
        IndexName: unsealedIndex.name,
        KeyConditionExpression: '#u = :shard',
        ExpressionAttributeNames: { '#u': unsealedIndex.partitionKey },
        ExpressionAttributeValues: { ':shard': { S: shard } },
      }),
    );
    return (Items ?? []).map((item) => item[unsealedIndex.sortKey]?.S);
  };

  contractCase('ddb-index-sparse', 'lists only items that carry its key, in the order of its sort key', async () => {
    const shard = uniqueName('shard');
    const session = uniqueName('s');
    await append(client(), table, entry(session, '2', unsealed(shard, '2#b')));
    await append(client(), table, entry(session, '1', unsealed(shard, '1#a')));
    await append(client(), table, entry(session, '3'));
    await expect.poll(() => queryUnsealed(shard), { timeout: 5000 }).toEqual(['1#a', '2#b']);
  });

  contractCase('ddb-index-removal', 'drops an entry when the sealer removes its key', async () => {
    const shard = uniqueName('shard');
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1', unsealed(shard, '1#a')));
    await client().send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(session, '1'),
        UpdateExpression: 'REMOVE #u',
        ExpressionAttributeNames: { '#u': unsealedIndex.partitionKey },
      }),
    );
    await expect.poll(() => queryUnsealed(shard), { timeout: 5000 }).toEqual([]);
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.Pagination.html
  contractCase(
    'ddb-query-pages',
    'pages through a session in order, without losing or repeating an entry',
    async () => {
      const session = uniqueName('s');
      const positions = ['1', '2', '3', '4', '5'];
      await client().send(
        new BatchWriteItemCommand({
          RequestItems: { [table]: positions.map((at) => ({ PutRequest: { Item: entry(session, at) } })) },
        }),
      );
      const seen: (string | undefined)[] = [];
      let start: Record<string, { S: string }> | undefined;
      do {
        const page = await client().send(
          new QueryCommand({
            TableName: table,
            KeyConditionExpression: 'pk = :s',
            ExpressionAttributeValues: { ':s': { S: session } },
            ConsistentRead: true,
            Limit: 2,
            ExclusiveStartKey: start,
          }),
        );
        seen.push(...(page.Items ?? []).map((item) => item['sk']?.S));
        start = page.LastEvaluatedKey as typeof start;
      } while (start !== undefined);
      expect(seen).toEqual(positions);
    },
  );
});
