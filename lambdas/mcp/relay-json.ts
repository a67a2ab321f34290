// A JSON answer: read whole, cut to what the principal could use if it is a list, masked, recorded, then handed on: every
// byte that was neither cut nor masked as it came.

import { isUtf8 } from 'node:buffer';
import { Readable } from 'node:stream';
import type { UpstreamResponse } from '../adapters/upstream-http.ts';
import { asAnswer, messageFault, readEnvelope, shownCode } from '../core/mcp/answer.ts';
import type { JsonObject } from '../core/mcp/json.ts';
import type { RequestId } from '../core/mcp/message.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import { cutBody } from './cut.ts';
import { afterEffect, type Exchange, failedReply, type Reply, relayedHeaders } from './exchange.ts';
import { maskBody } from './masking.ts';
import { BodyFailure, readWhole } from './read-body.ts';
import { slowly } from './slowly.ts';

export const relayJson = async (exchange: Exchange, response: UpstreamResponse): Promise<Reply> => {
  const read = await readAnswer(exchange, response);
  if (!read.ok) return failedReply(exchange, read.error, response.status);
  if (read.value.length === 0 && response.status < 500) return relayEmpty(exchange, response, false);
  const cut = await cutBody(exchange, read.value);
  if (!cut.ok) return failedReply(exchange, cut.error, response.status);
  const { bytes: body, filtered } = cut.value;
  const message = isUtf8(body) ? (await slowly(readEnvelope(body.toString('utf8'))))?.message : undefined;
  const failure = judge(exchange, response.status, message);
  if (message === undefined || failure !== undefined) {
    return failedReply(exchange, failure ?? garbage('not one JSON object in UTF-8'), response.status);
  }
  const answer = asAnswer(message);
  const masked = await maskBody(exchange.recorder.masking, body);
  if (!masked.ok) return failedReply(exchange, masked.error, response.status, body);
  const { bytes, handed, view } = masked.value;
  await exchange.recorder.outcome(
    {
      status: answer?.status ?? (response.status < 400 ? 'accepted' : 'rpc_error'),
      http: String(response.status),
      sent: String(response.status),
      rpcCode: shownCode(answer?.code ?? null),
      failure: null,
      complete: true,
      masked: view,
      ...filtered,
    },
    { bytes: body, handed },
    afterEffect(exchange, response.status, response.headers),
  );
  // As bytes: text would be cut and encoded anew on its way out, and must be what was recorded, or what masking left of it.
  // The type in our words: the upstream's own could be missing, or name a charset in which the bytes are another text.
  const headers = { ...relayedHeaders(exchange, response.headers), 'content-type': 'application/json' };
  return { statusCode: response.status, headers, body: Readable.from([bytes]) };
};

const readAnswer = async (
  { admitted, abort }: Exchange,
  { body }: UpstreamResponse,
): Promise<Result<Buffer, UpstreamFailure>> => {
  try {
    return ok(await readWhole(body ?? Readable.from([]), abort.signal, admitted.server.limits));
  } catch (cause) {
    if (!(cause instanceof BodyFailure)) throw cause;
    abort.abort(cause.failure);
    return err(cause.failure);
  }
};

const garbage = (detail: string): UpstreamFailure => ({ reason: 'garbage', detail });

/** Why JSON is not handed on; `undefined` when it is. A 4xx may hold any JSON: clients read the era out of it. */
const judge = (exchange: Exchange, status: number, message: JsonObject | undefined): UpstreamFailure | undefined => {
  const request = exchange.admitted.message;
  const requestId = request?.kind === 'request' ? request.id : undefined;
  const fault = answerFault(message, requestId);
  if (fault === undefined) return undefined;
  if (status >= 500) return { reason: 'server_error', status };
  const passes = message !== undefined && (status >= 400 || requestId === undefined);
  return passes ? undefined : garbage(fault);
};

/** One JSON body can only answer: a call in it would leave the request unanswered, and unheld if a client took it. */
const answerFault = (message: JsonObject | undefined, requestId: RequestId | undefined): string | undefined => {
  if (message === undefined) return 'not one JSON object in UTF-8';
  if (requestId !== undefined && 'method' in message) return 'a call in the place of an answer';
  return messageFault(message, requestId);
};

/** An answer without a body that can be handed on; an error page nobody can inspect is dropped and said so. */
export const relayEmpty = async (
  exchange: Exchange,
  response: UpstreamResponse,
  dropsBody: boolean,
): Promise<Reply> => {
  const terminates = exchange.admitted.request.httpMethod === 'DELETE';
  // The gateway's own session ends in any case, so the client's DELETE succeeded.
  const statusCode = terminates && response.status === 405 ? 200 : response.status;
  exchange.abort.abort({ reason: 'client_closed' });
  await exchange.recorder.outcome(
    {
      status: response.status < 400 ? 'accepted' : 'rpc_error',
      http: String(response.status),
      sent: String(statusCode),
      rpcCode: null,
      failure: null,
      complete: !dropsBody,
      masked: null,
    },
    null,
    afterEffect(exchange, response.status, response.headers),
  );
  return { statusCode, headers: relayedHeaders(exchange, response.headers), body: '' };
};
