import { PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { makeEndedSessions } from '../../lambdas/adapters/dynamo-ended.ts';
import { NOW } from '../support/builders.ts';
import { useAws } from './aws.ts';
import { intent, newSid, recordsUnderTest } from './records-under-test.ts';

const aws = useAws();
const { tables, records, opened, sessionItemOf, itemsOf } = recordsUnderTest(aws);
const ended = () => makeEndedSessions(aws().dynamoDb, tables());

const all = async <Value>(values: AsyncIterable<Value>): Promise<Value[]> => {
  const found: Value[] = [];
  for await (const value of values) found.push(value);
  return found;
};

/** A session that was closed and handed over to the sealer. */
const waiting = async (dueAt = NOW): Promise<string> => {
  const { sid } = await opened();
  const close = { sid, why: 'idle', at: NOW, from: 'open', due: 'sealer', dueAt } as const;
  await records().commit({ entries: [], close });
  return sid;
};

describe('list', () => {
  it('lists sessions that wait for their manifest, the longest first, and no others', async () => {
    const [late, early] = [await waiting(NOW + 9), await waiting(NOW)];
    const { sid: open } = await opened();
    const listed = await all(ended().list());
    expect(listed.indexOf(early)).toBeLessThan(listed.indexOf(late));
    expect(listed).not.toContain(open);
  });
});

describe('listIndexes', () => {
  it('says where each entry is sealed, or that it is not, and leaves keys out', async () => {
    const sid = newSid();
    for (const seq of ['1', '2']) await records().commit({ entries: [intent(sid, { seq })] });
    await records().saveContentKey({ sid, kid: 'sha256:00', wrapped: 'AAAA' });
    expect(await all(ended().listIndexes(sid))).toEqual([null, null]);
    const [{ pk, sk } = {}] = await itemsOf(sid);
    await aws().dynamoDb.send(
      new UpdateItemCommand({
        TableName: tables().ledger,
        Key: { pk: pk ?? { S: '' }, sk: sk ?? { S: '' } },
        UpdateExpression: 'SET sealedAt = :index',
        ExpressionAttributeValues: { ':index': { N: '17' } },
      }),
    );
    expect(await all(ended().listIndexes(sid))).toEqual([17, null]);
  });

  it('reads more than fits into one page', async () => {
    const sid = newSid();
    for (let seq = 0; seq < 30; seq += 1) {
      const Item = {
        ...{ pk: { S: `session#${sid}` }, sk: { S: `entry#${String(seq).padStart(12, '0')}#1` } },
        ...{ line: { S: 'x'.repeat(60_000) }, sealedAt: { N: String(seq) } },
      };
      await aws().dynamoDb.send(new PutItemCommand({ TableName: tables().ledger, Item }));
    }
    expect(await all(ended().listIndexes(sid))).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });
});

describe('finish and refuse', () => {
  it('take a session off the list, with the name of its manifest', async () => {
    const sid = await waiting();
    await ended().finish(sid, 'manifest/x.dsse.json');
    expect(await sessionItemOf(sid)).toMatchObject({ manifest: { S: 'manifest/x.dsse.json' } });
    expect(await sessionItemOf(sid)).not.toHaveProperty('due');
    // A run that comes later changes nothing.
    await ended().refuse(sid, 'too late');
    expect(await sessionItemOf(sid)).not.toHaveProperty('refusedFor');
    expect(await all(ended().list())).not.toContain(sid);
  });

  it('or with the reason why there is none, where people can find it', async () => {
    const sid = await waiting();
    await ended().refuse(sid, 'entries are missing');
    expect(await sessionItemOf(sid)).toMatchObject({ due: { S: 'refused' }, refusedFor: { S: 'entries are missing' } });
    expect(await all(ended().list())).not.toContain(sid);
  });
});
