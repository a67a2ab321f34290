// Breaking glass: who may, what it finds, and who looks at it afterwards; each refusal beside its nearest accepted twin.

import { describe, expect, it } from 'vitest';
import type { Approval, Approver } from '../../../lambdas/core/approvals/approval.ts';
import { approve, deny, expire, use, withdraw } from '../../../lambdas/core/approvals/decide.ts';
import {
  awaitsReview,
  breakGlass,
  glassPassage,
  mayBreakGlass,
  overdue,
  REPEAT_MS,
  review,
} from '../../../lambdas/core/approvals/glass.ts';
import { glassMessage } from '../../../lambdas/core/approvals/message.ts';
import type { Result } from '../../../lambdas/core/result.ts';
import { approvalOf, approver, BINDING, MINUTE, NOW } from './builders.ts';

const GLASS = { groups: [['commanders', 'directors']], reviewSeconds: 3600 };
const HOUR = 60 * MINUTE;
const reasonOf = (result: Result<unknown, { readonly reason: string }>): string =>
  result.ok ? 'ok' : result.error.reason;
const done = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const breakOne = (terms = {}): ReturnType<typeof breakGlass> => {
  const { id, binding, requester, terms: usual } = approvalOf({ glass: GLASS, ...terms });
  return breakGlass({
    ...{ id, binding, requester, terms: usual, shown: null, requestedAt: NOW, justification: 'fraud, right now' },
  });
};
const broken = (terms = {}): Approval => breakOne(terms).used;

describe('mayBreakGlass', () => {
  const demand = (groups: readonly (readonly string[])[]) => approvalOf({ glass: { ...GLASS, groups } }).terms;
  it.each<[string, readonly (readonly string[])[], { kind: 'person' | 'service'; groups: readonly string[] }, boolean]>(
    [
      ['somebody of the group', [['commanders']], { kind: 'person', groups: ['x', 'commanders'] }, true],
      ['somebody of any of the groups', [['a', 'commanders']], { kind: 'person', groups: ['commanders'] }, true],
      ['somebody of another group', [['commanders']], { kind: 'person', groups: ['payments-approvers'] }, false],
      ['a service of the group', [['commanders']], { kind: 'service', groups: ['commanders'] }, false],
      ['somebody of one of two groups', [['commanders'], ['b']], { kind: 'person', groups: ['commanders'] }, false],
      ['somebody of both', [['commanders'], ['b']], { kind: 'person', groups: ['commanders', 'b'] }, true],
    ],
  )('answers %s', (_, groups, who, expected) => {
    expect(mayBreakGlass(demand(groups), who)).toBe(expected);
  });

  it('lets nobody where the policies do not say so', () => {
    expect(mayBreakGlass(approvalOf().terms, { kind: 'person', groups: ['commanders'] })).toBe(false);
  });
});

describe('breakGlass', () => {
  it('asks and uses in two steps, and is to be reviewed in time', () => {
    const { opened, used } = breakOne({ windowSeconds: 900 });
    expect(opened).toMatchObject({ state: 'pending', version: 1, deadlineAt: NOW + HOUR });
    expect(used).toMatchObject({ state: 'used', version: 2, uses: 1, deadlineAt: NOW + HOUR, runs: 'client' });
    expect(used.binding).toEqual(BINDING);
    expect(awaitsReview(used)).toBe(true);
  });

  it('leaves nothing for approvers, the requester, the clock or a second call', () => {
    const used = broken({ windowSeconds: 900 });
    expect(reasonOf(approve(used, approver('paul'), NOW + 1))).toBe('not_pending');
    expect(reasonOf(deny(used, approver('paul'), 'no', NOW + 1))).toBe('not_pending');
    expect(reasonOf(withdraw(used, used.requester, NOW + 1))).toBe('not_pending');
    expect(reasonOf(use(used, used.binding, NOW + 1))).toBe('used_before');
    expect(expire(used, NOW + HOUR)).toBeUndefined();
  });
});

describe('review', () => {
  const justified = { verdict: 'justified', reason: '' } as const;

  it.each<[string, Partial<Approver>, string]>([
    ['one of the group', {}, 'ok'],
    ['the one who broke it', { subject: 'ana' }, 'own_request'],
    ['their namesake at another issuer', { subject: 'ana', issuer: 'https://other' }, 'ok'],
    ['a service', { kind: 'service' }, 'not_a_person'],
    ['one of no asked group', { groups: ['commanders'] }, 'not_asked'],
    ['one of the second group, which is asked at once', { groups: ['second-line'] }, 'ok'],
    ['one whose sign-in is old', { authTime: NOW / 1000 - 301 }, 'sign_in_too_old'],
    ['one whose sign-in is weak', { acr: 'password' }, 'sign_in_too_weak'],
  ])('answers %s', (_, change, reason) => {
    const used = broken({ escalate: ['second-line'], stepUpSeconds: 300, acr: ['mfa'] });
    expect(reasonOf(review(used, approver('paul', change), justified, NOW))).toBe(reason);
  });

  it('wants to hear why it was not justified', () => {
    const said = (verdict: 'justified' | 'unjustified', reason: string) =>
      reasonOf(review(broken(), approver('paul'), { verdict, reason }, NOW));
    expect(said('unjustified', '  ')).toBe('reason_missing');
    expect(said('unjustified', 'no')).toBe('ok');
    expect(said('justified', '  ')).toBe('ok');
    expect(said('justified', 'x'.repeat(2001))).toBe('reason_too_long');
    expect(said('justified', 'x'.repeat(2000))).toBe('ok');
  });

  it('is one, for a request that waited for nobody', () => {
    const reviewed = done(review(broken(), approver('paul'), justified, NOW));
    expect(reviewed).toMatchObject({
      version: 3,
      state: 'used',
      glass: { overdue: false, review: { subject: 'paul' } },
    });
    expect(awaitsReview(reviewed)).toBe(false);
    expect(reasonOf(review(reviewed, approver('petra'), justified, NOW))).toBe('reviewed_before');
    expect(reasonOf(review(approvalOf(), approver('paul'), justified, NOW))).toBe('glass_not_broken');
  });

  it('is late from the deadline on, and not a millisecond before', () => {
    const at = (now: number) => done(review(broken(), approver('paul'), justified, now)).glass?.overdue;
    expect(at(NOW + HOUR - 1)).toBe(false);
    expect(at(NOW + HOUR)).toBe(true);
  });
});

describe('overdue', () => {
  it('is said once, from the deadline on, and a late review still counts', () => {
    expect(overdue(broken(), NOW + HOUR - 1)).toBeUndefined();
    const late = overdue(broken(), NOW + HOUR) as Approval;
    expect(late).toMatchObject({ version: 3, state: 'used', glass: { overdue: true, review: null } });
    expect(overdue(late, NOW + 2 * HOUR)).toBeUndefined();
    const reviewed = done(review(late, approver('paul'), { verdict: 'justified', reason: '' }, NOW + 2 * HOUR));
    expect(reviewed).toMatchObject({ version: 4, glass: { overdue: true, review: { subject: 'paul' } } });
  });

  it('is nothing where somebody has looked, or nobody had to', () => {
    const reviewed = done(review(broken(), approver('paul'), { verdict: 'justified', reason: '' }, NOW));
    expect(overdue(reviewed, NOW + HOUR)).toBeUndefined();
    expect(overdue(approvalOf({}, { state: 'used' }), NOW + HOUR)).toBeUndefined();
  });
});

describe('glassPassage', () => {
  const find = (approval: Approval | undefined, told = false) =>
    approval === undefined ? undefined : { approval, told };
  const passage = (approval: Approval | undefined, told = false, at = NOW + 2 * MINUTE) => {
    const found = find(approval, told);
    return glassPassage({ ordinary: found, same: found }, BINDING, { now: at, receivedAt: at });
  };
  const one = { approvers: [{ groups: ['payments-approvers'], quorum: 1 }] };
  const approved = () => done(approve(approvalOf(one), approver('paul'), NOW));
  const denied = () => done(deny(approvalOf(), approver('paul'), 'no', NOW));

  it('breaks it where nothing was asked', () => {
    expect(passage(undefined)).toEqual({ kind: 'break', withdraws: null, replaces: null });
  });

  it('takes back the request that waits, so that it lets nothing out later', () => {
    const pending = approvalOf();
    expect(passage(pending)).toMatchObject({
      ...{ kind: 'break', replaces: pending.id },
      withdraws: { before: pending, after: { state: 'withdrawn', version: 2 } },
    });
    expect(passage(approvalOf(), false, NOW + HOUR)).toMatchObject({ kind: 'break', withdraws: null });
  });

  it('leaves it whole where people have agreed, and not where they agreed to another tool', () => {
    expect(passage(approved())).toEqual({ kind: 'approved' });
    const changed = { ...approved(), binding: { ...BINDING, definition: 'sha256:old' } };
    expect(passage(changed)).toMatchObject({ kind: 'break', withdraws: { after: { state: 'withdrawn' } } });
    expect(passage(approved(), false, NOW + HOUR)).toMatchObject({ kind: 'break', withdraws: null });
  });

  it('does not go against a denial while it stands', () => {
    expect(passage(denied())).toMatchObject({ kind: 'ended', approval: { state: 'denied' } });
    expect(passage(denied(), false, NOW + HOUR)).toMatchObject({ kind: 'break' });
  });

  it('lets the same call out again only to somebody who was told, and not at once', () => {
    const used = broken();
    expect(passage(used, false)).toMatchObject({ kind: 'ended' });
    expect(passage(used, true, NOW + REPEAT_MS - 1)).toMatchObject({ kind: 'ended' });
    expect(passage(used, true, NOW + REPEAT_MS)).toEqual({ kind: 'break', withdraws: null, replaces: used.id });
    const ordinary = done(use(approved(), BINDING, NOW));
    expect(passage(ordinary, false)).toMatchObject({ kind: 'ended' });
    expect(passage(ordinary, true, NOW + 1)).toMatchObject({ kind: 'break' });
  });

  it('knows the window that waits and the very call apart', () => {
    const window = approvalOf({ windowSeconds: 900 }, { id: 'window', binding: { ...BINDING, params: null } });
    const times = { now: NOW + HOUR / 4, receivedAt: NOW + HOUR / 4 };
    const found = glassPassage({ ordinary: find(window), same: find(broken(), true) }, BINDING, times);
    expect(found).toMatchObject({ kind: 'break', replaces: broken().id, withdraws: { before: { id: 'window' } } });
    expect(glassPassage({ ordinary: find(window), same: find(broken()) }, BINDING, times).kind).toBe('ended');
  });
});

describe('glassMessage', () => {
  const about = { serverTitle: 'Core banking', link: 'https://mcp/console/approvals/1' };

  it('says that it has run, who did it and why, and again when nobody looked', () => {
    const message = glassMessage(broken(), about);
    expect(message.subject).toBe('Glass broken: Ana Silva ran wire_transfer at Core banking without approval');
    for (const said of [
      'let through at once',
      'fraud, right now',
      'Ana Silva (ana)',
      'Review: until 2026-11-22 13:00 UTC',
    ]) {
      expect(message.text).toContain(said);
    }
    const late = glassMessage(overdue(broken(), NOW + HOUR) as Approval, about);
    expect(late.subject).toContain('NOT REVIEWED IN TIME');
  });
});
