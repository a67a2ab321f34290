// Breaking the glass: whoever policy lets proceeds at once. Intent, request and use become durable together, then people
// are told, then the call goes out.
//
//     said so, and may?      no: held like any other call, the reason as its justification
//     log line               dies here: the alarm rings for a call that never went out
//     one transaction        dies here: a broken glass on record, in the console, and an intent without outcome
//     state machine          dies here: people are told, nobody knows whether the call ran

import { decisionOf } from '../adapters/approval-machine.ts';
import type { ApprovalStep } from '../adapters/dynamo-approval-items.ts';
import type { FoundApproval } from '../adapters/dynamo-approvals.ts';
import type { StoredEntry } from '../adapters/dynamo-items.ts';
import type { Approval } from '../core/approvals/approval.ts';
import { requestedEntry, usedEntry, withdrawnEntry } from '../core/approvals/entries.ts';
import { callKey } from '../core/approvals/exact-call.ts';
import { breakGlass as brokenGlass, glassPassage, mayBreakGlass, type WithdrawnStep } from '../core/approvals/glass.ts';
import { glassReasonOf } from '../core/approvals/justification.ts';
import { boundTo } from '../core/approvals/passage.ts';
import { actorRecord, requestRecord } from '../core/ledger/records.ts';
import { outline } from '../core/masking/outline.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import type { Session } from '../core/sessions/session.ts';
import { askPeople, callOf, demandOf, mustPermit, openStep, toldReason } from './ask.ts';
import type { GatePorts } from './gate-ports.ts';
import type { Held } from './held.ts';
import { stamp, stored } from './recorder.ts';
import { toolDefinition } from './tool-definition.ts';

/** Why this caller does not wait, if they say so and may; the worker never does. */
const reasonIn = (admitted: Admitted): string | null => {
  const { message, request } = admitted;
  if (message?.kind !== 'request' || request.run !== null) return null;
  return mayBreakGlass(demandOf(admitted), request.principal) ? glassReasonOf(message.params) : null;
};

/** `undefined`: the call takes the ordinary way. */
export const breakGlass = async (ports: GatePorts, admitted: Admitted, session: Session): Promise<Held | undefined> => {
  const reason = reasonIn(admitted);
  if (reason === null) return undefined;
  const found = await findBoth(ports, admitted);
  const tool = await toolDefinition(ports, admitted, session);
  if (!tool.ok) return { passage: { kind: 'unread', failure: tool.error }, step: null };
  const { principal, receivedAt } = admitted.request;
  const call = callOf(admitted, tool.value.digest);
  const now = ports.clock.now();
  const passage = glassPassage(found, call, { now, receivedAt });
  if (passage.kind === 'approved') return undefined;
  if (passage.kind === 'ended') return { passage, step: null };
  mustPermit(ports, admitted);
  const justification = await toldReason(ports, admitted, session, reason);
  const { opened, used } = brokenGlass({
    ...{ id: ports.newId(), binding: call, requester: personOf(admitted), justification, requestedAt: now },
    terms: { ...demandOf(admitted), escalateAfter: ports.config.approvals.escalateAfterPercent / 100 },
    shown: outline(admitted.call.args),
  });
  const open = await openStep(ports, admitted, used, { tool: tool.value, replaces: passage.replaces, reason });
  const withdrawal = withdrawalOf(ports, admitted, passage.withdraws, now);
  const token = found.ordinary?.token ?? null;
  return {
    passage: {
      ...{ kind: 'glass', approval: used },
      withdrawn: passage.withdraws === null ? null : { after: passage.withdraws.after, token },
    },
    step: async (recorded, seal) => {
      const said = await seal(reason);
      const asked = { actor: actorRecord(principal), call: recorded, justification: said.record };
      // Counted by the alarm GlassBroken (lib/alarms.ts), which rings whatever becomes of the state machine.
      ports.diagnostics.error(`Glass is being broken by request ${used.id}`, undefined);
      return {
        steps: [...withdrawal.steps, open],
        entries: [
          ...withdrawal.entries,
          stored(requestedEntry(stamp(ports), opened, asked), said.inline),
          stored(usedEntry(stamp(ports), used, recorded)),
        ],
      };
    },
  };
};

/** The request that people decide about, and the one that the very call is bound to. */
const findBoth = async (
  { approvals }: GatePorts,
  admitted: Admitted,
): Promise<Record<'ordinary' | 'same', (FoundApproval & { readonly told: boolean }) | undefined>> => {
  const call = callOf(admitted, null);
  const { windowSeconds } = demandOf(admitted);
  const ordinary = await approvals.findByCall(callKey(boundTo(call, windowSeconds)));
  return { ordinary, same: windowSeconds === null ? ordinary : await approvals.findByCall(callKey(call)) };
};

const personOf = ({ request: { principal } }: Admitted): Approval['requester'] => ({
  issuer: principal.issuer,
  subject: principal.subject,
  name: principal.name,
});

interface Withdrawal {
  readonly steps: readonly ApprovalStep[];
  readonly entries: readonly StoredEntry[];
}

/** Whoever does not wait takes the waiting request back: it would let the same call out once more. */
const withdrawalOf = (
  ports: GatePorts,
  { request }: Admitted,
  withdraws: WithdrawnStep | null,
  now: number,
): Withdrawal => {
  if (withdraws === null) return { steps: [], entries: [] };
  const by = { actor: actorRecord(request.principal), req: requestRecord(request) };
  return {
    steps: [{ kind: 'change', ...withdraws, now }],
    entries: [stored(withdrawnEntry(stamp(ports), withdraws.after, by))],
  };
};

/** The call goes out once people are being told; that nobody could be told does not stop it. */
export const tellOfGlass = async (
  ports: GatePorts,
  { approval, withdrawn }: Extract<Held['passage'], { kind: 'glass' }>,
): Promise<undefined> => {
  await askPeople(ports, approval);
  if (withdrawn === null || withdrawn.token === null) return;
  try {
    await ports.endWait(withdrawn.token, decisionOf(withdrawn.after));
  } catch (cause) {
    // It finds at its deadline that the request was withdrawn.
    ports.diagnostics.error(`The state machine of approval ${withdrawn.after.id} did not hear of its end`, cause);
  }
};
