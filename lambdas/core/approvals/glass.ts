// Breaking glass: somebody whom policy lets proceeds at once and says why; others look at it afterwards, in time or late.
// The request begins as used, so nothing that decides, uses or expires a request has anything left to do with it. Pure.
//
//     used ──> reviewed: justified | unjustified
//       └──> unreviewed (the time for it passed) ──> reviewed

import type { Principal } from '../identity/principal.ts';
import type { ApprovalDemand } from '../policy/demand.ts';
import { err, ok, type Result } from '../result.ts';
import { type Approval, type Approver, newApproval, type ReviewVerdict } from './approval.ts';
import { changed, checkApprover, checkReason, type DecisionFault, withdraw } from './decide.ts';
import type { CallBinding } from './exact-call.ts';

/** A person in some group of each forbid that holds the call. A service has nobody who could be asked afterwards. */
export const mayBreakGlass = (
  { glass }: ApprovalDemand,
  { kind, groups }: Pick<Principal, 'kind' | 'groups'>,
): boolean =>
  glass !== null && kind === 'person' && glass.groups.every((some) => some.some((group) => groups.includes(group)));

/** Both steps of one call, written at once: it is asked for, and it goes out. Never a window: the glass is broken once. */
export const breakGlass = (
  made: Pick<Approval, 'id' | 'binding' | 'requester' | 'terms' | 'shown' | 'requestedAt'> & {
    readonly justification: string;
  },
): { readonly opened: Approval; readonly used: Approval } => {
  const { glass } = made.terms;
  if (glass === null) throw new TypeError('Nobody may break this glass');
  const deadlineAt = made.requestedAt + glass.reviewSeconds * 1000;
  const fresh = newApproval({ ...made, runs: 'client' });
  const opened: Approval = { ...fresh, deadlineAt, glass: { overdue: false, review: null } };
  return { opened, used: changed(opened, { state: 'used', uses: 1 }) };
};

/** Somebody else says whether it was right. Late is better than never, and stays marked as late. */
export const review = (
  approval: Approval,
  reviewer: Approver,
  said: { readonly verdict: ReviewVerdict; readonly reason: string },
  now: number,
): Result<Approval, DecisionFault> => {
  const { glass, deadlineAt } = approval;
  if (glass === null) return err({ reason: 'glass_not_broken' });
  if (glass.review !== null) return err({ reason: 'reviewed_before' });
  const reason = said.reason.trim();
  const fault =
    checkApprover(approval, reviewer, now) ??
    (said.verdict === 'unjustified' || reason !== '' ? checkReason(said.reason) : undefined);
  if (fault !== undefined) return err(fault);
  const { issuer, subject, name } = reviewer;
  const given = { issuer, subject, name, verdict: said.verdict, reason: reason === '' ? null : reason, at: now };
  return ok(changed(approval, { glass: { overdue: glass.overdue || now >= deadlineAt, review: given } }));
};

/** The time for the review passed. `undefined` when there is nothing to say, or nothing new. */
export const overdue = (approval: Approval, now: number): Approval | undefined => {
  const { glass, deadlineAt } = approval;
  if (glass === null || glass.review !== null || glass.overdue || now < deadlineAt) return undefined;
  return changed(approval, { glass: { overdue: true, review: null } });
};

export const awaitsReview = ({ glass }: Approval): boolean => glass !== null && glass.review === null;

interface Found {
  readonly approval: Approval;
  /** Whether a caller has heard how it ended. */
  readonly told: boolean;
}

export type GlassPassage =
  /** People agreed in the ordinary way: there is no glass to break. */
  | { readonly kind: 'approved' }
  /** Somebody said no, or the very call went out already: whoever calls is told so. */
  | { readonly kind: 'ended'; readonly approval: Approval }
  /** The glass is broken. `withdraws`: the open request of the same call, which must not let it out once more. */
  | { readonly kind: 'break'; readonly withdraws: WithdrawnStep | null; readonly replaces: string | null };

export interface WithdrawnStep {
  readonly before: Approval;
  readonly after: Approval;
}

/** A call that comes again so soon is a client that lost patience, and not a second emergency. */
export const REPEAT_MS = 60_000;

/**
 * What breaking glass finds: `ordinary`, the request by which people would let the call out, and `same`, the one that the
 * very call is bound to; they differ where approvals are for a window.
 */
export const glassPassage = (
  { ordinary, same }: { readonly ordinary: Found | undefined; readonly same: Found | undefined },
  call: CallBinding,
  { now, receivedAt }: { readonly now: number; readonly receivedAt: number },
): GlassPassage => {
  const standing = ordinary?.approval;
  const isInTime = standing !== undefined && now < standing.deadlineAt;
  if (isInTime && standing.state === 'denied') return { kind: 'ended', approval: standing };
  if (isInTime && standing.state === 'approved' && standing.binding.definition === call.definition) {
    return { kind: 'approved' };
  }
  if (same !== undefined && isRepeated(same, receivedAt)) return { kind: 'ended', approval: same.approval };
  const withdrawn = standing === undefined ? undefined : withdraw(standing, standing.requester, now);
  return {
    kind: 'break',
    withdraws: standing !== undefined && withdrawn?.ok === true ? { before: standing, after: withdrawn.value } : null,
    replaces: same?.approval.id ?? null,
  };
};

/** It went out already, and nobody has been told; or it went out under the glass a moment ago. */
const isRepeated = ({ approval, told }: Found, receivedAt: number): boolean =>
  approval.state === 'used' && (!told || (approval.glass !== null && receivedAt < approval.requestedAt + REPEAT_MS));
