// What a client is told about a held call in place of the server's answer, recorded as an answer of the gateway.

import { endedText, toolError, voidText, waitingText } from '../core/approvals/answers.ts';
import type { Approval } from '../core/approvals/approval.ts';
import { callKey } from '../core/approvals/exact-call.ts';
import type { Passage } from '../core/approvals/passage.ts';
import { createdTask } from '../core/approvals/tasks.ts';
import type { RequestId } from '../core/mcp/message.ts';
import { type Exchange, type Reply, replyOf, requestIdOf } from './exchange.ts';
import type { GatePorts } from './gate-ports.ts';

export const answerEnded = async (
  ports: GatePorts,
  exchange: Exchange,
  passage: Exclude<Passage, { kind: 'use' | 'wait' | 'void' | 'unread' }>,
): Promise<Reply> => {
  if (passage.kind !== 'ended') throw new TypeError(`${passage.kind} is no end`);
  const { approval } = passage;
  const said = await answer(exchange, endedText(approval), approval);
  // The worker hears it for a client that will ask for its task.
  if (approval.state !== 'denied' && exchange.admitted.request.run === null)
    await ports.approvals.markTold(callKey(approval.binding), approval.id);
  return said;
};

/** A tool result in place of the server's, recorded as one that never went out. */
export const answer = (exchange: Exchange, text: string, approval: Approval | null): Promise<Reply> =>
  reply(exchange, approval, (id) => toolError({ id, era: exchange.admitted.classification.era }, text));

/** Approved, and no longer what was approved. A client hears it once, and may then ask anew. */
export const answerVoid = async (ports: GatePorts, exchange: Exchange, approval: Approval | null): Promise<Reply> => {
  const said = await answer(exchange, voidText(approval?.id ?? exchange.admitted.request.run ?? ''), approval);
  if (approval !== null && exchange.admitted.request.run === null) {
    await ports.approvals.markTold(callKey(approval.binding), approval.id);
  }
  return said;
};

/** The handle of a task, for a client that asks for the result later. */
export const handTask = (exchange: Exchange, approval: Approval): Promise<Reply> =>
  reply(exchange, approval, (id) => createdTask(id, approval, waitingText(approval)));

/** A response of the gateway's own about a held call. */
export const reply = async (
  exchange: Exchange,
  approval: Approval | null,
  write: (id: RequestId) => string,
  rpcCode: number | null = null,
): Promise<Reply> => {
  const { admitted, recorder } = exchange;
  const requestId = requestIdOf(admitted);
  if (requestId === null) throw new TypeError('A held call is a request');
  const body = write(requestId);
  await recorder.outcome(
    {
      status: 'held',
      http: null,
      sent: '200',
      rpcCode: rpcCode === null ? null : String(rpcCode),
      failure: null,
      complete: true,
      masked: null,
      ...(approval === null ? {} : { approval: { id: approval.id, state: approval.state } }),
    },
    { bytes: Buffer.from(body, 'utf8'), handed: undefined },
  );
  return replyOf(exchange, body);
};

/** A JSON-RPC error (section 5.1) in place of an answer. */
export const replyError = (
  exchange: Exchange,
  error: { readonly code: number; readonly message: string; readonly data?: unknown },
): Promise<Reply> => reply(exchange, null, (id) => JSON.stringify({ jsonrpc: '2.0', id, error }), error.code);
