// What an identical call finds: no request, one that is decided, or one that waits. Pure.

import type { UpstreamFailure } from '../upstreams/failure.ts';
import { type Approval, newApproval, type Person } from './approval.ts';
import { expire, use } from './decide.ts';
import type { CallBinding } from './exact-call.ts';

export type Passage =
  /** The policy wants to hear why before anybody is asked. */
  | { readonly kind: 'unjustified' }
  /** People must be asked; `replaces` is the ended request that this call is still bound to. */
  | { readonly kind: 'ask'; readonly replaces: string | null }
  /** People were asked and have not decided. */
  | { readonly kind: 'wait'; readonly approval: Approval }
  /** Approved: this step, once written, lets the call through. */
  | { readonly kind: 'use'; readonly before: Approval; readonly after: Approval }
  /** Its time is over, and nobody has written so yet. */
  | { readonly kind: 'expire'; readonly before: Approval; readonly after: Approval }
  /** Approved, and no longer what was approved: the definition of the tool, or for a run of the worker the policies. */
  | { readonly kind: 'void'; readonly approval: Approval | null }
  /** The server does not say what the tool is: nobody can be asked about it. */
  | { readonly kind: 'unread'; readonly failure: UpstreamFailure }
  /** Ended; whoever calls is told why, once, before the same call asks anew. A denial stands until its deadline. */
  | { readonly kind: 'ended'; readonly approval: Approval };

/** `told`: whether a caller has heard how the found request ended. */
export const passageOf = (
  found: { readonly approval: Approval; readonly told: boolean } | undefined,
  call: CallBinding,
  now: number,
): Passage => {
  if (found === undefined) return { kind: 'ask', replaces: null };
  const { approval, told } = found;
  const expired = expire(approval, now);
  if (expired !== undefined) return { kind: 'expire', before: approval, after: expired };
  switch (approval.state) {
    case 'pending':
      return { kind: 'wait', approval };
    case 'approved':
      return ofApproved(found, call, now);
    case 'denied':
      return now < approval.deadlineAt ? { kind: 'ended', approval } : { kind: 'ask', replaces: approval.id };
    case 'withdrawn':
    case 'expired':
    case 'used':
      return told ? { kind: 'ask', replaces: approval.id } : { kind: 'ended', approval };
  }
};

const ofApproved = (
  { approval, told }: { readonly approval: Approval; readonly told: boolean },
  call: CallBinding,
  now: number,
): Passage => {
  const used = use(approval, call, now);
  if (used.ok) return { kind: 'use', before: approval, after: used.value };
  const { error } = used;
  if (error.reason !== 'other_call' || error.differs.join() !== 'definition') {
    // The same key names the same call but for its definition; were it not so, the call must not go out.
    throw new TypeError(`Approval ${approval.id} is for another call: ${JSON.stringify(error)}`);
  }
  return told ? { kind: 'ask', replaces: approval.id } : { kind: 'void', approval };
};

/** A new request of a call; for a window, bound to the tool and not to its arguments. */
export const requestOf = (
  made: Pick<Approval, 'id' | 'justification' | 'runs' | 'shown'> & {
    readonly call: CallBinding;
    readonly name: string | null;
    readonly at: number;
  },
  terms: Approval['terms'],
): Approval => {
  const requester: Person = { issuer: made.call.issuer, subject: made.call.subject, name: made.name };
  const binding = boundTo(made.call, terms.windowSeconds);
  const { id, justification, runs, shown, at } = made;
  return newApproval({ id, binding, requester, terms, justification, runs, shown, requestedAt: at });
};

/** What a request of this call is bound to. */
export const boundTo = (call: CallBinding, windowSeconds: number | null): CallBinding =>
  windowSeconds === null ? call : { ...call, params: null };
