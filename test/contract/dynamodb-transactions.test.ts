// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html

import {
  TransactGetItemsCommand,
  type TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal, refusalError } from './contract-case.ts';
import { type Attributes, append, createLedgerTable, entry, keyOf, read } from './ledger-table.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
let table = '';
const client = () => target().dynamoDb;
beforeAll(async () => {
  table = await createLedgerTable(client());
});

const transact = (items: TransactWriteItem[], ClientRequestToken?: string) =>
  client().send(new TransactWriteItemsCommand({ TransactItems: items, ClientRequestToken }));
const put = (Item: Attributes): TransactWriteItem => ({ Put: { TableName: table, Item } });
const putNew = (Item: Attributes): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item,
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  },
});
const check = (session: string, at: string): TransactWriteItem => ({
  ConditionCheck: { TableName: table, Key: keyOf(session, at), ConditionExpression: 'attribute_exists(pk)' },
});

describe('appending an entry together with the session', () => {
  contractCase('ddb-tx-commits', 'commits entry, session and removal together', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, 'open'));
    await append(client(), table, entry(session, 'draft'));
    await transact([
      check(session, 'open'),
      putNew(entry(session, '1')),
      { Delete: { TableName: table, Key: keyOf(session, 'draft') } },
      {
        Update: {
          TableName: table,
          Key: keyOf(session, 'head'),
          UpdateExpression: 'SET calls = :n',
          ExpressionAttributeValues: { ':n': { N: '1' } },
        },
      },
    ]);
    expect(await read(client(), table, keyOf(session, '1'))).toBeDefined();
    expect(await read(client(), table, keyOf(session, 'draft'))).toBeUndefined();
    expect((await read(client(), table, keyOf(session, 'head')))?.['calls']).toEqual({ N: '1' });
  });

  contractCase('ddb-tx-all-or-none', 'writes nothing when one condition fails, and says which', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1', { line: { S: 'first' } }));
    const error = await refusalError(transact([putNew(entry(session, '2')), putNew(entry(session, '1'))]));
    expect(error.name).toBe('TransactionCanceledException');
    const { CancellationReasons } = error as TransactionCanceledException;
    expect(CancellationReasons?.map((reason) => reason.Code)).toEqual(['None', 'ConditionalCheckFailed']);
    expect(CancellationReasons?.[1]?.Item).toEqual(entry(session, '1', { line: { S: 'first' } }));
    expect(await read(client(), table, keyOf(session, '2'))).toBeUndefined();
  });

  contractCase('ddb-tx-check-fails', 'refuses an entry for a session that is not open', async () => {
    const session = uniqueName('s');
    const error = await refusalError(transact([check(session, 'open'), put(entry(session, '1'))]));
    const codes = (error as TransactionCanceledException).CancellationReasons?.map((reason) => reason.Code);
    expect(codes).toEqual(['ConditionalCheckFailed', 'None']);
    expect(await read(client(), table, keyOf(session, '1'))).toBeUndefined();
  });

  contractCase('ddb-tx-one-winner', 'lets one of 30 parallel sealers win a segment', async () => {
    const session = uniqueName('s');
    const sealers = Array.from({ length: 30 }, (_, sealer) =>
      transact([putNew(entry(session, 'segment')), put(entry(session, `sealer-${sealer}`))]),
    );
    const outcomes = await Promise.allSettled(sealers);
    const winners = outcomes.flatMap((outcome, sealer) => (outcome.status === 'fulfilled' ? [sealer] : []));
    expect(winners).toHaveLength(1);
    const traces = await Promise.all(
      sealers.map((_, sealer) => read(client(), table, keyOf(session, `sealer-${sealer}`))),
    );
    expect(traces.flatMap((trace, sealer) => (trace === undefined ? [] : [sealer]))).toEqual(winners);
  });
});

describe('repeating a transaction', () => {
  const count = (session: string, by = '1'): TransactWriteItem => ({
    Update: {
      TableName: table,
      Key: keyOf(session, 'head'),
      UpdateExpression: 'ADD calls :n',
      ExpressionAttributeValues: { ':n': { N: by } },
    },
  });

  contractCase('ddb-tx-token-repeat', 'applies a repeated token once', async () => {
    const session = uniqueName('s');
    const token = crypto.randomUUID();
    await transact([count(session)], token);
    await transact([count(session)], token);
    expect((await read(client(), table, keyOf(session, 'head')))?.['calls']).toEqual({ N: '1' });
  });

  contractCase('ddb-tx-token-fresh', 'applies another token again', async () => {
    const session = uniqueName('s');
    await transact([count(session)], crypto.randomUUID());
    await transact([count(session)], crypto.randomUUID());
    expect((await read(client(), table, keyOf(session, 'head')))?.['calls']).toEqual({ N: '2' });
  });

  contractCase('ddb-tx-token-mismatch', 'refuses a token reused for other content', async () => {
    const session = uniqueName('s');
    const token = crypto.randomUUID();
    await transact([count(session)], token);
    expect(await refusal(transact([count(session, '2')], token))).toBe('IdempotentParameterMismatchException');
    expect((await read(client(), table, keyOf(session, 'head')))?.['calls']).toEqual({ N: '1' });
  });
});

describe('limits of a transaction', () => {
  const many = (session: string, amount: number) =>
    Array.from({ length: amount }, (_, at) => put(entry(session, String(at))));

  contractCase('ddb-tx-100-items', 'takes 100 items', async () => {
    const session = uniqueName('s');
    await transact(many(session, 100));
    expect(await read(client(), table, keyOf(session, '99'))).toBeDefined();
  });

  contractCase('ddb-tx-101-items', 'refuses 101 items', async () => {
    expect(await refusal(transact(many(uniqueName('s'), 101)))).toBe('ValidationException');
  });

  contractCase('ddb-tx-duplicate', 'refuses two operations on one item', async () => {
    const session = uniqueName('s');
    expect(await refusal(transact([put(entry(session, '1')), check(session, '1')]))).toBe('ValidationException');
  });

  contractCase('ddb-tx-bad-key', 'reports a malformed key as the reason of its own item', async () => {
    const session = uniqueName('s');
    const bad: TransactWriteItem = { Put: { TableName: table, Item: { pk: { S: session } } } };
    const error = await refusalError(transact([put(entry(session, '1')), bad]));
    expect(['TransactionCanceledException', 'ValidationException']).toContain(error.name);
    expect(await read(client(), table, keyOf(session, '1'))).toBeUndefined();
  });

  contractCase('ddb-tx-missing-table', 'refuses a transaction on a table that does not exist', async () => {
    const elsewhere: TransactWriteItem = { Put: { TableName: uniqueName('none'), Item: entry('s', '1') } };
    expect(await refusal(transact([elsewhere]))).toBe('ResourceNotFoundException');
  });
});

// https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactGetItems.html
describe('reading several items at one moment', () => {
  contractCase('ddb-tx-get', 'answers in the order asked, with a gap for an absent item', async () => {
    const session = uniqueName('s');
    await append(client(), table, entry(session, '1'));
    const { Responses } = await client().send(
      new TransactGetItemsCommand({
        TransactItems: ['2', '1'].map((at) => ({ Get: { TableName: table, Key: keyOf(session, at) } })),
      }),
    );
    expect(Responses?.map((response) => response.Item)).toEqual([undefined, entry(session, '1')]);
  });

  contractCase('ddb-tx-get-whole', 'never sees half of a transaction', async () => {
    const session = uniqueName('s');
    const write = (round: number) =>
      transact(['a', 'b'].map((at) => put(entry(session, at, { round: { N: String(round) } }))));
    await write(0);
    const writing = Promise.allSettled(Array.from({ length: 10 }, (_, round) => write(round + 1)));
    const looks = await Promise.allSettled(
      Array.from({ length: 10 }, () =>
        client().send(
          new TransactGetItemsCommand({
            TransactItems: ['a', 'b'].map((at) => ({ Get: { TableName: table, Key: keyOf(session, at) } })),
          }),
        ),
      ),
    );
    await writing;
    const rounds = looks.flatMap((look) =>
      look.status === 'fulfilled' ? [look.value.Responses?.map((response) => response.Item?.['round']?.N)] : [],
    );
    expect(rounds.length).toBeGreaterThan(0);
    for (const pair of rounds) expect(pair?.[0]).toBe(pair?.[1]);
  });
});
