// How a decision that permits nothing is said. Whoever could not use a tool at all hears what a caller of a tool that
// does not exist hears; whoever could is told what stands in the way. Pure.

import type { Refusal } from '../mcp/refusal.ts';
import type { PolicyCall } from './call.ts';
import type { Decision } from './decision.ts';
import type { Policy } from './policy.ts';

/** The refusal of a call; `undefined` for a permit, and for a call that can wait for its approval. */
export const refusalOf = (
  decision: Decision,
  call: PolicyCall,
  policy: Policy,
  canWait: boolean,
): Refusal | undefined => {
  if (decision.effect === 'permit') return undefined;
  const { server } = call;
  if (decision.demand !== undefined) {
    if (canWait) return undefined;
    const groups = decision.demand.approvers.flatMap((approver) => approver.groups);
    return { reason: 'approval_required', server, policies: decision.reasons, groups };
  }
  const policies = decision.reasons;
  if (!policy.couldUse(call)) return { reason: 'access_denied', server, policies, advice: null, hidden: true };
  const misfit = decision.fault === 'arguments' ? policy.misfitOf(call) : undefined;
  if (misfit !== undefined) return { reason: 'arguments_refused', server, ...misfit };
  const advice = policies.map((id) => policy.rule(id)?.advice ?? null).filter((text) => text !== null);
  return { reason: 'access_denied', server, policies, advice: advice.join(' ') || null, hidden: false };
};
