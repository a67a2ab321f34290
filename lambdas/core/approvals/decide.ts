// The rules of every step in the life of an approval. A step gives the next state, to be written on condition that the
// version is still the one that was read, or says why it is refused. Time is an argument. Pure.

import { err, ok, type Result } from '../result.ts';
import {
  type Approval,
  type ApprovalState,
  type Approver,
  askedGroups,
  escalationAt,
  isSamePerson,
  type Person,
  type Terms,
} from './approval.ts';
import { bindingHash, type CallBinding } from './exact-call.ts';
import { missingOf } from './quorum.ts';

export type DecisionFault =
  /** It was decided, withdrawn or used already. */
  | { readonly reason: 'not_pending'; readonly state: ApprovalState }
  | { readonly reason: 'past_deadline'; readonly deadlineAt: number }
  | { readonly reason: 'not_a_person' }
  | { readonly reason: 'own_request' }
  | { readonly reason: 'not_asked'; readonly groups: readonly string[] }
  | { readonly reason: 'approved_before' }
  | { readonly reason: 'sign_in_too_old'; readonly maxAgeSeconds: number }
  | { readonly reason: 'sign_in_too_weak'; readonly acr: readonly string[] }
  | { readonly reason: 'reason_missing' }
  | { readonly reason: 'reason_too_long'; readonly maxCharacters: number }
  | { readonly reason: 'not_the_requester' }
  /** The request waited for people like any other: there is nothing to review. */
  | { readonly reason: 'glass_not_broken' }
  | { readonly reason: 'reviewed_before' };

export type UseFault =
  | { readonly reason: 'not_approved'; readonly state: ApprovalState }
  | { readonly reason: 'past_deadline'; readonly deadlineAt: number }
  | { readonly reason: 'used_before' }
  | { readonly reason: 'other_call'; readonly differs: readonly (keyof CallBinding)[] };

/** Longest reason or justification, in characters. */
export const MAX_REASON = 2000;

type Decided = Result<Approval, DecisionFault>;

export const changed = (approval: Approval, change: Partial<Approval>): Approval => ({
  ...approval,
  ...change,
  version: approval.version + 1,
});

/** Pending, and in time: the deadline itself is too late. */
const checkOpen = ({ state, deadlineAt }: Approval, now: number): DecisionFault | undefined => {
  if (state !== 'pending') return { reason: 'not_pending', state };
  return now >= deadlineAt ? { reason: 'past_deadline', deadlineAt } : undefined;
};

/** Pending or approved, and in time: something is left to take back. */
const checkUnused = ({ state, deadlineAt }: Approval, now: number): DecisionFault | undefined => {
  if (state !== 'pending' && state !== 'approved') return { reason: 'not_pending', state };
  return now >= deadlineAt ? { reason: 'past_deadline', deadlineAt } : undefined;
};

/** Who may decide: a person, not the requester, in an asked group at this moment, signed in as the policy demands. */
export const checkApprover = (approval: Approval, approver: Approver, now: number): DecisionFault | undefined => {
  if (approver.kind !== 'person') return { reason: 'not_a_person' };
  if (isSamePerson(approver, approval.requester)) return { reason: 'own_request' };
  const groups = askedGroups(approval);
  if (!groups.some((group) => approver.groups.includes(group))) return { reason: 'not_asked', groups };
  return checkSignIn(approval.terms, approver, now);
};

const checkSignIn = (
  { stepUpSeconds: maxAgeSeconds, acr }: Terms,
  approver: Approver,
  now: number,
): DecisionFault | undefined => {
  if (acr.some((demanded) => demanded !== approver.acr)) return { reason: 'sign_in_too_weak', acr };
  if (maxAgeSeconds === null) return undefined;
  // A sign-in without a time is as old as can be.
  const age = approver.authTime === null ? Number.POSITIVE_INFINITY : now / 1000 - approver.authTime;
  return age > maxAgeSeconds ? { reason: 'sign_in_too_old', maxAgeSeconds } : undefined;
};

/** One person agrees. The last one who is needed makes it approved, and the time for using it begins. */
export const approve = (approval: Approval, approver: Approver, now: number): Decided => {
  const fault = checkOpen(approval, now) ?? checkApprover(approval, approver, now);
  if (fault !== undefined) return err(fault);
  if (approval.approvals.some((given) => isSamePerson(given, approver))) return err({ reason: 'approved_before' });
  const { issuer, subject, name } = approver;
  const groups = askedGroups(approval).filter((group) => approver.groups.includes(group));
  const approvals = [...approval.approvals, { issuer, subject, name, groups, at: now }];
  const { terms, escalated } = approval;
  if (missingOf(terms.approvers, approvals, escalated ? terms.escalate : []).length > 0) {
    return ok(changed(approval, { approvals }));
  }
  const { expiresSeconds, windowSeconds } = terms;
  const deadlineAt = now + (windowSeconds ?? expiresSeconds) * 1000;
  return ok(changed(approval, { approvals, state: 'approved', deadlineAt }));
};

/**
 * One person of an asked group refuses, with a reason: that ends it. One who agreed before may still refuse, and an
 * approval that was not used yet may still be taken back.
 */
export const deny = (approval: Approval, approver: Approver, reason: string, now: number): Decided => {
  const fault = checkUnused(approval, now) ?? checkApprover(approval, approver, now) ?? checkReason(reason);
  if (fault !== undefined) return err(fault);
  return ok(changed(approval, { state: 'denied', ending: endingBy(approver, reason.trim(), now) }));
};

export const checkReason = (reason: string): DecisionFault | undefined => {
  if (reason.trim() === '') return { reason: 'reason_missing' };
  return reason.length > MAX_REASON ? { reason: 'reason_too_long', maxCharacters: MAX_REASON } : undefined;
};

/** The requester takes it back: before the decision, or before the use. */
export const withdraw = (approval: Approval, by: Person, now: number): Decided => {
  if (!isSamePerson(by, approval.requester)) return err({ reason: 'not_the_requester' });
  const fault = checkUnused(approval, now);
  if (fault !== undefined) return err(fault);
  return ok(changed(approval, { state: 'withdrawn', ending: endingBy(by, null, now) }));
};

const endingBy = ({ issuer, subject, name }: Person, reason: string | null, at: number): Approval['ending'] => ({
  issuer,
  subject,
  name,
  reason,
  at,
});

/** The deadline passed: of the decision, or of the use. `undefined` when there is nothing to expire. */
export const expire = (approval: Approval, now: number): Approval | undefined => {
  const isOpen = approval.state === 'pending' || approval.state === 'approved';
  return isOpen && now >= approval.deadlineAt ? changed(approval, { state: 'expired' }) : undefined;
};

/** Asks the second group as well. `undefined` when there is none, it was asked, or it is too early or too late. */
export const escalate = (approval: Approval, now: number): Approval | undefined => {
  if (approval.terms.escalate.length === 0 || approval.escalated) return undefined;
  if (checkOpen(approval, now) !== undefined || now < escalationAt(approval)) return undefined;
  return changed(approval, { escalated: true });
};

const BOUND: readonly (keyof CallBinding)[] = [
  ...(['issuer', 'subject', 'client', 'server', 'tool', 'definition', 'policy', 'params'] as const),
];

/** Lets one call through. The call must be the approved one in every point that is bound. */
export const use = (approval: Approval, call: CallBinding, now: number): Result<Approval, UseFault> => {
  const { state, deadlineAt, binding } = approval;
  if (state === 'used') return err({ reason: 'used_before' });
  if (state !== 'approved') return err({ reason: 'not_approved', state });
  if (now >= deadlineAt) return err({ reason: 'past_deadline', deadlineAt });
  const isWindow = approval.terms.windowSeconds !== null;
  const asked: CallBinding = isWindow ? { ...call, params: null } : call;
  const differs = BOUND.filter((part) => asked[part] !== binding[part]);
  if (differs.length > 0 || bindingHash(asked) !== bindingHash(binding)) return err({ reason: 'other_call', differs });
  return ok(changed(approval, { uses: approval.uses + 1, state: isWindow ? 'approved' : 'used' }));
};
