// The gateway's one column: admit, open the session, record the intent, forward, relay, record the outcome, respond.
// The first refusal wins, and a refusal is an entry too. What is true if the process dies is written on each line.

import { ApprovalsError } from '../adapters/dynamo-approvals.ts';
import { RecordsError } from '../adapters/dynamo-records.ts';
import { answerCutter } from '../core/catalog/cut-answer.ts';
import { type Admitted, admit, type Refused } from '../core/mcp/admit.ts';
import type { McpRequest } from '../core/mcp/http.ts';
import type { RequestId } from '../core/mcp/message.ts';
import { type Refusal, refusalToWire, type WireError } from '../core/mcp/refusal.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import { makeConfigNotice } from './config-notice.ts';
import { type Entered, makeSessionDoor, type SessionDoor } from './enter-session.ts';
import { type Exchange, errorReply, failedReply, type Reply, requestIdOf } from './exchange.ts';
import { type Answered, forward } from './forward.ts';
import { isHeld, lookUp, settle } from './gate.ts';
import type { Held } from './held.ts';
import type { McpPorts } from './ports.ts';
import { CallRecorder, type RecorderParts, recordDenial } from './recorder.ts';
import { relayEvents } from './relay-events.ts';
import { relayEmpty, relayJson } from './relay-json.ts';
import { makeSessionKeys } from './session-keys.ts';
import { makeStrictTier } from './strict-tier.ts';
import { answerTask, taskIn } from './tasks.ts';

/** Time kept back at the end of the function's life to record the outcome of a call that would outlast it. */
const CLOSING_MS = 5000;

export const makeMcp = (ports: McpPorts) => {
  const door = makeSessionDoor(ports);
  const parts = { keys: makeSessionKeys(ports), strict: makeStrictTier(ports), masking: ports.masking };
  const announceConfig = makeConfigNotice(ports);
  return async (request: McpRequest): Promise<Reply> => {
    const callId = ports.newId();
    const admitted = admit(request, ports.config, ports.policy); // dies here: API Gateway's log has the request
    const unnoticed = await noticeConfig(ports, announceConfig, callId); // once per process: policy.changed, or nothing
    if (unnoticed !== undefined) return errorReply(unnoticed, idOf(admitted), callId);
    if (!admitted.ok) return deny(ports, request, admitted.error, callId);
    const begun = await begin(ports, door, parts, admitted.value, callId); // a counted sequence number, or the intent
    if (!begun.ok) return deny(ports, request, begun.error, callId);
    const exchange = begun.value;
    const limit = limitTime(ports, exchange);
    try {
      const answer = await passGate(ports, exchange); //            an intent that waits, and the request it made or found
      if (answer !== undefined) return stopWithBody(answer, limit);
      const answered = await callUpstream(ports, exchange); //      an intent without outcome: it may have run
      const reply = answered.ok
        ? await relay(ports, exchange, answered.value) //           intent and outcome; or, streaming, segments
        : await failedReply(exchange, answered.error, null);
      return stopWithBody(reply, limit);
    } catch (cause) {
      limit.stop();
      return answerFault(ports, exchange, cause);
    }
  };
};

/** A fault of ours after the intent: recorded as one if no outcome was tried, so that it does not look like silence. */
const answerFault = async (ports: McpPorts, exchange: Exchange, cause: unknown): Promise<Reply> => {
  const { callId, admitted, recorder, abort } = exchange;
  abort.abort({ reason: 'gateway_fault' });
  try {
    ports.diagnostics.error(`Call ${callId} met a fault of the gateway`, cause);
    if (!recorder.outcomeTried) return await failedReply(exchange, { reason: 'gateway_fault' }, null);
  } catch (recording) {
    ports.diagnostics.error(`Call ${callId} could not record its fault`, recording);
  }
  ports.diagnostics.error(`Call ${callId} ended without a recorded outcome`, cause);
  return errorReply(refusalToWire({ reason: 'outcome_not_recorded' }), requestIdOf(admitted), callId);
};

/** How long a client that reads slowly may take after the time limit before its stream is cut. */
const READ_GRACE_MS = 1000;

/**
 * Ties the time limit to a streamed body. Aborting the upstream ends nothing while the client does not read: the body
 * waits at its last event. After a grace the stream is destroyed, which records the outcome. Before the limit a client
 * may take its time, also with what is left of a stream that has ended.
 */
const stopWithBody = (reply: Reply, { over, stop }: TimeLimit): Reply => {
  const { body } = reply;
  if (typeof body === 'string') {
    stop();
    return reply;
  }
  let cut: NodeJS.Timeout | undefined;
  const cutSoon = () => {
    cut = setTimeout(() => body.destroy(), READ_GRACE_MS);
  };
  if (over.aborted) cutSoon();
  over.addEventListener('abort', cutSoon);
  body.once('close', () => {
    clearTimeout(cut);
    stop();
  });
  return reply;
};

/** The error to answer with when it could not be recorded that another configuration is in force. */
const noticeConfig = async (
  { diagnostics }: McpPorts,
  announceConfig: () => Promise<void>,
  callId: string,
): Promise<WireError | undefined> => {
  try {
    await announceConfig();
    return undefined;
  } catch (cause) {
    diagnostics.error(`Call ${callId} was refused: the configuration in force is not on record`, cause);
    return refusalToWire({ reason: 'ledger_unavailable' });
  }
};

const idOf = (admitted: Result<Admitted, Refused>): RequestId | null => {
  const { message } = admitted.ok ? admitted.value : admitted.error;
  return message?.kind === 'request' ? message.id : null;
};

/** Records a refusal, then says it. One that cannot be recorded is still a refusal, but a different one. */
const deny = async (ports: McpPorts, request: McpRequest, refused: Refused, callId: string): Promise<Reply> => {
  const id = refused.message?.kind === 'request' ? refused.message.id : null;
  const wire = refusalToWire(refused.refusal);
  try {
    await recordDenial(ports, request, refused, callId, wire.status);
    return errorReply(wire, id, callId);
  } catch (cause) {
    ports.diagnostics.error(`Refusal of call ${callId} could not be recorded`, cause);
    return errorReply(refusalToWire({ reason: 'ledger_unavailable' }), id, callId);
  }
};

/** A window that two processes open at once is won by one; the other finds it on its next try. */
const MAX_TRIES = 3;

const begin = async (
  ports: McpPorts,
  door: SessionDoor,
  parts: RecorderParts,
  admitted: Admitted,
  callId: string,
): Promise<Result<Exchange, Refused>> => {
  const refuse = (refusal: Refusal) => err({ ...admitted, refusal });
  // Before anything is written: a refusal for a lagging log must not use up a number of the session.
  const sealed = admitted.strict ? await parts.strict.checkSealing() : ok(null);
  if (!sealed.ok) return refuse(sealed.error);
  for (let attempt = 1; ; attempt += 1) {
    try {
      const entered = await door.enter(admitted);
      if (!entered.ok) return refuse(entered.error);
      return ok(await intend(ports, door, parts, { admitted, entered: entered.value, callId }));
    } catch (cause) {
      if (attempt < MAX_TRIES && isConflict(cause)) continue;
      ports.diagnostics.error(`Call ${callId} was refused: its intent is not durable`, cause);
      return refuse({ reason: 'ledger_unavailable' });
    }
  }
};

/** A strict call goes out only once its signed intent lies in the locked bucket: the intent, and perhaps its copy. */
const callUpstream = async (ports: McpPorts, exchange: Exchange): Promise<Result<Answered, UpstreamFailure>> => {
  const locked = await exchange.recorder.lockIntent();
  return locked.ok ? forward(ports, exchange) : locked;
};

const intend = async (
  ports: McpPorts,
  door: SessionDoor,
  parts: RecorderParts,
  { admitted, entered, callId }: { admitted: Admitted; entered: Entered; callId: string },
): Promise<Exchange> => {
  const recorder = new CallRecorder(ports, parts, admitted, entered, callId);
  const held =
    isHeld(admitted) || admitted.request.run !== null ? await intendHeld(ports, admitted, entered, recorder) : null;
  if (held === null) await recorder.intent();
  if (entered.open !== null && entered.open.window !== null) door.opened(entered.session);
  const cutAnswers = answerCutter(ports.policy, admitted.call);
  return { callId, admitted, session: entered.session, recorder, held, cutAnswers, abort: new AbortController() };
};

/** Identical calls that race for one approval: one uses or makes it, the others look again. */
const MAX_LOOKS = 5;

const intendHeld = async (
  ports: McpPorts,
  admitted: Admitted,
  entered: Entered,
  recorder: CallRecorder,
): Promise<Held> => {
  for (let look = 1; ; look += 1) {
    try {
      const held = await lookUp(ports, admitted, entered.session);
      await recorder.intent(held.step);
      return held;
    } catch (cause) {
      // A session that was to be opened may have been the conflict: then the whole entrance is tried again.
      if (look === MAX_LOOKS || entered.open !== null || !isConflict(cause)) throw cause;
    }
  }
};

const isConflict = (cause: unknown): boolean =>
  (cause instanceof RecordsError || cause instanceof ApprovalsError) && cause.code === 'conflict';

/** What the gateway itself answers; `undefined` when the call goes on to its server. */
const passGate = (ports: McpPorts, exchange: Exchange): Promise<Reply | undefined> => {
  const task = taskIn(exchange.admitted);
  if (task !== undefined) return answerTask(ports, exchange, task);
  return exchange.held === null ? Promise.resolve(undefined) : settle(ports, exchange, exchange.held);
};

const relay = (ports: McpPorts, exchange: Exchange, { response, kind }: Answered): Promise<Reply> | Reply => {
  switch (kind.kind) {
    case 'json':
      return relayJson(exchange, response);
    case 'events':
      return relayEvents(ports, exchange, response);
    case 'empty':
      return relayEmpty(exchange, response, kind.dropsBody);
    case 'failure':
      exchange.abort.abort(kind.failure);
      return failedReply(exchange, kind.failure, response.status);
  }
};

interface TimeLimit {
  /** Aborted when the time is over, whether or not the exchange had ended before. */
  readonly over: AbortSignal;
  stop(): void;
}

/** Ends the exchange at the server's stream limit, or just before the function itself would be ended. */
const limitTime = ({ clock }: McpPorts, { admitted, abort }: Exchange): TimeLimit => {
  const { streamSeconds } = admitted.server.limits;
  const left = admitted.request.deadlineAt - CLOSING_MS - clock.now();
  const ms = Math.max(0, Math.min(streamSeconds * 1000, left));
  const failure: UpstreamFailure = { reason: 'stream_limit', seconds: Math.round(ms / 1000) };
  const over = new AbortController();
  const timer = setTimeout(() => {
    abort.abort(failure);
    over.abort();
  }, ms);
  return { over: over.signal, stop: () => clearTimeout(timer) };
};
