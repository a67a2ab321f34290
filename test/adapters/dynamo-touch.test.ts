import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { type Session, type SessionOwner, sessionRefusal } from '../../lambdas/core/sessions/session.ts';
import { aSession, NOW } from '../support/builders.ts';
import { NOBODY, useAws } from './aws.ts';
import { codeOf, newSid, recordsUnderTest } from './records-under-test.ts';

const { records, opened, sessionItemOf } = recordsUnderTest(useAws());
const LIMITS = { idleSeconds: 1800, maxSeconds: 43_200 };

describe('touch', () => {
  it('counts an exchange of the owner and returns the session as it now is', async () => {
    const session = await opened({ upstreamSession: 'theirs' });
    const touched = await records().touch(session.sid, session, NOW + 5, LIMITS);
    expect(touched).toEqual({ ok: true, session: { ...session, seq: 2, lastSeenAt: NOW + 5 } });
  });

  it('gives every one of many exchanges at once a number of its own', async () => {
    const { sid, ...owner } = await opened();
    const touches = await Promise.all(Array.from({ length: 20 }, () => records().touch(sid, owner, NOW, LIMITS)));
    const numbers = touches.map(({ session }) => session?.seq ?? 0).toSorted((a, b) => a - b);
    expect(numbers).toEqual(Array.from({ length: 20 }, (_, index) => index + 2));
  });

  it('finds nothing where there is no session', async () => {
    expect(await records().touch(newSid(), aSession(), NOW, LIMITS)).toEqual({ ok: false, session: undefined });
  });

  // What refuses, the nearest that does not, and why core/sessions says so.
  const cases: readonly [string, Partial<Session>, Partial<SessionOwner>, Partial<Session>, string][] = [
    ['another subject', {}, { subject: 'bea' }, {}, 'session_foreign'],
    ['another issuer', {}, { issuer: 'https://other.example' }, {}, 'session_foreign'],
    ['another client', {}, { client: 'other' }, {}, 'session_foreign'],
    ['another server', {}, { server: 'reports' }, {}, 'session_foreign'],
    ['a closed session', { status: 'closed' }, {}, {}, 'session_ended'],
    ['an idle session', { lastSeenAt: NOW - 1800 }, {}, { lastSeenAt: NOW - 1799 }, 'session_ended'],
    ['a session too old', { endsAt: NOW }, {}, { endsAt: NOW + 1 }, 'session_ended'],
  ];
  it.each(cases)('does not count for %s, and leaves it untouched', async (_what, stored, asker, twin, reason) => {
    const session = await opened(stored);
    const owner = { ...session, ...asker };
    expect(await records().touch(session.sid, owner, NOW, LIMITS)).toEqual({ ok: false, session });
    expect(sessionRefusal(session, session.sid, owner, NOW, LIMITS)).toMatchObject({ reason });
    expect((await sessionItemOf(session.sid))?.['seq']).toEqual({ N: '1' });
    const counted = await opened(twin);
    expect(await records().touch(counted.sid, counted, NOW, LIMITS)).toMatchObject({ ok: true });
  });

  it('is unavailable when DynamoDB is', async () => {
    expect(await codeOf(records(new DynamoDBClient(NOBODY)).touch(newSid(), aSession(), NOW, LIMITS))).toBe(
      'unavailable',
    );
  });
});

describe('findWindow', () => {
  it('finds nothing where there is no window', async () => {
    expect(await records().findWindow(newSid())).toBeUndefined();
  });
});

describe('findConfig', () => {
  const config = (digest: string, replaces: string | null) =>
    codeOf(records().commit({ entries: [], config: { digest, replaces } }));

  it('finds the configuration on record, which changes only from what it was', async () => {
    expect(await records().findConfig()).toBeUndefined();
    expect(await config('sha256:a', 'sha256:0')).toBe('conflict');
    expect(await config('sha256:a', null)).toBe('committed');
    expect(await records().findConfig()).toBe('sha256:a');
    expect(await config('sha256:b', null)).toBe('conflict');
    expect(await config('sha256:b', 'sha256:0')).toBe('conflict');
    expect(await config('sha256:b', 'sha256:a')).toBe('committed');
    expect(await records().findConfig()).toBe('sha256:b');
  });
});
