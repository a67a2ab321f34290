import { randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { makeRecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { aSession, deniedEntry, intentEntry, NOW, openEntry, outcomeEntry } from '../support/builders.ts';
import { useAws } from './aws.ts';

const aws = useAws();
const tables = () => ({ ledger: aws().ledgerTable, sessions: aws().sessionsTable, approvals: aws().approvalsTable });
const reader = () => makeRecordsReader(aws().dynamoDb, tables());
const write = (entry: Entry, body: string | null = null) =>
  makeRecords(aws().dynamoDb, tables()).commit({ entries: [{ entry: toWalEntry(entry), body }] });

const sid = randomUUID();
const session = aSession({ sid, upstreamSession: 'theirs' });
const later = aSession({ sid: randomUUID(), openedAt: NOW + 60 });
const nextDay = aSession({ sid: randomUUID(), openedAt: NOW + 86_400 });

beforeAll(async () => {
  const records = makeRecords(aws().dynamoDb, tables());
  for (const one of [session, later, nextDay])
    await records.commit({ entries: [], open: { session: one, window: null, dueAt: session.openedAt } });
  await write(outcomeEntry({ sid }), 'jwe');
  await write(intentEntry({ sid }));
  await write({ ...openEntry(), sid } as Entry);
  await records.saveContentKey({ sid, kid: 'sha256:00', wrapped: 'AAAA' });
  await write(deniedEntry({ ts: '2026-11-22T11:00:00.000Z' }));
  await write(deniedEntry());
});

describe('loadEntries', () => {
  it('reads a session’s entries in order, without its keys', async () => {
    const placed = [{ ...openEntry(), sid } as Entry, intentEntry({ sid }), outcomeEntry({ sid })].map(toWalEntry);
    expect(await reader().loadEntries(sid)).toEqual(
      placed.map(({ line, leafHash }, index) => ({ line, leaf: leafHash, body: index === 2 ? 'jwe' : null })),
    );
  });

  it('reads nothing of a session that does not exist', async () => {
    expect(await reader().loadEntries(randomUUID())).toEqual([]);
  });

  it('reads more than fits into one page', async () => {
    const long = randomUUID();
    const masked = Array(4).fill('x'.repeat(13_000));
    for (let seq = 1; seq <= 25; seq += 1)
      await write(intentEntry({ sid: long, seq: String(seq), args: { masked } as never }));
    const lines = await reader().loadEntries(long);
    expect(lines.map(({ line }) => JSON.parse(line).seq)).toEqual(
      Array.from({ length: 25 }, (_, at) => String(at + 1)),
    );
  });
});

describe('loadDay', () => {
  it('reads the refusals of a day in order of time', async () => {
    const lines = await reader().loadDay('2026-11-22');
    expect(lines.map(({ line }) => JSON.parse(line).ts)).toEqual([
      '2026-11-22T10:00:00.000Z',
      '2026-11-22T11:00:00.000Z',
    ]);
    expect(await reader().loadDay('2026-11-23')).toEqual([]);
  });
});

describe('listSessions', () => {
  it('lists the sessions that opened on a UTC day, newest first', async () => {
    expect(await reader().listSessions('2026-11-22')).toEqual([later, session]);
    expect(await reader().listSessions('2026-11-23')).toEqual([nextDay]);
  });
});

describe('findSession', () => {
  it('finds a session, or nothing', async () => {
    expect(await reader().findSession(sid)).toEqual(session);
    expect(await reader().findSession(randomUUID())).toBeUndefined();
  });
});
