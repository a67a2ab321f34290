// What a witness, and the sealer of a witness, keep in DynamoDB.

import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { makeWitnessMemories } from '../../lambdas/adapters/dynamo-witness-memory.ts';
import { makeWitnessStates } from '../../lambdas/adapters/dynamo-witness-states.ts';
import { leafHashOf, type TreeHead } from '../../lambdas/core/ledger/merkle.ts';
import { useAws } from './aws.ts';

const aws = useAws();
const states = () => makeWitnessStates(aws().dynamoDb, aws().witnessTable);
const head = (size: number, text = 'a'): TreeHead => ({ size, root: Buffer.from(leafHashOf(text)) });

describe('makeWitnessStates', () => {
  it('begins with nothing, and goes on from what it loaded', async () => {
    expect(await states().load('begin')).toBeUndefined();
    expect(await states().advance('begin', undefined, head(0))).toBe(true);
    expect(await states().advance('begin', await states().load('begin'), head(5))).toBe(true);
    expect(await states().load('begin')).toEqual(head(5));
  });

  it.each([
    ['a first state when there is one', undefined],
    ['another size', head(4)],
    ['another root of the same size', head(5, 'b')],
  ])('does not go on from %s', async (_, from) => {
    const origin = `from ${from?.size} ${_}`;
    await states().advance(origin, undefined, head(5));
    expect(await states().advance(origin, from, head(9))).toBe(false);
    expect(await states().load(origin)).toEqual(head(5));
  });

  it('lets one of many go on', async () => {
    const all = Array.from({ length: 20 }, (_, index) => states().advance('race', undefined, head(7, String(index))));
    expect((await Promise.all(all)).filter((won) => won)).toHaveLength(1);
  });

  it('publishes a checkpoint only while it is the last', async () => {
    await states().advance('publish', undefined, head(5));
    await states().publish('publish', head(5), 'five');
    expect(await states().published('publish')).toBe('five');
    await states().advance('publish', head(5), head(6));
    await states().publish('publish', head(5), 'late');
    expect(await states().published('publish')).toBe('five');
    expect(await states().published('unknown')).toBeUndefined();
  });

  it('stops at a damaged item, and does not begin anew', async () => {
    const Item = { origin: { S: 'damaged' }, size: { N: '5' } };
    await aws().dynamoDb.send(new PutItemCommand({ TableName: aws().witnessTable, Item }));
    await expect(states().load('damaged')).rejects.toMatchObject({ code: 'WITNESS_STATE_UNREADABLE' });
  });
});

describe('makeWitnessMemories', () => {
  it('keeps one memory for each witness', async () => {
    const memories = makeWitnessMemories(aws().dynamoDb, aws().ledgerTable);
    const memory = { cosigned: 9, edge: { size: 9, roots: ['YQ==', 'Yg=='] }, refused: null };
    expect(await memories.load('aaaaaaaa')).toBeUndefined();
    await memories.save('aaaaaaaa', memory);
    await memories.save('bbbbbbbb', { ...memory, edge: { size: 0, roots: [] }, refused: '422 at 9' });
    expect(await memories.load('aaaaaaaa')).toEqual(memory);
    expect(await memories.load('bbbbbbbb')).toEqual({ ...memory, edge: { size: 0, roots: [] }, refused: '422 at 9' });
  });
});
