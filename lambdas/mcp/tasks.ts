// `tasks/get`, `tasks/update` and `tasks/cancel` of tasks that the gateway made: answered here, and only to whoever asked
// for the call, through the same client. Tasks that a server makes by itself go through like any other call.

import { decisionOf } from '../adapters/approval-machine.ts';
import type { FoundApproval } from '../adapters/dynamo-approvals.ts';
import type { StoredEnd } from '../adapters/dynamo-runs.ts';
import { waitingText } from '../core/approvals/answers.ts';
import { isSamePerson } from '../core/approvals/approval.ts';
import { openHeld } from '../core/approvals/held-call.ts';
import {
  acknowledged,
  askedTask,
  type RunEnd,
  TASKS_EXTENSION,
  takesTasks,
  taskResult,
} from '../core/approvals/tasks.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import type { Exchange, Reply } from './exchange.ts';
import { reply, replyError } from './gate-answers.ts';
import type { GatePorts } from './gate-ports.ts';
import { withdrawOwn } from './withdraw-own.ts';

/** The request that a `tasks/*` of this client asks about; `undefined` when it is none of ours. */
export const taskIn = ({ message, call }: Admitted): string | undefined =>
  call.era === 'modern' && message?.kind === 'request' ? askedTask(message.method, message.params) : undefined;

// JSON-RPC 2.0 section 5.1; SEP-2663, "Errors"; MCP 2026-07-28, basic/index, "missing required client capability".
const INVALID_PARAMS = -32602;
const MISSING_CAPABILITY = -32021;

export const answerTask = async (ports: GatePorts, exchange: Exchange, approvalId: string): Promise<Reply> => {
  const { message, request } = exchange.admitted;
  if (message?.kind !== 'request') throw new TypeError('Only a request asks about a task');
  if (!takesTasks(message.params)) {
    const data = { requiredCapabilities: { extensions: { [TASKS_EXTENSION]: {} } } };
    return replyError(exchange, {
      code: MISSING_CAPABILITY,
      message: `Declare the extension ${TASKS_EXTENSION}`,
      data,
    });
  }
  const found = await ports.approvals.find(approvalId);
  // Somebody else's task and one that never was are the same to whoever asks.
  if (found === undefined || found.approval.runs !== 'worker' || !isOwner(found, exchange.admitted)) {
    return unknownTask(exchange);
  }
  switch (message.method) {
    case 'tasks/get':
      return describe(ports, exchange, found);
    case 'tasks/cancel':
      return cancel(ports, exchange, found);
    default:
      return replyError(exchange, { code: INVALID_PARAMS, message: `Task of ${request.server} asks for no input` });
  }
};

const unknownTask = (exchange: Exchange): Promise<Reply> =>
  replyError(exchange, { code: INVALID_PARAMS, message: 'There is no such task, or it has expired' });

const isOwner = ({ approval }: FoundApproval, { request }: Admitted): boolean =>
  isSamePerson(approval.requester, request.principal) &&
  approval.binding.client === request.principal.client &&
  approval.binding.server === request.server;

const describe = async (ports: GatePorts, exchange: Exchange, { approval, token }: FoundApproval): Promise<Reply> => {
  const run = await ports.runs.find(approval.id);
  // The word that it is approved may have been lost on its way to the machine; said twice it counts once.
  if (run === undefined && approval.state === 'approved' && token !== null) {
    await ports.endWait(token, decisionOf(approval));
  }
  if (run === 'expired') return unknownTask(exchange);
  const end = run === undefined || run.end === null ? null : await opened(ports, approval.id, run.end);
  const state = { approval, begun: run !== undefined, end };
  return reply(exchange, approval, (id) => taskResult(id, state, waitingText(approval)));
};

const opened = async ({ heldKeys }: GatePorts, approval: string, end: StoredEnd): Promise<RunEnd> => {
  if (end.kind === 'interrupted') return end;
  const dataKey = await heldKeys.unwrap(approval, 'answer', end.sealed.wrapped);
  return { kind: 'answered', at: end.at, text: openHeld(end.sealed, dataKey).toString('utf8') };
};

/** Withdraws what is still open; of anything else the acknowledgement says nothing (SEP-2663, `tasks/cancel`). */
const cancel = async (ports: GatePorts, exchange: Exchange, { approval }: FoundApproval): Promise<Reply> => {
  const after = await withdrawOwn(ports, exchange, approval);
  return reply(exchange, after, acknowledged);
};
