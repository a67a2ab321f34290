// The ledger entry of each step of an approval. It is written in one transaction with the step itself. Pure.

import type {
  ActorRecord,
  ApprovalDecided,
  ApprovalNotified,
  ApprovalRequested,
  ApprovalReviewed,
  ApprovalTimed,
  ApprovalUsed,
  ApprovalViewed,
  ApprovalWithdrawn,
  ContentRecord,
  EntryStamp,
  RequestRecord,
} from '../ledger/entry.ts';
import { toTimestamp } from '../time.ts';
import type { Approval } from './approval.ts';
import { bindingHash } from './exact-call.ts';

/** The call that made or used a request, as the ledger knows it. */
export interface RecordedCall {
  readonly sid: string;
  readonly seq: string;
  readonly callId: string;
  /** Leaf hash of its intent, hex. */
  readonly intent: string;
}

const hashOf = ({ binding }: Approval): string => `sha256:${bindingHash(binding)}`;

const step = (approval: Approval) => ({ approval: approval.id, version: String(approval.version) });

export const requestedEntry = (
  stamp: EntryStamp,
  approval: Approval,
  by: { readonly actor: ActorRecord; readonly call: RecordedCall; readonly justification: ContentRecord | null },
): ApprovalRequested => {
  const { binding, terms, deadlineAt, glass } = approval;
  const { params, definition, policy } = binding;
  return {
    ...stamp,
    ...step(approval),
    type: 'approval.requested',
    actor: by.actor,
    call: by.call,
    server: binding.server,
    tool: binding.tool,
    binding: { hash: hashOf(approval), params, definition, policy },
    policies: terms.policies,
    approvers: terms.approvers.map(({ groups, quorum }) => ({ groups, quorum: String(quorum) })),
    runs: approval.runs,
    escalate: terms.escalate,
    stepUp: textOrNull(terms.stepUpSeconds),
    acr: terms.acr,
    expires: String(terms.expiresSeconds),
    window: textOrNull(terms.windowSeconds),
    deadline: toTimestamp(deadlineAt),
    justification: by.justification,
    glass:
      glass === null || terms.glass === null
        ? null
        : { groups: terms.glass.groups, review: String(terms.glass.reviewSeconds) },
  };
};

const textOrNull = (value: number | null): string | null => (value === null ? null : String(value));

/** `after` is the request as the decision left it. */
export const decidedEntry = (
  stamp: EntryStamp,
  after: Approval,
  by: { readonly actor: ActorRecord; readonly req: RequestRecord; readonly reason: ContentRecord | null },
): ApprovalDecided => {
  const { state, deadlineAt } = after;
  if (state !== 'pending' && state !== 'approved' && state !== 'denied') {
    throw new TypeError(`No decision leaves a request ${state}`);
  }
  const type = state === 'denied' ? 'approval.denied' : 'approval.granted';
  return { ...stamp, ...step(after), type, ...by, binding: hashOf(after), state, deadline: toTimestamp(deadlineAt) };
};

export const withdrawnEntry = (
  stamp: EntryStamp,
  after: Approval,
  by: { readonly actor: ActorRecord; readonly req: RequestRecord },
): ApprovalWithdrawn => ({ ...stamp, ...step(after), type: 'approval.withdrawn', ...by });

/** `after` is the request as the review left it. */
export const reviewedEntry = (
  stamp: EntryStamp,
  after: Approval,
  by: { readonly actor: ActorRecord; readonly req: RequestRecord; readonly reason: ContentRecord | null },
): ApprovalReviewed => {
  const review = after.glass?.review ?? null;
  if (review === null) throw new TypeError(`Request ${after.id} was not reviewed`);
  return {
    ...stamp,
    ...step(after),
    type: 'approval.reviewed',
    ...by,
    binding: hashOf(after),
    verdict: review.verdict,
  };
};

/** What time did: an expiry, the asking of a second group, or the end of the time for a review. */
export const timedEntry = (stamp: EntryStamp, after: Approval): ApprovalTimed => ({
  ...stamp,
  ...step(after),
  type: timedType(after),
  deadline: toTimestamp(after.deadlineAt),
});

const timedType = ({ state, glass }: Approval): ApprovalTimed['type'] => {
  if (glass !== null) return 'approval.unreviewed';
  return state === 'expired' ? 'approval.expired' : 'approval.escalated';
};

/** Somebody was shown exactly what would run. Written before they see it. */
export const viewedEntry = (
  stamp: EntryStamp,
  approval: Approval,
  by: { readonly actor: ActorRecord; readonly req: RequestRecord },
): ApprovalViewed => ({
  ...stamp,
  ...step(approval),
  type: 'approval.viewed',
  ...by,
  binding: hashOf(approval),
});

/** Who was told, channel by channel, at one try. */
export const notifiedEntry = (
  stamp: EntryStamp,
  approval: Approval,
  why: ApprovalNotified['step'],
  channels: ApprovalNotified['channels'],
): ApprovalNotified => ({ ...stamp, ...step(approval), type: 'approval.notified', step: why, channels });

export const usedEntry = (stamp: EntryStamp, after: Approval, call: RecordedCall): ApprovalUsed => ({
  ...stamp,
  ...step(after),
  type: 'approval.used',
  call,
  binding: hashOf(after),
  uses: String(after.uses),
});
