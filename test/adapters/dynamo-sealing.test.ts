// What the sealer notes for others, and entries of which there must be one for ever.

import { DeleteItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { makeSealingQueue } from '../../lambdas/adapters/dynamo-sealing.ts';
import { makeSealedUntil } from '../../lambdas/adapters/dynamo-sealing-progress.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { openEntry } from '../support/builders.ts';
import { useAws } from './aws.ts';

const aws = useAws();
const client = () => aws().dynamoDb;
const queue = () => makeSealingQueue(client(), aws().ledgerTable);

const registration = (id: string) => {
  const { v, log, ts, config, gw } = openEntry();
  const stamp = { v, log, ts, config, gw, id: `019a7d10-0000-7000-8000-00000000000${id}` };
  return toWalEntry({ ...stamp, type: 'key.registered', use: 'intent', vkey: 'v', keyId: 'k' });
};
const registrations = async () => {
  const { Items = [] } = await client().send(new ScanCommand({ TableName: aws().ledgerTable, ConsistentRead: true }));
  return Items.filter((item) => item['type']?.S === 'key.registered');
};

describe('sealed until', () => {
  it('is unknown before the sealer has noted it, and then what it noted last', async () => {
    const sealedUntil = makeSealedUntil(client(), aws().ledgerTable);
    expect(await sealedUntil()).toBeUndefined();
    await queue().saveHead({ size: 1, roots: [], sealedAt: 5, checkedAt: 7 });
    expect(await sealedUntil()).toBe(7);
    await queue().saveHead({ size: 1, roots: [], sealedAt: 5, checkedAt: 9 });
    expect(await sealedUntil()).toBe(9);
  });
});

describe('an entry that is appended once', () => {
  it('waits to be sealed like any other', async () => {
    await queue().appendOnce('registered#one', registration('1'));
    const [item] = await registrations();
    expect(item).toMatchObject({ line: { S: registration('1').line }, unsealed: { S: expect.any(String) } });
  });

  it('is not appended again, by another process or after its item has expired', async () => {
    await queue().appendOnce('registered#one', registration('2'));
    expect(await registrations()).toHaveLength(1);
    const [item] = await registrations();
    const { pk, sk } = item ?? {};
    if (pk === undefined || sk === undefined) throw new Error('no item');
    await client().send(new DeleteItemCommand({ TableName: aws().ledgerTable, Key: { pk, sk } }));
    await queue().appendOnce('registered#one', registration('3'));
    expect(await registrations()).toEqual([]);
  });

  it('is appended under another name', async () => {
    await queue().appendOnce('registered#two', registration('4'));
    expect(await registrations()).toHaveLength(1);
  });
});
