import { describe, expect, it } from 'vitest';
import { countedLongAgo, endOf, nextVisit, nextWatch } from '../../../lambdas/core/sessions/keeping.ts';
import { type Session, sessionRefusal } from '../../../lambdas/core/sessions/session.ts';
import { aKeptSession, aSession, NOW, SID } from '../../support/builders.ts';

const LIMITS = { idleSeconds: 1800, maxSeconds: 43_200 };

describe('nextVisit', () => {
  it('is after 20 minutes at the latest, so that calls of a long session are settled meanwhile', () => {
    expect(nextVisit(aSession(), NOW, LIMITS)).toBe(NOW + 1200);
  });

  it('is the idle end when that comes first, and the end of the longest life when that does', () => {
    expect(nextVisit(aSession({ lastSeenAt: NOW - 1000 }), NOW, LIMITS)).toBe(NOW + 800);
    expect(nextVisit(aSession({ endsAt: NOW + 7 }), NOW, LIMITS)).toBe(NOW + 7);
  });

  it('comes after a minute for a closed session whose calls still run', () => {
    expect(nextVisit(aSession({ status: 'closed', endsAt: NOW - 9 }), NOW, LIMITS)).toBe(NOW + 60);
  });
});

describe('endOf', () => {
  it.each<[string, Partial<Session>, string | null]>([
    ['open and lively', {}, null],
    ['a second before it is idle', { lastSeenAt: NOW - 1799 }, null],
    ['idle', { lastSeenAt: NOW - 1800 }, 'idle'],
    ['a second before it is too old', { endsAt: NOW + 1 }, null],
    ['too old', { endsAt: NOW }, 'max_age'],
    ['too old and idle', { endsAt: NOW, lastSeenAt: NOW - 9000 }, 'max_age'],
    ['revoked', { status: 'closed', ended: 'revoked' }, 'revoked'],
  ])('of a session that is %s', (_what, over, expected) => {
    expect(endOf(aSession(over), NOW, LIMITS)).toBe(expected);
  });

  it.each([-1, 0, 1])('is the very second from which calls are refused (%i)', (offset) => {
    for (const session of [aSession({ lastSeenAt: NOW - 1800 }), aSession({ endsAt: NOW })]) {
      const refused = sessionRefusal(session, SID, session, NOW + offset, LIMITS) !== undefined;
      expect(endOf(session, NOW + offset, LIMITS) !== null).toBe(refused);
    }
  });
});

describe('countedLongAgo', () => {
  it('is everything, once no call has come for that long', () => {
    const session = aKeptSession({ seq: 9, lastSeenAt: NOW - 1200 });
    expect(countedLongAgo(session, NOW, 1200)).toEqual({ seq: 9, at: NOW - 1200 });
    expect(countedLongAgo(session, NOW - 1, 1200)).toEqual({ seq: 0, at: 0 });
  });

  it('is what an earlier visit saw, while calls go on', () => {
    const session = aKeptSession({ seq: 9, lastSeenAt: NOW, watched: { seq: 4, at: NOW - 1200 } });
    expect(countedLongAgo(session, NOW, 1200)).toEqual({ seq: 4, at: NOW - 1200 });
    expect(countedLongAgo(session, NOW - 1, 1200)).toEqual({ seq: 0, at: 0 });
  });
});

describe('nextWatch', () => {
  it('keeps what it remembers until that is old enough to be used, then remembers anew', () => {
    const watched = { seq: 4, at: NOW - 1199 };
    expect(nextWatch(aKeptSession({ seq: 9, watched }), NOW, 1200)).toEqual(watched);
    expect(nextWatch(aKeptSession({ seq: 9, watched }), NOW + 1, 1200)).toEqual({ seq: 9, at: NOW + 1 });
    expect(nextWatch(aKeptSession({ seq: 9 }), NOW, 1200)).toEqual({ seq: 9, at: NOW });
  });
});
