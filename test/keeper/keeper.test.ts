// The keeper over the loopback AWS: what it closes, what it records, and who wins when somebody else is at it too.

import { UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { beforeEach, describe, expect, it } from 'vitest';
import { makeKeptSessions } from '../../lambdas/adapters/dynamo-keeping.ts';
import { type Records, RecordsError } from '../../lambdas/adapters/dynamo-records.ts';
import { revokeSession } from '../../lambdas/adapters/dynamo-revocation.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import type { Session } from '../../lambdas/core/sessions/session.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { useAws } from '../adapters/aws.ts';
import { newSid, recordsUnderTest } from '../adapters/records-under-test.ts';
import { aSession, intentEntry, NOW, NOW_MS, openEntry, outcomeEntry, segmentEntry } from '../support/builders.ts';
import { type KeeperSetting, runKeeper } from '../support/keeper.ts';

const aws = useAws();
const { tables, records, itemsOf, sessionItemOf } = recordsUnderTest(aws);
const LIMITS = { idleSeconds: 1800, maxSeconds: 43_200 };
const setting = (): KeeperSetting => ({
  origin: 'mcp.bank.example/countersign',
  limits: LIMITS,
  client: aws().dynamoDb,
  tables: tables(),
});
/** A run of the keeper, seconds after NOW. */
const keep = (seconds: number, over: Parameters<typeof runKeeper>[2] = {}) =>
  runKeeper(setting(), NOW_MS + seconds * 1000, over);

const at = (seconds: number) => ({ ts: toTimestamp(NOW_MS + seconds * 1000) });
const write = (...entries: Entry[]) =>
  records().commit({ entries: entries.map((entry) => ({ entry: toWalEntry(entry), body: null })) });
const call = (sid: string, seq: number, seconds = 0) => intentEntry({ sid, seq: String(seq), ...at(seconds) });
const answer = (sid: string, seq: number) => outcomeEntry({ sid, seq: String(seq) });

/** A session whose first call has its outcome. */
const used = async (over: Partial<Session> = {}): Promise<Session> => {
  const session = aSession({ sid: newSid(), ...over });
  const { sid } = session;
  const entries = [{ ...openEntry(), sid } as Entry, call(sid, 1)].map((entry) => ({
    entry: toWalEntry(entry),
    body: null,
  }));
  await records().commit({ entries, open: { session, window: null, dueAt: NOW } });
  await write(answer(sid, 1));
  return session;
};
const touch = (session: Session, seconds: number) => records().touch(session.sid, session, NOW + seconds, LIMITS);
const entriesOf = async (sid: string): Promise<Entry[]> =>
  (await itemsOf(sid)).map((item) => {
    const parsed = parseEntry(item['line']?.S ?? '', item['leaf']?.S ?? '');
    if (!parsed.ok) throw new Error('a damaged entry');
    return parsed.value;
  });
const lastOf = async (sid: string) => (await entriesOf(sid)).at(-1);
const typesOf = async (sid: string) => (await entriesOf(sid)).map(({ type }) => type);
const stateOf = async (sid: string) => {
  const item = (await sessionItemOf(sid)) ?? {};
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, value.S ?? value.N]));
};

// One file, one pair of tables: what earlier tests left due is looked after first.
beforeEach(async () => {
  await keep(1_000_000).catch(() => undefined);
});

describe('an open session', () => {
  it('is left alone while it is neither idle nor old, and looked at again', async () => {
    const { sid } = await used();
    expect(await keep(0)).toEqual({ visited: 1, closed: 0, recorded: 0, handedOver: 0 });
    expect(await stateOf(sid)).toMatchObject({ status: 'open', dueAt: toTimestamp((NOW + 1200) * 1000), settled: '1' });
    expect(await keep(0)).toMatchObject({ visited: 0 });
  });

  it('is looked at when it may be idle, and not when it was used since', async () => {
    const session = await used();
    await keep(1000);
    expect(await stateOf(session.sid)).toMatchObject({ dueAt: toTimestamp((NOW + 1800) * 1000) });
    await write(call(session.sid, (await touch(session, 1500)).session?.seq ?? 0, 1500), answer(session.sid, 2));
    expect(await keep(1800)).toMatchObject({ closed: 0 });
    expect(await stateOf(session.sid)).toMatchObject({ status: 'open', dueAt: toTimestamp((NOW + 3000) * 1000) });
  });

  it('ends when it is idle: closing entry, why, and the sealer is next', async () => {
    const { sid } = await used();
    expect(await keep(1800)).toEqual({ visited: 1, closed: 1, recorded: 0, handedOver: 1 });
    expect(await lastOf(sid)).toMatchObject({ type: 'session.close', why: 'idle', calls: '1', ...at(1800) });
    expect(await stateOf(sid)).toMatchObject({ status: 'closed', why: 'idle', due: 'sealer' });
  });

  it('ends when it is too old, however lively', async () => {
    const session = await used({ endsAt: NOW + 100, lastSeenAt: NOW + 90 });
    expect(await keep(99)).toMatchObject({ closed: 0 });
    expect(await keep(100)).toMatchObject({ closed: 1 });
    expect(await lastOf(session.sid)).toMatchObject({ why: 'max_age' });
  });

  it('ends once: a second run finds nothing to do', async () => {
    const { sid } = await used();
    await keep(1800);
    expect(await keep(9000)).toMatchObject({ visited: 0 });
    expect((await typesOf(sid)).filter((type) => type === 'session.close')).toHaveLength(1);
  });
});

describe('a revoked session', () => {
  const revoke = (sid: string) =>
    revokeSession(aws().dynamoDb, tables(), sid, { by: 'os:olga', reason: 'left the bank' }, NOW_MS + 5000);

  it('refuses the next call, and its closing entry says who and why', async () => {
    const session = await used();
    expect(await revoke(session.sid)).toMatchObject({ ok: true, session: { status: 'closed', ended: 'revoked' } });
    expect(await touch(session, 6)).toMatchObject({ ok: false, session: { ended: 'revoked' } });
    expect(await keep(6)).toMatchObject({ closed: 1, handedOver: 1 });
    const revocation = { by: 'os:olga', reason: 'left the bank' };
    expect(await lastOf(session.sid)).toMatchObject({ type: 'session.close', why: 'revoked', revocation, calls: '1' });
    expect(await stateOf(session.sid)).toMatchObject({ due: 'sealer', closedAt: String(NOW + 6) });
  });

  it('cannot be one that has ended, or that does not exist', async () => {
    const { sid } = await used();
    await keep(1800);
    expect(await revoke(sid)).toMatchObject({ ok: false, session: { ended: 'idle' } });
    expect(await revoke(newSid())).toEqual({ ok: false, session: undefined });
    expect(await lastOf(sid)).toMatchObject({ why: 'idle' });
  });

  it('is not closed by its client any more, whose call still gets its outcome', async () => {
    const session = await used();
    const { session: counted } = await touch(session, 1);
    await write(call(session.sid, counted?.seq ?? 0, 1));
    await revoke(session.sid);
    const closing = {
      entries: [{ entry: toWalEntry(answer(session.sid, 2)), body: null }],
      close: { sid: session.sid, why: 'client', at: NOW + 6, from: 'open', due: 'keeper', dueAt: NOW + 6 } as const,
    };
    await expect(records().commit(closing)).rejects.toMatchObject({ code: 'conflict' });
    await write(answer(session.sid, 2));
    await keep(60);
    expect(await lastOf(session.sid)).toMatchObject({ why: 'revoked', calls: '2' });
  });
});

describe('a call that did not end', () => {
  it('is recorded as unknown after 20 minutes, in the place of its outcome, with the parts it left', async () => {
    const session = await used();
    const { sid } = session;
    await touch(session, 0);
    const intent = call(sid, 2, 0);
    await write(intent, segmentEntry({ sid, seq: '2' }), segmentEntry({ sid, seq: '2', part: '2' }));
    expect(await keep(1199)).toMatchObject({ recorded: 0 });
    await aws().dynamoDb.send(dueNow(sid));
    expect(await keep(1200)).toMatchObject({ recorded: 1 });
    const { leafHash } = toWalEntry(intent);
    const unknown = (await entriesOf(sid)).find(({ type }) => type === 'call.unknown');
    expect(unknown).toMatchObject({ seq: '2', callId: intent.callId, intent: leafHash, parts: '2', ...at(1200) });
    const late = records().commit({ entries: [{ entry: toWalEntry(answer(sid, 2)), body: null }] });
    await expect(late).rejects.toThrow('A call.unknown stands in this place already');
    await expect(late).rejects.toBeInstanceOf(RecordsError);
  });

  it('that ends after all wins: nothing is recorded beside its outcome', async () => {
    const session = await used();
    await touch(session, 0);
    await write(call(session.sid, 2));
    // Read before the outcome came, written after it.
    const real = records();
    const commit: Records['commit'] = async (commitment) => {
      await write(answer(session.sid, 2));
      return real.commit(commitment);
    };
    expect(await keep(1200, { records: { commit } })).toMatchObject({ recorded: 0, closed: 0 });
    expect((await typesOf(session.sid)).slice(-2)).toEqual(['call.intent', 'call.outcome']);
    expect(await stateOf(session.sid)).toMatchObject({ settled: '1' });
  });

  it('keeps an ended session from the sealer until it is settled', async () => {
    const session = await used();
    await touch(session, 1000);
    await write(call(session.sid, 2, 1000));
    expect(await keep(2800)).toMatchObject({ closed: 1, recorded: 1, handedOver: 1 });

    const brief = await used({ endsAt: NOW + 3000 });
    await touch(brief, 2990 - 1200);
    await touch(brief, 2990);
    await write(call(brief.sid, 2, 2980), answer(brief.sid, 2), call(brief.sid, 3, 2990));
    expect(await keep(3000)).toMatchObject({ closed: 1, recorded: 0, handedOver: 0 });
    expect(await stateOf(brief.sid)).toMatchObject({ due: 'keeper', dueAt: toTimestamp((NOW + 3060) * 1000) });
    expect(await keep(3060)).toMatchObject({ handedOver: 0 });
    await write(answer(brief.sid, 3));
    expect(await keep(3120)).toMatchObject({ handedOver: 1, recorded: 0 });
    expect(await stateOf(brief.sid)).toMatchObject({ due: 'sealer', settled: '3' });
  });
});

describe('a number without call', () => {
  it('is recorded as a gap when no call has come for 20 minutes, in the place of its intent', async () => {
    const session = await used();
    await touch(session, 0);
    expect(await keep(1199)).toMatchObject({ recorded: 0 });
    await aws().dynamoDb.send(dueNow(session.sid));
    expect(await keep(1200)).toMatchObject({ recorded: 1 });
    const [, , , gap] = await entriesOf(session.sid);
    expect(gap).toMatchObject({ type: 'gap', seq: '2', countedBy: toTimestamp(NOW_MS) });
    // A writer that were still there could not begin the call any more.
    const late = records().commit({ entries: [{ entry: toWalEntry(call(session.sid, 2)), body: null }] });
    await expect(late).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is recorded while calls go on: an earlier visit saw the counter', async () => {
    const session = await used();
    await touch(session, 0);
    await keep(10);
    for (const [seq, seconds] of [
      [3, 600],
      [4, 1190],
    ] as const) {
      await touch(session, seconds);
      await write(call(session.sid, seq, seconds), answer(session.sid, seq));
    }
    expect(await keep(1210)).toMatchObject({ recorded: 1, closed: 0 });
    expect(await typesOf(session.sid)).toContain('gap');
    expect(await stateOf(session.sid)).toMatchObject({ settled: '4', watchedSeq: '4' });
  });
});

describe('a call that races the closing', () => {
  /** The keeper's own steps, with something done just before it closes. */
  const closingAfter = (first: () => Promise<unknown>): { readonly records: Pick<Records, 'commit'> } => {
    const real = records();
    return {
      records: {
        commit: async (commitment) => {
          if (commitment.close !== undefined) await first();
          return real.commit(commitment);
        },
      },
    };
  };

  it('wins when it was counted first: the session stays open, and the next visit sees the call', async () => {
    const session = await used();
    // The gateway's clock is a second behind the keeper's.
    const counted = async () => expect(await touch(session, 1799)).toMatchObject({ ok: true });
    expect(await keep(1800, closingAfter(counted))).toMatchObject({ closed: 0 });
    expect(await typesOf(session.sid)).not.toContain('session.close');
    await write(call(session.sid, 2, 1799), answer(session.sid, 2));
    expect(await keep(1801)).toMatchObject({ visited: 1, closed: 0 });
    expect(await stateOf(session.sid)).toMatchObject({ status: 'open', seq: '2', settled: '2' });
  });

  it('is refused when the session was closed first, and leaves no number', async () => {
    const session = await used();
    await keep(1800);
    expect(await touch(session, 1799)).toMatchObject({ ok: false, session: { status: 'closed', ended: 'idle' } });
    expect(await stateOf(session.sid)).toMatchObject({ seq: '1' });
  });

  it('is recorded even when its session was closed between its number and its intent', async () => {
    const session = await used({ endsAt: NOW + 100 });
    expect(await touch(session, 99)).toMatchObject({ ok: true, session: { seq: 2 } });
    expect(await keep(100)).toMatchObject({ closed: 1, handedOver: 0 });
    expect(await lastOf(session.sid)).toMatchObject({ type: 'session.close', calls: '2' });
    await write(call(session.sid, 2, 101), answer(session.sid, 2));
    expect(await keep(160)).toMatchObject({ handedOver: 1 });
  });

  it('never shares the fate of a client that closes at the same time: one closing entry', async () => {
    const session = await used();
    const client = () =>
      records().commit({
        entries: [{ entry: toWalEntry({ ...closing(session.sid), ...at(1799) }), body: null }],
        close: { sid: session.sid, why: 'client', at: NOW + 1799, from: 'open', due: 'keeper', dueAt: NOW + 1799 },
      });
    await keep(1800, closingAfter(client));
    expect(await lastOf(session.sid)).toMatchObject({ type: 'session.close', why: 'client' });
    expect(await keep(1860)).toMatchObject({ closed: 0, handedOver: 1 });
    expect((await typesOf(session.sid)).filter((type) => type === 'session.close')).toHaveLength(1);
  });
});

const closing = (sid: string) =>
  ({ ...intentEntry(), type: 'session.close', sid, why: 'client', calls: '1' }) as unknown as Entry;

const dueNow = (sid: string) =>
  new UpdateItemCommand({
    TableName: tables().sessions,
    Key: { pk: { S: `session#${sid}` } },
    UpdateExpression: 'SET dueAt = :now',
    ExpressionAttributeValues: { ':now': { S: toTimestamp(NOW_MS) } },
  });

describe('a keeper', () => {
  it('looks after many sessions, page by page', async () => {
    const sessions = [];
    for (let n = 0; n < 20; n += 1) sessions.push(await used());
    expect(await keep(1800)).toMatchObject({ visited: 20, closed: 20, handedOver: 20 });
    for (const { sid } of sessions) expect(await stateOf(sid)).toMatchObject({ due: 'sealer' });
  });

  it('stops at its deadline, and the next run goes on behind what is settled', async () => {
    const session = await used();
    for (let seq = 2; seq <= 5; seq += 1) {
      await touch(session, 0);
      await write(call(session.sid, seq), answer(session.sid, seq));
    }
    let reads = 0;
    const clock = {
      now: () => {
        reads += 1;
        return NOW_MS + (reads > 8 ? 61_000 : 0);
      },
    };
    await keep(0, { clock, deadlineAt: NOW_MS + 60_000 });
    const { settled = '' } = await stateOf(session.sid);
    expect(Number(settled)).toBeGreaterThan(0);
    expect(Number(settled)).toBeLessThan(5);
    await aws().dynamoDb.send(dueNow(session.sid));
    await keep(5);
    expect(await stateOf(session.sid)).toMatchObject({ settled: '5' });
  });

  it('looks after the others when one fails, and says so by failing', async () => {
    const [bad, good] = [await used(), await used()];
    const real = makeKeptSessions(aws().dynamoDb, tables());
    const load = (sid: string) => (sid === bad.sid ? Promise.reject(new Error('unreadable')) : real.load(sid));
    await expect(keep(1800, { sessions: { ...real, load } })).rejects.toMatchObject({ code: 'SESSIONS_NOT_KEPT' });
    expect(await stateOf(good.sid)).toMatchObject({ status: 'closed' });
    expect(await stateOf(bad.sid)).toMatchObject({ status: 'open' });
  });

  it('says nothing of a call whose intent was changed, and raises its voice', async () => {
    const session = await used();
    await touch(session, 0);
    await write(call(session.sid, 2));
    await aws().dynamoDb.send(
      new UpdateItemCommand({
        TableName: tables().ledger,
        Key: { pk: { S: `session#${session.sid}` }, sk: { S: 'entry#000000000002#1' } },
        UpdateExpression: 'SET line = :line',
        ExpressionAttributeValues: { ':line': { S: '{}' } },
      }),
    );
    await expect(keep(1200)).rejects.toThrow();
    expect(await storedTypesOf(session.sid)).not.toContain('call.unknown');
    expect(await stateOf(session.sid)).toMatchObject({ settled: '1', dueAt: toTimestamp((NOW + 2400) * 1000) });
  });

  it('is stopped after every step, with it done or not, and loses nothing', async () => {
    for (let step = 1; step <= 6; step += 1) {
      for (const when of ['before', 'after'] as const) {
        const session = await used();
        await touch(session, 0);
        await write(call(session.sid, 2));
        await keep(1800, dyingAt(step, when)).catch(() => undefined);
        await keep(1860).catch(() => undefined);
        await keep(1920);
        expect(await typesOf(session.sid)).toEqual([
          ...['session.open', 'call.intent', 'call.outcome', 'call.intent', 'call.unknown', 'session.close'],
        ]);
        expect(await stateOf(session.sid)).toMatchObject({ status: 'closed', due: 'sealer', settled: '2' });
      }
    }
  });
});

const storedTypesOf = async (sid: string) => (await itemsOf(sid)).map((item) => item['type']?.S);

/** Ports of a keeper that dies at one of its calls to the tables. */
const dyingAt = (step: number, when: 'before' | 'after') => {
  let steps = 0;
  const dying = async <Value>(work: () => Promise<Value>): Promise<Value> => {
    steps += 1;
    if (steps > step || (steps === step && when === 'before')) throw new Error(`dead before step ${steps}`);
    const value = await work();
    if (steps === step) throw new Error(`dead after step ${steps}`);
    return value;
  };
  const real = makeKeptSessions(aws().dynamoDb, tables());
  return {
    records: { commit: (commitment: Parameters<Records['commit']>[0]) => dying(() => records().commit(commitment)) },
    sessions: {
      ...real,
      load: (sid: string) => dying(() => real.load(sid)),
      loadIntent: (sid: string, seq: number) => dying(() => real.loadIntent(sid, seq)),
      rearm: (...args: Parameters<typeof real.rearm>) => dying(() => real.rearm(...args)),
    },
  };
};
