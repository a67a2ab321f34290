// Every step in the life of an approval: each refusal beside its nearest accepted twin, and what no order of steps can do.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Approval, Approver } from '../../../lambdas/core/approvals/approval.ts';
import { approve, deny, escalate, expire, MAX_REASON, use, withdraw } from '../../../lambdas/core/approvals/decide.ts';
import type { CallBinding } from '../../../lambdas/core/approvals/exact-call.ts';
import type { Result } from '../../../lambdas/core/result.ts';
import { approvalOf, approver, BINDING, MINUTE, NOW } from './builders.ts';

const reasonOf = (result: Result<unknown, { readonly reason: string }>): string =>
  result.ok ? 'ok' : result.error.reason;
const done = <T>(result: Result<T, unknown>): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const one = { approvers: [{ groups: ['payments-approvers'], quorum: 1 }] };
const approved = (terms = {}): Approval => done(approve(approvalOf({ ...one, ...terms }), approver('paul'), NOW));
const ana = { issuer: 'https://idp', subject: 'ana', name: 'Ana Silva' };

describe('approve', () => {
  it('waits for the quorum, then is approved and may be used for as long again', () => {
    const first = done(approve(approvalOf(), approver('paul'), NOW + MINUTE));
    expect(first).toMatchObject({ state: 'pending', version: 2, deadlineAt: NOW + 30 * MINUTE });
    const second = done(approve(first, approver('petra'), NOW + 2 * MINUTE));
    expect(second).toMatchObject({ state: 'approved', version: 3, deadlineAt: NOW + 32 * MINUTE });
    expect(second.approvals.map(({ subject }) => subject)).toEqual(['paul', 'petra']);
  });

  it.each<[string, Approver]>([
    ['the requester', approver('ana')],
    ['the requester through a second group', approver('ana', { groups: ['payments-approvers', 'compliance'] })],
  ])('refuses %s', (_, who) => {
    expect(reasonOf(approve(approvalOf(), who, NOW))).toBe('own_request');
  });

  it('takes a namesake from another issuer, who is another person', () => {
    expect(reasonOf(approve(approvalOf(), approver('ana', { issuer: 'https://other' }), NOW))).toBe('ok');
  });

  it.each<[string, Partial<Approver>, string]>([
    ['a service', { kind: 'service' }, 'not_a_person'],
    ['somebody in no asked group', { groups: ['analysts'] }, 'not_asked'],
    ['somebody in no group', { groups: [] }, 'not_asked'],
    ['a person in the group', {}, 'ok'],
    ['a person in that group and others', { groups: ['x', 'payments-approvers'] }, 'ok'],
  ])('answers %s', (_, change, reason) => {
    expect(reasonOf(approve(approvalOf(), approver('paul', change), NOW))).toBe(reason);
  });

  it('counts nobody twice', () => {
    const first = done(approve(approvalOf(), approver('paul'), NOW));
    expect(reasonOf(approve(first, approver('paul', { groups: ['payments-approvers', 'b'] }), NOW))).toBe(
      'approved_before',
    );
  });

  it('refuses from the deadline on, and not a millisecond before', () => {
    expect(reasonOf(approve(approvalOf(), approver('paul'), NOW + 30 * MINUTE))).toBe('past_deadline');
    expect(reasonOf(approve(approvalOf(), approver('paul'), NOW + 30 * MINUTE - 1))).toBe('ok');
  });

  it.each(['approved', 'denied', 'withdrawn', 'expired', 'used'] as const)('refuses when it is %s', (state) => {
    expect(approve(approvalOf({}, { state }), approver('paul'), NOW)).toEqual({
      ok: false,
      error: { reason: 'not_pending', state },
    });
  });

  it.each<[string, Partial<Approver>, string]>([
    ['a recent sign-in', { authTime: NOW / 1000 - 300 }, 'ok'],
    ['an old one', { authTime: NOW / 1000 - 301 }, 'sign_in_too_old'],
    ['one without a time', { authTime: null }, 'sign_in_too_old'],
    ['a weak one', { acr: 'password' }, 'sign_in_too_weak'],
    ['one without a context', { acr: null }, 'sign_in_too_weak'],
  ])('demands what the policy says of a sign-in: %s', (_, change, reason) => {
    const stepUp = { stepUpSeconds: 300, acr: ['mfa'] };
    expect(reasonOf(approve(approvalOf(stepUp), approver('paul', change), NOW))).toBe(reason);
  });

  it('needs two people for two demands, even where one is in both groups', () => {
    const approvers = [
      { groups: ['payments-approvers'], quorum: 1 },
      { groups: ['compliance'], quorum: 1 },
    ];
    const both = approver('petra', { groups: ['payments-approvers', 'compliance'] });
    const first = done(approve(approvalOf({ approvers }), both, NOW));
    expect(first.state).toBe('pending');
    // Whichever place Petra holds, the other person fits one that is left.
    expect(done(approve(first, approver('paul'), NOW)).state).toBe('approved');
    expect(done(approve(first, approver('cora', { groups: ['compliance'] }), NOW)).state).toBe('approved');
  });

  it('lets a second group stand in only once it was asked', () => {
    const terms = { ...one, escalate: ['duty'] };
    const duty = approver('dora', { groups: ['duty'] });
    expect(reasonOf(approve(approvalOf(terms), duty, NOW + 20 * MINUTE))).toBe('not_asked');
    const escalated = escalate(approvalOf(terms), NOW + 15 * MINUTE);
    expect(escalated && done(approve(escalated, duty, NOW + 20 * MINUTE)).state).toBe('approved');
  });
});

describe('deny', () => {
  it('ends it, with who and why', () => {
    const denied = done(deny(approvalOf(), approver('paul'), ' wrong payee ', NOW));
    expect(denied).toMatchObject({ state: 'denied', ending: { subject: 'paul', reason: 'wrong payee', at: NOW } });
  });

  it('is open to one who agreed before', () => {
    const first = done(approve(approvalOf(), approver('paul'), NOW));
    expect(done(deny(first, approver('paul'), 'on second thoughts', NOW)).state).toBe('denied');
  });

  it('takes back what was approved and not used, and no more', () => {
    expect(done(deny(approved(), approver('paul'), 'stop', NOW)).state).toBe('denied');
    expect(reasonOf(deny(approvalOf({}, { state: 'used' }), approver('paul'), 'stop', NOW))).toBe('not_pending');
  });

  it.each([
    ['', 'reason_missing'],
    [' \n', 'reason_missing'],
    ['x'.repeat(MAX_REASON + 1), 'reason_too_long'],
    ['x'.repeat(MAX_REASON), 'ok'],
  ])('wants a reason (%#)', (reason, expected) => {
    expect(reasonOf(deny(approvalOf(), approver('paul'), reason, NOW))).toBe(expected);
  });

  it.each<[Approver, string]>([
    [approver('ana'), 'own_request'],
    [approver('paul', { groups: [] }), 'not_asked'],
    [approver('bot', { kind: 'service' }), 'not_a_person'],
  ])('is for the asked people only (%#)', (who, expected) => {
    expect(reasonOf(deny(approvalOf(), who, 'no', NOW))).toBe(expected);
  });
});

describe('withdraw', () => {
  it.each([
    ['pending', 'ok'],
    ['approved', 'ok'],
    ['denied', 'not_pending'],
    ['used', 'not_pending'],
    ['expired', 'not_pending'],
  ] as const)('while it is %s: %s', (state, expected) => {
    expect(reasonOf(withdraw(approvalOf({}, { state }), ana, NOW))).toBe(expected);
  });

  it('is for the requester only', () => {
    expect(reasonOf(withdraw(approvalOf(), approver('paul'), NOW))).toBe('not_the_requester');
    expect(reasonOf(withdraw(approvalOf(), { ...ana, issuer: 'https://other' }, NOW))).toBe('not_the_requester');
  });
});

describe('expire', () => {
  it('takes what was not decided, and what was not used, in time', () => {
    expect(expire(approvalOf(), NOW + 30 * MINUTE)?.state).toBe('expired');
    expect(expire(approvalOf(), NOW + 30 * MINUTE - 1)).toBeUndefined();
    expect(expire(approved(), NOW + 30 * MINUTE)?.state).toBe('expired');
  });

  it.each(['denied', 'withdrawn', 'expired', 'used'] as const)('leaves %s as it is', (state) => {
    expect(expire(approvalOf({}, { state }), NOW + 90 * MINUTE)).toBeUndefined();
  });
});

describe('escalate', () => {
  const terms = { escalate: ['duty'] };

  it('asks the second group when its share of the time is over, once, and not after the deadline', () => {
    expect(escalate(approvalOf(terms), NOW + 15 * MINUTE - 1)).toBeUndefined();
    const escalated = escalate(approvalOf(terms), NOW + 15 * MINUTE);
    expect(escalated).toMatchObject({ escalated: true, version: 2 });
    expect(escalated && escalate(escalated, NOW + 16 * MINUTE)).toBeUndefined();
    expect(escalate(approvalOf(terms), NOW + 30 * MINUTE)).toBeUndefined();
    expect(escalate(approvalOf(), NOW + 20 * MINUTE)).toBeUndefined();
  });
});

describe('use', () => {
  it('lets the exact call through once', () => {
    const used = done(use(approved(), BINDING, NOW + MINUTE));
    expect(used).toMatchObject({ state: 'used', uses: 1 });
    expect(reasonOf(use(used, BINDING, NOW + MINUTE))).toBe('used_before');
  });

  it.each(Object.keys(BINDING) as (keyof CallBinding)[])('refuses a call that differs in %s', (part) => {
    expect(use(approved(), { ...BINDING, [part]: 'other' }, NOW)).toEqual({
      ok: false,
      error: { reason: 'other_call', differs: [part] },
    });
  });

  it('refuses what is not approved, and what is too late', () => {
    expect(reasonOf(use(approvalOf(), BINDING, NOW))).toBe('not_approved');
    expect(reasonOf(use(approved(), BINDING, NOW + 30 * MINUTE))).toBe('past_deadline');
    expect(reasonOf(use(approved(), BINDING, NOW + 30 * MINUTE - 1))).toBe('ok');
  });

  it('lets every call of the tool through while a window is open, whatever its arguments', () => {
    const binding = { ...BINDING, params: null };
    const pending = approvalOf({ ...one, windowSeconds: 900 }, { binding });
    const open = done(approve(pending, approver('paul'), NOW));
    expect(open.deadlineAt).toBe(NOW + 15 * MINUTE);
    const once = done(use(open, BINDING, NOW));
    const twice = done(use(once, { ...BINDING, params: 'sha256:dd' }, NOW + MINUTE));
    expect(twice).toMatchObject({ state: 'approved', uses: 2 });
    expect(reasonOf(use(twice, { ...BINDING, tool: 'freeze_card' }, NOW))).toBe('other_call');
    expect(reasonOf(use(twice, BINDING, NOW + 15 * MINUTE))).toBe('past_deadline');
  });
});

describe('any order of steps', () => {
  const people = ['ana', 'paul', 'petra', 'cora'];
  const step = fc.record({
    what: fc.constantFrom('approve', 'deny', 'withdraw', 'expire', 'escalate', 'use'),
    who: fc.constantFrom(...people),
    after: fc.nat(20 * MINUTE),
  });

  const take = (approval: Approval, what: string, who: string, now: number): Approval | undefined => {
    const steps: Record<string, () => Result<Approval, unknown> | Approval | undefined> = {
      approve: () => approve(approval, approver(who), now),
      deny: () => deny(approval, approver(who), 'no', now),
      withdraw: () => withdraw(approval, { ...ana, subject: who }, now),
      expire: () => expire(approval, now),
      escalate: () => escalate(approval, now),
      use: () => use(approval, BINDING, now),
    };
    const result = steps[what]?.();
    if (result === undefined) return undefined;
    return 'ok' in result ? (result.ok ? result.value : undefined) : result;
  };

  it('uses an approval at most once, and only after two people agreed who did not ask', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
        let approval = approvalOf();
        let now = NOW;
        for (const { what, who, after } of steps) {
          now += after;
          const before = approval;
          approval = take(approval, what, who, now) ?? approval;
          if (approval !== before) expect(approval.version).toBe(before.version + 1);
          if (before.state === 'denied' || before.state === 'used' || before.state === 'expired') {
            expect(approval).toBe(before);
          }
        }
        expect(approval.uses).toBeLessThanOrEqual(1);
        const agreed = new Set(approval.approvals.map(({ subject }) => subject));
        expect(agreed.has('ana')).toBe(false);
        if (approval.uses > 0 || approval.state === 'approved') expect(agreed.size).toBeGreaterThanOrEqual(2);
      }),
      { numRuns: 500 },
    );
  });
});
