// One admitted exchange, as the steps after its intent see it, and the reply that comes of it.

import type { Readable } from 'node:stream';
import type { CutAnswers } from '../core/catalog/cut-answer.ts';
import { type Admitted, isHandshake } from '../core/mcp/admit.ts';
import type { Headers } from '../core/mcp/http.ts';
import type { RequestId } from '../core/mcp/message.ts';
import { errorBody, type WireError } from '../core/mcp/refusal.ts';
import type { Session } from '../core/sessions/session.ts';
import { failureToWire, type UpstreamFailure } from '../core/upstreams/failure.ts';
import { clientResponseHeaders } from '../core/upstreams/headers.ts';
import type { Held } from './held.ts';
import type { CallRecorder } from './recorder.ts';

export interface Reply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Readable;
}

export interface Exchange {
  readonly callId: string;
  readonly admitted: Admitted;
  readonly session: Session;
  readonly recorder: CallRecorder;
  /** What held the call; `null` when nothing did. */
  readonly held: Held | null;
  /** Cuts its answers to what the principal could use; `undefined` where they hold nothing to cut. */
  readonly cutAnswers: CutAnswers | undefined;
  /** Ends the upstream's side; its reason is an {@link UpstreamFailure}. */
  readonly abort: AbortController;
}

const CALL_ID_HEADER = 'x-countersign-call';

/** The id that an error answer must carry; `null` when the client sent no request. */
export const requestIdOf = ({ message }: Admitted): RequestId | null =>
  message?.kind === 'request' ? message.id : null;

/** Reply of a refusal or failure: a JSON-RPC error, and the id under which the evidence is found. */
export const errorReply = (wire: WireError, id: RequestId | null, callId: string): Reply => ({
  statusCode: wire.status,
  headers: { 'content-type': 'application/json', [CALL_ID_HEADER]: callId, ...wire.headers },
  body: errorBody(wire, id, callId),
});

/** An answer of the gateway's own in place of the server's. */
export const replyOf = ({ callId }: Exchange, body: string): Reply => ({
  statusCode: 200,
  headers: { 'content-type': 'application/json', [CALL_ID_HEADER]: callId },
  body,
});

/**
 * What the client is told of a failure. A tool whose answer was withheld says so as a tool's own error: that is what the
 * agent reads, and the call itself did not fail.
 */
export const failureMessage = (
  { admitted, callId }: Exchange,
  failure: UpstreamFailure,
): { readonly wire: WireError; readonly body: string } => {
  const wire = failureToWire(failure);
  const { message, classification } = admitted;
  if (failure.reason !== 'masking_withheld' || message?.kind !== 'request' || message.method !== 'tools/call')
    return { wire, body: errorBody(wire, requestIdOf(admitted), callId) };
  const result = {
    content: [{ type: 'text', text: `${wire.message} (call ${callId})` }],
    isError: true,
    ...(classification.era === 'modern' ? { resultType: 'complete' } : {}),
  };
  return { wire: { ...wire, status: 200 }, body: JSON.stringify({ jsonrpc: '2.0', id: message.id, result }) };
};

/** Records a failed call, then says so. `withheld`: a body that was read, and is evidence though nobody was handed it. */
export const failedReply = async (
  exchange: Exchange,
  failure: UpstreamFailure,
  upstreamStatus: number | null,
  withheld: Buffer | null = null,
): Promise<Reply> => {
  const { wire, body } = failureMessage(exchange, failure);
  await exchange.recorder.outcome(
    {
      status: 'failed',
      http: upstreamStatus === null ? null : String(upstreamStatus),
      sent: String(wire.status),
      rpcCode: null,
      failure,
      complete: false,
      masked: null,
    },
    withheld === null ? null : { bytes: withheld, handed: undefined },
    afterFailure(exchange),
  );
  return { ...errorReply(wire, requestIdOf(exchange.admitted), exchange.callId), body };
};

/** A failed handshake opens no session; a DELETE ends one however the upstream took it. */
const afterFailure = ({ admitted }: Exchange): { close?: 'client' | 'initialize_failed' } => {
  if (isHandshake(admitted)) return { close: 'initialize_failed' };
  return admitted.request.httpMethod === 'DELETE' ? { close: 'client' } : {};
};

/** Headers of a relayed answer; on `initialize` the gateway's own session id takes the place of the upstream's. */
export const relayedHeaders = (exchange: Exchange, upstream: Headers): Record<string, string> => ({
  ...clientResponseHeaders(upstream),
  [CALL_ID_HEADER]: exchange.callId,
  ...(isHandshake(exchange.admitted) ? { 'mcp-session-id': exchange.session.sid } : {}),
});

/** What the outcome changes in the session: the upstream's id learnt, or the session ended. */
export const afterEffect = (
  { admitted }: Exchange,
  status: number,
  headers: Headers,
): { bind?: string; close?: 'client' | 'initialize_failed' } => {
  const succeeded = status >= 200 && status < 300;
  if (isHandshake(admitted)) {
    if (!succeeded) return { close: 'initialize_failed' };
    const upstreamSession = headers['mcp-session-id'];
    return upstreamSession === undefined ? {} : { bind: upstreamSession };
  }
  // Whatever the upstream thinks of DELETE (many answer 405), the client is done with this session.
  return admitted.request.httpMethod === 'DELETE' ? { close: 'client' } : {};
};
