// A call that policy holds until people have approved it.
//
//     look: what does this very call find? ──> ask | wait | use | ended; or the glass is broken (break-glass.ts)
//     begin: the intent, and in the same transaction the request, or the use, or both
//     settle: let it through, or wait a little and then say what is the case
//
// A request lives in DynamoDB and its own state machine: nothing is lost when this function or its client goes away.

import { setTimeout } from 'node:timers/promises';
import { type FoundApproval, takesStep } from '../adapters/dynamo-approvals.ts';
import { pendingText } from '../core/approvals/answers.ts';
import type { Approval } from '../core/approvals/approval.ts';
import { timedEntry, usedEntry } from '../core/approvals/entries.ts';
import { callKey } from '../core/approvals/exact-call.ts';
import { awaitsReview } from '../core/approvals/glass.ts';
import { boundTo, type Passage, passageOf } from '../core/approvals/passage.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import type { Session } from '../core/sessions/session.ts';
import { ask, askPeople, callOf, demandOf, justificationIn, mustPermit, takesTask } from './ask.ts';
import { breakGlass, tellOfGlass } from './break-glass.ts';
import { askToWait, askWhy, statusUrl, takeBack, takesBack } from './elicit.ts';
import { type Exchange, failedReply, type Reply } from './exchange.ts';
import { answer, answerEnded, answerVoid, handTask } from './gate-answers.ts';
import type { GatePorts } from './gate-ports.ts';
import type { Held } from './held.ts';
import { stamp, stored } from './recorder.ts';
import { type ToolDefinition, toolDefinition } from './tool-definition.ts';

/** An approval is decided in seconds or in hours: a client is kept for the first, and calls again for the second. */
const POLL_MS = 1000;

export const isHeld = ({ decision }: Admitted): boolean => decision.effect === 'needs-approval';

/** What this very call finds; an end that nobody has written yet is written here. */
export const lookUp = async (ports: GatePorts, admitted: Admitted, session: Session): Promise<Held> => {
  const { run } = admitted.request;
  // The worker makes what was approved, or nothing: it never asks.
  if (run !== null && !isHeld(admitted)) return { passage: { kind: 'void', approval: null }, step: null };
  const broken = await breakGlass(ports, admitted, session);
  if (broken !== undefined) return broken;
  const demand = demandOf(admitted);
  const current = await ports.approvals.findByCall(callKey(boundTo(callOf(admitted, null), demand.windowSeconds)));
  const found = run === null || current?.approval.id === run ? current : undefined;
  const looked = await lookAt(ports, admitted, session, found);
  const { passage, now } = looked;
  if (run !== null && passage.kind === 'ask') return { passage: { kind: 'void', approval: null }, step: null };
  switch (passage.kind) {
    case 'expire': {
      const { before, after } = passage;
      await ports.approvals.take({ kind: 'change', before, after, now }, [stored(timedEntry(stamp(ports), after))]);
      return { passage: { kind: 'ended', approval: after }, step: null };
    }
    case 'use': {
      const { before, after } = passage;
      mustPermit(ports, admitted);
      const step = { kind: 'change', before, after, now } as const;
      return {
        passage,
        step: (made) => Promise.resolve({ steps: [step], entries: [stored(usedEntry(stamp(ports), after, made))] }),
      };
    }
    case 'ask':
      if (looked.tool === null) throw new TypeError('Nobody is asked about a tool that was not read');
      return ask(ports, admitted, { tool: looked.tool, replaces: passage.replaces, session });
    case 'wait':
    case 'ended':
    case 'unjustified':
    case 'unread':
    case 'void':
      return { passage, step: null };
  }
};

interface Looked {
  readonly passage: Passage;
  /** Set where people are to be asked, or the approval is to be used. */
  readonly tool: ToolDefinition | null;
  readonly now: number;
}

/** Reads the tool's definition only where it matters: before people are asked, and before the call goes out. */
const lookAt = async (
  ports: GatePorts,
  admitted: Admitted,
  session: Session,
  found: FoundApproval | undefined,
): Promise<Looked> => {
  const known = callOf(admitted, found?.approval.binding.definition ?? null);
  const now = ports.clock.now();
  const passage = passageOf(found, known, now);
  if (passage.kind !== 'ask' && passage.kind !== 'use') return { passage, tool: null, now };
  if (passage.kind === 'ask' && demandOf(admitted).justification && justificationIn(admitted) === null) {
    return { passage: { kind: 'unjustified' }, tool: null, now };
  }
  const tool = await toolDefinition(ports, admitted, session);
  if (!tool.ok) return { passage: { kind: 'unread', failure: tool.error }, tool: null, now };
  const later = ports.clock.now();
  return { passage: passageOf(found, callOf(admitted, tool.value.digest), later), tool: tool.value, now: later };
};

/** After the intent: `undefined` lets the call through; a reply answers in its place. */
export const settle = async (ports: GatePorts, exchange: Exchange, held: Held): Promise<Reply | undefined> => {
  const { passage } = held;
  if (passage.kind === 'use') return undefined;
  if (passage.kind === 'glass') return tellOfGlass(ports, passage);
  if (passage.kind === 'unjustified') return askWhy(exchange);
  if (passage.kind === 'void') return answerVoid(ports, exchange, passage.approval);
  if (passage.kind === 'unread') return failedReply(exchange, passage.failure, null);
  if (passage.kind === 'ended' && awaitsReview(passage.approval)) await askPeople(ports, passage.approval);
  if (passage.kind !== 'wait') return answerEnded(ports, exchange, passage);
  if (takesBack(exchange)) return takeBack(ports, exchange, passage.approval);
  await askPeople(ports, passage.approval);
  if (passage.approval.runs === 'worker' && takesTask(ports, exchange.admitted))
    return handTask(exchange, passage.approval);
  return askToWait(ports, exchange, passage.approval, 'first') ?? waitFor(ports, exchange, passage.approval);
};

/** Looks again until it is decided or the client has been kept long enough. */
const waitFor = async (ports: GatePorts, exchange: Exchange, approval: Approval): Promise<Reply | undefined> => {
  const { admitted, abort } = exchange;
  const until = admitted.request.receivedAt + ports.config.approvals.holdSeconds * 1000;
  while (ports.clock.now() < until && !abort.signal.aborted) {
    await setTimeout(POLL_MS, undefined, { signal: abort.signal }).catch(() => undefined);
    const settled = await lookAgain(ports, exchange, approval.id);
    if (settled !== 'pending') return settled;
  }
  return (
    askToWait(ports, exchange, approval, 'later') ??
    answer(exchange, pendingText(approval, statusUrl(ports, approval)), approval)
  );
};

const lookAgain = async (ports: GatePorts, exchange: Exchange, id: string): Promise<Reply | undefined | 'pending'> => {
  const { admitted, session } = exchange;
  const { passage, now } = await lookAt(ports, admitted, session, await ports.approvals.find(id));
  switch (passage.kind) {
    case 'wait':
    case 'ask':
    case 'unjustified':
      return 'pending';
    case 'void':
      return answerVoid(ports, exchange, passage.approval);
    case 'unread':
      return failedReply(exchange, passage.failure, null);
    case 'use':
      return useNow(ports, exchange, { ...passage, now });
    case 'expire': {
      const { before, after } = passage;
      const written = await takesStep(ports.approvals, { kind: 'change', before, after, now }, [
        stored(timedEntry(stamp(ports), after)),
      ]);
      return written ? answerEnded(ports, exchange, { kind: 'ended', approval: after }) : 'pending';
    }
    case 'ended':
      return answerEnded(ports, exchange, passage);
  }
};

const useNow = async (
  ports: GatePorts,
  exchange: Exchange,
  { before, after, now }: { readonly before: Approval; readonly after: Approval; readonly now: number },
): Promise<undefined | 'pending'> => {
  mustPermit(ports, exchange.admitted);
  const entry = usedEntry(stamp(ports), after, exchange.recorder.recordedCall());
  const written = await takesStep(ports.approvals, { kind: 'change', before, after, now }, [stored(entry)]);
  // Somebody else took the step: what became of it is seen at the next look.
  return written ? undefined : 'pending';
};
