// Makes the request for an approval, and has people asked. The request becomes durable together with the intent.

import type { ApprovalStep } from '../adapters/dynamo-approval-items.ts';
import { type Approval, askedGroups, escalationAt } from '../core/approvals/approval.ts';
import { callDigest } from '../core/approvals/call-digest.ts';
import { elicitedReason } from '../core/approvals/elicitation.ts';
import { requestedEntry } from '../core/approvals/entries.ts';
import { type CallBinding, callKey } from '../core/approvals/exact-call.ts';
import { type HeldCall, heldKey, heldRequest, writeHeldRequest } from '../core/approvals/held-call.ts';
import { JUSTIFICATION_ARGUMENT, justificationOf, withoutJustification } from '../core/approvals/justification.ts';
import { withoutOwnInput } from '../core/approvals/own-input.ts';
import { requestOf } from '../core/approvals/passage.ts';
import { takesTasks } from '../core/approvals/tasks.ts';
import { actorRecord } from '../core/ledger/records.ts';
import { outline } from '../core/masking/outline.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import type { McpRequest } from '../core/mcp/http.ts';
import { isObject } from '../core/mcp/json.ts';
import type { ApprovalDemand } from '../core/policy/demand.ts';
import type { Session } from '../core/sessions/session.ts';
import { toTimestamp } from '../core/time.ts';
import type { GatePorts } from './gate-ports.ts';
import type { Held } from './held.ts';
import { stamp, stored } from './recorder.ts';
import { slowly } from './slowly.ts';
import type { ToolDefinition } from './tool-definition.ts';

/** `definition`: digest of the tool as its server lists it. */
export const callOf = ({ request, decision, call }: Admitted, definition: string | null): CallBinding => ({
  issuer: request.principal.issuer,
  subject: request.principal.subject,
  client: request.principal.client,
  server: request.server,
  tool: call.resource.name,
  definition,
  policy: decision.policy,
  params: callDigest(request.body),
});

export const justificationIn = ({ message }: Admitted): string | null =>
  message?.kind === 'request' ? (justificationOf(message.params) ?? elicitedReason(message.params)) : null;

export const demandOf = ({ decision }: Admitted): ApprovalDemand => {
  if (decision.demand === undefined) throw new TypeError('A held call says what is demanded');
  return decision.demand;
};

/** Whether the client of this call can follow a task, and policy lets it. */
export const takesTask = ({ policy }: GatePorts, { message, call }: Admitted): boolean => {
  if (call.era !== 'modern' || message?.kind !== 'request' || !takesTasks(message.params)) return false;
  const following = {
    action: 'tasks/get',
    method: 'tasks/get',
    resource: { kind: 'Server', name: '' },
    args: undefined,
  } as const;
  return policy.decide({ ...call, ...following }).effect === 'permit';
};

/** The arguments that the server gets: the reason stands by itself. */
const shownArguments = ({ call: { args } }: Admitted): unknown =>
  isObject(args) ? Object.fromEntries(Object.entries(args).filter(([name]) => name !== JUSTIFICATION_ARGUMENT)) : args;

/** The request as its server gets it: without what was meant for the gateway. */
export const forServer = (body: string): string => withoutJustification(withoutOwnInput(body));

/** What people are asked about. */
interface Asked {
  readonly tool: ToolDefinition;
  /** The ended request that the call is still bound to. */
  readonly replaces: string | null;
  /** Why, in the requester's own words. */
  readonly reason: string | null;
}

/** The reason as messages carry it, to mailboxes and channels outside the gateway. */
export const toldReason = async (
  { masking }: GatePorts,
  admitted: Admitted,
  session: Session,
  reason: string,
): Promise<string> => (masking === null ? reason : masking.ofCall(admitted, session).textView(reason));

export const ask = async (
  ports: GatePorts,
  admitted: Admitted,
  { tool, replaces, session }: Omit<Asked, 'reason'> & { readonly session: Session },
): Promise<Held> => {
  const { principal } = admitted.request;
  const reason = justificationIn(admitted);
  const terms = { ...demandOf(admitted), escalateAfter: ports.config.approvals.escalateAfterPercent / 100 };
  const made = {
    ...{ id: ports.newId(), call: callOf(admitted, tool.digest), name: principal.name, at: ports.clock.now() },
    ...{
      justification: reason === null ? null : await toldReason(ports, admitted, session, reason),
      shown: outline(shownArguments(admitted)),
    },
    runs: takesTask(ports, admitted) ? ('worker' as const) : ('client' as const),
  };
  const approval = requestOf(made, terms);
  const step = await openStep(ports, admitted, approval, { tool, replaces, reason });
  const actor = actorRecord(principal);
  return {
    passage: { kind: 'wait', approval },
    step: async (recorded, seal) => {
      const said = reason === null ? null : await seal(reason);
      const justification = said?.record ?? null;
      const entry = requestedEntry(stamp(ports), approval, { actor, call: recorded, justification });
      return { steps: [step], entries: [stored(entry, said?.inline ?? null)] };
    },
  };
};

/** Cedar has the last word: with the approval at hand, the very call must be permitted. */
export const mustPermit = ({ policy }: GatePorts, { call }: Admitted): void => {
  const { effect, reasons } = policy.decide(call, true);
  if (effect !== 'permit') throw new TypeError(`An approved call is not permitted: ${reasons.join(', ')}`);
};

/** Puts a request where people, and the very call, find it. */
export const openStep = async (
  ports: GatePorts,
  { request }: Admitted,
  approval: Approval,
  asked: Asked,
): Promise<ApprovalStep> => {
  const { issuer, subject } = request.principal;
  const hash = callKey(approval.binding);
  const held = await sealHeld(ports, approval.id, request, asked);
  const inbox = [...new Set([...askedGroups(approval), ...approval.terms.escalate])];
  return { kind: 'open', approval, hash, held, replaces: asked.replaces, inbox, owner: `${issuer} ${subject}` };
};

/** Exactly what will run, for those who decide and for the worker; this function cannot open it again. */
const sealHeld = async (
  { heldKeys, seal }: GatePorts,
  id: string,
  request: McpRequest,
  { tool: { tool }, reason }: Asked,
): Promise<HeldCall> => {
  const { plaintext, wrapped } = await heldKeys.generate(id, 'call');
  const held = heldRequest(request, forServer(request.body), { tool, reason });
  const { jwe } = await slowly(seal(heldKey(wrapped, plaintext), writeHeldRequest(held)));
  return { jwe, wrapped };
};

export const askPeople = async (
  { startMachine, approvals, diagnostics }: GatePorts,
  approval: Approval,
): Promise<void> => {
  try {
    const found = await approvals.find(approval.id);
    if (found?.started === true) return;
    await startMachine({
      approval: approval.id,
      escalateAt: toTimestamp(escalationAt(approval)),
      deadlineAt: toTimestamp(approval.deadlineAt),
      run: approval.runs === 'worker',
      review: approval.glass !== null,
    });
    await approvals.markStarted(approval.id);
  } catch (cause) {
    // The request stands, and is in the console; the next identical call tries again to have people told.
    diagnostics.error(`Nobody was told of approval ${approval.id}`, cause);
  }
};
