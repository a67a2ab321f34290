import { describe, expect, it } from 'vitest';
import { checkRawReader, grantRaw, maySeeSessions } from '../../../lambdas/core/sessions/replay-grant.ts';

const NOW = 1_800_000_000_000;
const REPLAY = { groups: ['auditors'], raw: { groups: ['records'], maxSignInSeconds: 300 } };
const reader = (over: object = {}) => ({
  ...({ kind: 'person', groups: ['records'], authTime: NOW / 1000 - 300 } as const),
  ...over,
});

describe('maySeeSessions', () => {
  it.each([
    ['an auditor', REPLAY, { groups: ['auditors'] }, true],
    ['a reader of the original', REPLAY, {}, true],
    ['somebody else', REPLAY, { groups: ['analysts'] }, false],
    ['a service', REPLAY, { kind: 'service' }, false],
    ['an auditor where nobody sees sessions', null, { groups: ['auditors'] }, false],
    ['a reader of the original where nobody is', { ...REPLAY, raw: null }, {}, false],
  ])('%s', (_, replay, over, expected) => {
    expect(maySeeSessions(replay, reader(over))).toBe(expected);
  });
});

describe('checkRawReader', () => {
  it('takes a reader whose sign-in is just young enough', () => {
    expect(checkRawReader(REPLAY, reader(), NOW)).toBeUndefined();
  });

  it.each([
    ['whose sign-in is a second older', REPLAY, { authTime: NOW / 1000 - 301 }, 'sign_in_too_old'],
    ['whose sign-in has no time', REPLAY, { authTime: null }, 'sign_in_too_old'],
    ['who is an auditor only', REPLAY, { groups: ['auditors'] }, 'not_granted'],
    ['where nobody may', { ...REPLAY, raw: null }, {}, 'not_granted'],
    ['where nobody sees sessions', null, {}, 'not_granted'],
    ['who is a service', REPLAY, { kind: 'service' }, 'not_a_person'],
  ])('refuses one %s', (_, replay, over, reason) => {
    expect(checkRawReader(replay, reader(over), NOW)).toMatchObject({ reason });
  });
});

describe('grantRaw', () => {
  it('gives back the reason, trimmed', () => {
    expect(grantRaw(REPLAY, reader(), '  case 1 ', NOW)).toEqual({ ok: true, value: 'case 1' });
    expect(grantRaw(REPLAY, reader(), 'x'.repeat(500), NOW).ok).toBe(true);
  });

  it.each([
    ['no reason', ' ', 'reason_missing'],
    ['two characters', 'ab', 'reason_missing'],
    ['a line break', 'case\n1', 'reason_unfit'],
    ['501 characters', 'x'.repeat(501), 'reason_unfit'],
    ['half a surrogate pair', 'case \ud800', 'reason_unfit'],
  ])('refuses %s', (_, said, reason) => {
    expect(grantRaw(REPLAY, reader(), said, NOW)).toEqual({ ok: false, error: { reason } });
  });

  it('asks who before why', () => {
    expect(grantRaw(REPLAY, reader({ groups: [] }), '', NOW)).toMatchObject({ error: { reason: 'not_granted' } });
  });
});
