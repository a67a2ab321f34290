import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  newSession,
  type Session,
  type SessionOwner,
  sessionOwner,
  sessionRefusal,
  windowKey,
} from '../../../lambdas/core/sessions/session.ts';
import { aPrincipal, aSession, ISSUER, NOW, SID } from '../../support/builders.ts';

const LIMITS = { idleSeconds: 1800, maxSeconds: 43_200 };
const OWNER: SessionOwner = { issuer: ISSUER, subject: 'ana', client: 'ide', server: 'core-banking' };
const ask = (session: Session | undefined, owner: Partial<SessionOwner> = {}, now = NOW) =>
  sessionRefusal(session, SID, { ...OWNER, ...owner }, now, LIMITS);

describe('sessionOwner', () => {
  it('is principal, client and server', () => {
    expect(sessionOwner(aPrincipal(), 'core-banking')).toEqual(OWNER);
  });
});

describe('windowKey', () => {
  it('is the same for the same owner', () => {
    expect(windowKey({ ...OWNER })).toBe(windowKey(aSession()));
    expect(windowKey(OWNER)).toMatch(/^[0-9a-f]{64}$/);
  });

  it.each([',', '","', '\\', '[', '\0'])('is not fooled by %j inside a name', (mark) => {
    const one = windowKey({ ...OWNER, issuer: `a${mark}b`, subject: 'c' });
    expect(windowKey({ ...OWNER, issuer: 'a', subject: `b${mark}c` })).not.toBe(one);
  });

  it('differs between any two owners, wherever their texts are cut', () => {
    const text = fc.oneof(fc.constantFrom('', 'a', '"', '","', '\\', '\ud800'), fc.string({ maxLength: 4 }));
    const owner = fc.record({ issuer: text, subject: text, client: text, server: text });
    fc.assert(
      fc.property(owner, owner, (one, other) => {
        const same = JSON.stringify(one) === JSON.stringify(other);
        expect(windowKey(one) === windowKey(other)).toBe(same);
      }),
    );
  });
});

describe('newSession', () => {
  it('is open, has its first exchange counted, and ends after the longest life', () => {
    expect(newSession(OWNER, SID, NOW, LIMITS)).toEqual(aSession());
  });
});

describe('sessionRefusal', () => {
  it('lets the owner go on', () => {
    expect(ask(aSession())).toBeUndefined();
  });

  it('refuses a session that does not exist', () => {
    expect(ask(undefined)).toEqual({ reason: 'session_unknown', claimed: SID });
  });

  it.each([
    ['principal', { subject: 'bea' }],
    ['principal', { issuer: 'https://other.example' }],
    ['client', { client: 'other-ide' }],
    ['server', { server: 'reports' }],
  ])('refuses another %s', (difference, owner) => {
    expect(ask(aSession(), owner)).toEqual({ reason: 'session_foreign', claimed: SID, difference });
  });

  it('says nothing of the state of a session that is not yours', () => {
    expect(ask(aSession({ status: 'closed' }), { subject: 'bea' })).toMatchObject({ reason: 'session_foreign' });
  });

  it('refuses a closed session', () => {
    expect(ask(aSession({ status: 'closed' }))).toEqual({ reason: 'session_ended', claimed: SID, why: 'closed' });
  });

  it('refuses an idle session from the second on that the limit is reached', () => {
    const session = aSession({ lastSeenAt: NOW - 1800 });
    expect(ask(session)).toEqual({ reason: 'session_ended', claimed: SID, why: 'idle' });
    expect(ask(session, {}, NOW - 1)).toBeUndefined();
  });

  it('refuses a busy session once it is too old', () => {
    const session = aSession({ endsAt: NOW });
    expect(ask(session)).toEqual({ reason: 'session_ended', claimed: SID, why: 'too_old' });
    expect(ask(session, {}, NOW - 1)).toBeUndefined();
  });
});
