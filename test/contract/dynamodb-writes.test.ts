import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal, refusalError } from './contract-case.ts';
import { append, createLedgerTable, entry, keyOf, read } from './ledger-table.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
let table = '';
const client = () => target().dynamoDb;
beforeAll(async () => {
  table = await createLedgerTable(client());
});

// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.ConditionExpressions.html
describe('appending to the ledger', () => {
  contractCase('ddb-append', 'appends an entry where nothing stands, and reads it back', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1', { line: { S: 'é"' }, bytes: { B: Uint8Array.of(0, 255) } }));
    expect(await read(client(), table, keyOf(session, '1'))).toEqual(
      entry(session, '1', { line: { S: 'é"' }, bytes: { B: Uint8Array.of(0, 255) } }),
    );
  });

  contractCase('ddb-append-twice', 'refuses the same entry a second time, and the first stays', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1', { line: { S: 'first' } }));
    const second = append(client(), table, entry(session, '1', { line: { S: 'second' } }));
    expect(await refusal(second)).toBe('ConditionalCheckFailedException');
    expect((await read(client(), table, keyOf(session, '1')))?.['line']).toEqual({ S: 'first' });
  });

  contractCase('ddb-append-next', 'accepts the next entry of the same session', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1'));
    await append(client(), table, entry(session, '2'));
    expect(await read(client(), table, keyOf(session, '2'))).toBeDefined();
  });

  contractCase('ddb-one-winner', 'lets one of 30 parallel writers append at one position', async () => {
    const session = uniqueName('s');
    const writers = Array.from({ length: 30 }, (_, writer) =>
      append(client(), table, entry(session, '1', { writer: { N: String(writer) } })),
    );
    const outcomes = await Promise.allSettled(writers);
    const winners = outcomes.flatMap((outcome, writer) => (outcome.status === 'fulfilled' ? [writer] : []));
    expect(winners).toHaveLength(1);
    expect((await read(client(), table, keyOf(session, '1')))?.['writer']).toEqual({ N: String(winners[0]) });
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PutItem.html, ReturnValuesOnConditionCheckFailure
  contractCase('ddb-put-old-item', 'answers a refused put with the item in its way, when asked', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1', { line: { S: 'first' } }));
    const asked = { ReturnValuesOnConditionCheckFailure: 'ALL_OLD' } as const;
    const error = await refusalError(append(client(), table, entry(session, '1'), asked));
    expect((error as ConditionalCheckFailedException).Item).toEqual(entry(session, '1', { line: { S: 'first' } }));
  });

  contractCase('ddb-put-no-old-item', 'keeps that item to itself when not asked', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1'));
    const error = await refusalError(append(client(), table, entry(session, '1')));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item).toBeUndefined();
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html, item size
  contractCase('ddb-item-too-large', 'refuses an entry over 400 KB', async () => {
    const large = entry(uniqueName('s'), '1', { body: { S: 'x'.repeat(400 * 1024) } });
    expect(await refusal(append(client(), table, large))).toBe('ValidationException');
  });

  contractCase('ddb-item-just-fits', 'accepts an entry just under 400 KB', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1', { body: { S: 'x'.repeat(399 * 1024) } }));
    expect(await read(client(), table, keyOf(session, '1'))).toBeDefined();
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
  contractCase('ddb-empty-key', 'refuses an empty string as a key', async () => {
    expect(await refusal(append(client(), table, entry('', '1')))).toBe('ValidationException');
  });

  // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/ReservedWords.html
  contractCase('ddb-reserved-word', 'refuses a reserved word in an expression, and takes it as a #name', async () => {
    const session = uniqueName('s');
    const condition = { ConditionExpression: 'attribute_not_exists(position)' };
    expect(await refusal(append(client(), table, entry(session, '1'), condition))).toBe('ValidationException');
    const named = { ConditionExpression: 'attribute_not_exists(#p)', ExpressionAttributeNames: { '#p': 'position' } };
    await append(client(), table, entry(session, '1'), named);
  });

  contractCase('ddb-missing-table', 'refuses to write to a table that does not exist', async () => {
    const put = client().send(new PutItemCommand({ TableName: uniqueName('none'), Item: entry('s', '1') }));
    expect(await refusal(put)).toBe('ResourceNotFoundException');
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
describe('changing and removing items under a condition', () => {
  const touch = (session: string, expected: string) =>
    client().send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(session, 'head'),
        UpdateExpression: 'SET #n = :next',
        ConditionExpression: '#n = :expected',
        ExpressionAttributeNames: { '#n': 'counter' },
        ExpressionAttributeValues: { ':next': { N: '2' }, ':expected': { N: expected } },
        ReturnValues: 'ALL_NEW',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      }),
    );
  const openSession = async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, 'head', { counter: { N: '1' } }));
    return session;
  };

  contractCase('ddb-update-cas', 'swaps a value that is still the one read', async () => {
    const { Attributes } = await touch(await openSession(), '1');
    expect(Attributes?.['counter']).toEqual({ N: '2' });
  });

  contractCase('ddb-update-cas-lost', 'refuses the swap when another came first, and shows the item', async () => {
    const session = await openSession();
    const error = await refusalError(touch(session, '7'));
    expect(error).toBeInstanceOf(ConditionalCheckFailedException);
    expect((error as ConditionalCheckFailedException).Item?.['counter']).toEqual({ N: '1' });
  });

  contractCase(
    'ddb-delete-condition',
    'refuses a delete whose condition fails, and accepts it when it holds',
    async () => {
      const session = await openSession();
      const remove = (expected: string) =>
        client().send(
          new DeleteItemCommand({
            TableName: table,
            Key: keyOf(session, 'head'),
            ConditionExpression: '#n = :expected',
            ExpressionAttributeNames: { '#n': 'counter' },
            ExpressionAttributeValues: { ':expected': { N: expected } },
            ReturnValues: 'ALL_OLD',
          }),
        );
      expect(await refusal(remove('7'))).toBe('ConditionalCheckFailedException');
      expect(await read(client(), table, keyOf(session, 'head'))).toBeDefined();
      expect((await remove('1')).Attributes?.['counter']).toEqual({ N: '1' });
      expect(await read(client(), table, keyOf(session, 'head'))).toBeUndefined();
    },
  );

  contractCase('ddb-update-key', 'refuses to change a key attribute', async () => {
    const session = await openSession();
    const update = client().send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(session, 'head'),
        UpdateExpression: 'SET sk = :x',
        ExpressionAttributeValues: { ':x': { S: 'other' } },
      }),
    );
    expect(await refusal(update)).toBe('ValidationException');
  });

  contractCase('ddb-update-creates', 'creates the item that an unconditional update names', async () => {
    const session = uniqueName('s');
    const count = () =>
      client().send(
        new UpdateItemCommand({
          TableName: table,
          Key: keyOf(session, 'count'),
          UpdateExpression: 'ADD calls :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
          ReturnValues: 'UPDATED_NEW',
        }),
      );
    await Promise.all(Array.from({ length: 10 }, count));
    expect((await count()).Attributes).toEqual({ calls: { N: '11' } });
  });
});
