import { DynamoDBClient, ScanCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import type { Closing, Commitment } from '../../lambdas/adapters/dynamo-items.ts';
import { makeEntryAppender } from '../../lambdas/adapters/dynamo-records.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { aSession, intentEntry, NOW, openEntry, outcomeEntry } from '../support/builders.ts';
import { NOBODY, useAws } from './aws.ts';
import { codeOf, intent, newSid, recordsUnderTest } from './records-under-test.ts';

const aws = useAws();
const { records, opened, itemsOf } = recordsUnderTest(aws);
/** The client ends its session. */
const closing = (sid: string): Closing => ({ sid, why: 'client', at: NOW, from: 'open', due: 'keeper', dueAt: NOW });
const LIMITS = { idleSeconds: 1800, maxSeconds: 43_200 };

describe('commit', () => {
  it('stores an entry with its line, leaf, body and place among unsealed ones', async () => {
    const sid = newSid();
    const entry = toWalEntry(intentEntry({ sid }));
    await records().commit({ entries: [{ entry, body: 'jwe' }] });
    expect(await itemsOf(sid)).toEqual([
      {
        pk: { S: `session#${sid}` },
        sk: { S: entry.sort },
        type: { S: 'call.intent' },
        line: { S: entry.line },
        leaf: { S: entry.leafHash },
        body: { S: 'jwe' },
        unsealed: { S: expect.stringMatching(/^[0-7]$/) },
        position: { S: entry.position },
      },
    ]);
  });

  it('stores session, window and first entries together', async () => {
    const session = aSession({ sid: newSid() });
    const entries = [
      { entry: toWalEntry({ ...openEntry(), sid: session.sid } as never), body: null },
      intent(session.sid),
    ];
    await records().commit({ entries, open: { session, window: { key: session.sid, replaces: null }, dueAt: NOW } });
    expect(await itemsOf(session.sid)).toHaveLength(2);
    expect(await records().findWindow(session.sid)).toBe(session.sid);
    expect(await records().touch(session.sid, session, NOW, LIMITS)).toMatchObject({ ok: true });
  });

  it('learns the upstream’s session, and closes', async () => {
    const { sid, ...owner } = await opened();
    await records().commit({ entries: [intent(sid)], bind: { sid, upstreamSession: 'theirs' } });
    expect(await records().touch(sid, owner, NOW, LIMITS)).toMatchObject({ session: { upstreamSession: 'theirs' } });
    await records().commit({ entries: [], close: closing(sid) });
    expect(await records().touch(sid, owner, NOW, LIMITS)).toMatchObject({ ok: false, session: { status: 'closed' } });
  });

  it.each([
    [
      'the place of an entry is taken',
      async (sid: string): Promise<Commitment> => {
        await records().commit({ entries: [intent(sid)] });
        return { entries: [{ entry: toWalEntry(outcomeEntry({ sid })), body: null }, intent(sid, { id: 'other' })] };
      },
    ],
    [
      'the session exists',
      async (): Promise<Commitment> => {
        const session = await opened();
        return { entries: [intent(newSid())], open: { session, window: null, dueAt: NOW } };
      },
    ],
    [
      'the session to close does not exist',
      async (sid: string): Promise<Commitment> => {
        return { entries: [intent(sid)], close: closing(await Promise.resolve(newSid())) };
      },
    ],
    [
      'the session to bind does not exist',
      async (sid: string): Promise<Commitment> => {
        return { entries: [intent(sid)], bind: { sid: await Promise.resolve(newSid()), upstreamSession: 's' } };
      },
    ],
  ])('stores nothing at all when %s', async (_what, prepare) => {
    const commitment = await prepare(newSid());
    const count = async () =>
      (await aws().dynamoDb.send(new ScanCommand({ TableName: aws().ledgerTable, Select: 'COUNT' }))).Count;
    const before = await count();
    expect(await codeOf(records().commit(commitment))).toBe('conflict');
    expect(await count()).toBe(before);
  });

  it('never overwrites an entry, not even alone', async () => {
    const sid = newSid();
    await records().commit({ entries: [intent(sid)] });
    expect(await codeOf(records().commit({ entries: [intent(sid, { id: 'other' })] }))).toBe('conflict');
    expect(await itemsOf(sid)).toMatchObject([{ line: { S: intent(sid).entry.line } }]);
  });

  it('lets exactly one of twenty processes open a window', async () => {
    const key = newSid();
    const tries = Array.from({ length: 20 }, () => {
      const session = aSession({ sid: newSid() });
      return codeOf(
        records().commit({
          entries: [intent(session.sid)],
          open: { session, window: { key, replaces: null }, dueAt: NOW },
        }),
      );
    });
    const codes = await Promise.all(tries);
    expect(codes.filter((code) => code === 'committed')).toHaveLength(1);
    expect(codes.filter((code) => code === 'conflict')).toHaveLength(19);
  });

  it('replaces a window only while it points where it pointed', async () => {
    const key = newSid();
    const open = (replaces: string | null) => {
      const session = aSession({ sid: newSid() });
      return codeOf(records().commit({ entries: [], open: { session, window: { key, replaces }, dueAt: NOW } })).then(
        (code) => [code, session.sid],
      );
    };
    const [, first = ''] = (await open(null)) as string[];
    expect((await open('somewhere-else'))[0]).toBe('conflict');
    const [code, second] = await open(first);
    expect(code).toBe('committed');
    expect(await records().findWindow(key)).toBe(second);
    expect((await open(first))[0]).toBe('conflict');
  });

  it('is unavailable when DynamoDB is', async () => {
    const far = records(new DynamoDBClient(NOBODY));
    expect(await codeOf(far.commit({ entries: [intent(newSid())] }))).toBe('unavailable');
    expect(await codeOf(far.commit({ entries: [intent(newSid()), intent(newSid())] }))).toBe('unavailable');
    expect(await codeOf(far.findWindow('w'))).toBe('unavailable');
  });
});

describe('saveContentKey', () => {
  it('stores the wrapped key beside the entries of its session, once', async () => {
    const sid = newSid();
    const key = { sid, kid: 'sha256:00', wrapped: 'AAAA' };
    await records().saveContentKey(key);
    expect(await itemsOf(sid)).toEqual([
      { pk: { S: `session#${sid}` }, sk: { S: 'key#sha256:00' }, type: { S: 'content-key' }, wrapped: { S: 'AAAA' } },
    ]);
    expect(await codeOf(records().saveContentKey({ ...key, wrapped: 'BBBB' }))).toBe('conflict');
  });
});

describe('makeEntryAppender', () => {
  it('appends an entry, and never over another', async () => {
    const sid = newSid();
    const appender = makeEntryAppender(aws().dynamoDb, aws().ledgerTable);
    await appender.append(intent(sid));
    expect(await itemsOf(sid)).toMatchObject([{ line: { S: intent(sid).entry.line } }]);
    expect(await codeOf(appender.append(intent(sid, { id: 'other' })))).toBe('conflict');
  });
});
