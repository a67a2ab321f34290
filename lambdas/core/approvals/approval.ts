// An approval request and its life: pending until enough of the right people agreed, one refused, its requester
// withdrew it or its deadline passed; an approved one is used once, or for as long as its window is open. Pure.
//
//     pending ──> approved ──> used
//        │            └─────> expired
//        └──> denied | withdrawn | expired
//
// Somebody who may break the glass does not wait: such a request begins as used, and is reviewed afterwards (glass.ts).

import type { ApprovalDemand } from '../policy/demand.ts';
import type { CallBinding } from './exact-call.ts';

export type ApprovalState = 'pending' | 'approved' | 'denied' | 'withdrawn' | 'expired' | 'used';

/** What the policies demand, and when the second group is asked if the first has not decided. */
export interface Terms extends ApprovalDemand {
  /** Share (0 to 1) of the time for the decision after which `escalate` is asked as well. */
  readonly escalateAfter: number;
}

/** A person as their verified sign-in says. */
export interface Person {
  readonly issuer: string;
  readonly subject: string;
  readonly name: string | null;
}

/** Somebody who decides, at this moment. */
export interface Approver extends Person {
  readonly kind: 'person' | 'service';
  readonly groups: readonly string[];
  /** Epoch seconds of the sign-in. */
  readonly authTime: number | null;
  readonly acr: string | null;
}

export interface Approving extends Person {
  /** Demanded groups that the approver was in when approving. */
  readonly groups: readonly string[];
  /** Epoch milliseconds. */
  readonly at: number;
}

export interface Approval {
  /** UUIDv7: all that a link in a message carries. */
  readonly id: string;
  readonly state: ApprovalState;
  /** Counts every change; a writer states the one it read. */
  readonly version: number;
  readonly binding: CallBinding;
  readonly requester: Person;
  readonly terms: Terms;
  /** Why, in the requester's words as anybody may read them: masked. The words themselves lie with the held call. */
  readonly justification: string | null;
  /** Who makes the call once it is approved: the client by calling again, or the worker, for a client that took a task. */
  readonly runs: 'client' | 'worker';
  /** The arguments as anybody may see them: structure and sizes. */
  readonly shown: unknown;
  /** Epoch milliseconds. */
  readonly requestedAt: number;
  /** Epoch milliseconds: until then it must be decided, and from the approval on, used. With `glass`: reviewed. */
  readonly deadlineAt: number;
  readonly escalated: boolean;
  readonly approvals: readonly Approving[];
  /** Who ended it, and why: a denial or withdrawal. */
  readonly ending: (Person & { readonly reason: string | null; readonly at: number }) | null;
  /** Calls that were let through. */
  readonly uses: number;
  /** Set when the glass was broken: the call went out before anybody agreed. */
  readonly glass: BrokenGlass | null;
}

export interface BrokenGlass {
  /** Whether the time for the review passed without one. */
  readonly overdue: boolean;
  readonly review: Review | null;
}

export type ReviewVerdict = 'justified' | 'unjustified';

interface Review extends Person {
  readonly verdict: ReviewVerdict;
  readonly reason: string | null;
  /** Epoch milliseconds. */
  readonly at: number;
}

export const isSamePerson = (a: Person, b: Person): boolean => a.issuer === b.issuer && a.subject === b.subject;

/** Groups whose members may decide now; or review, where all are asked at once. */
export const askedGroups = ({ terms, escalated, glass }: Approval): readonly string[] => {
  const groups = terms.approvers.flatMap((approvers) => approvers.groups);
  return [...new Set(escalated || glass !== null ? [...groups, ...terms.escalate] : groups)];
};

/** Epoch milliseconds at which the second group is asked; the deadline where there is none. */
export const escalationAt = ({ requestedAt, deadlineAt, terms }: Approval): number =>
  terms.escalate.length === 0 ? deadlineAt : requestedAt + terms.expiresSeconds * 1000 * terms.escalateAfter;

export const newApproval = (
  made: Pick<Approval, 'id' | 'binding' | 'requester' | 'terms' | 'justification' | 'runs' | 'shown' | 'requestedAt'>,
): Approval => ({
  ...made,
  state: 'pending',
  version: 1,
  deadlineAt: made.requestedAt + made.terms.expiresSeconds * 1000,
  escalated: false,
  approvals: [],
  ending: null,
  uses: 0,
  glass: null,
});
