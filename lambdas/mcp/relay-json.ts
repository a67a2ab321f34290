// A JSON answer: read whole, recorded, then handed on, byte for byte.

import { Readable } from 'node:stream';
import type { UpstreamResponse } from '../adapters/upstream-http.ts';
import { outline } from '../core/masking/outline.ts';
import { asAnswer, parseUpstreamMessage } from '../core/mcp/answer.ts';
import { afterEffect, type Exchange, failedReply, type Reply, relayedHeaders } from './exchange.ts';
import { BodyFailure, readWhole } from './read-body.ts';

export const relayJson = async (exchange: Exchange, response: UpstreamResponse): Promise<Reply> => {
  const { server } = exchange.admitted;
  let body: Buffer;
  try {
    body = await readWhole(response.body ?? Readable.from([]), exchange.abort.signal, { ...server.limits });
  } catch (cause) {
    if (!(cause instanceof BodyFailure)) throw cause;
    exchange.abort.abort(cause.failure);
    return failedReply(exchange, cause.failure, response.status);
  }
  if (body.length === 0) return relayEmpty(exchange, response, false);
  const text = body.toString('utf8');
  const message = parseUpstreamMessage(text);
  if (message === undefined) {
    return failedReply(
      exchange,
      { reason: 'garbage', detail: 'a JSON answer that is not one JSON object' },
      response.status,
    );
  }
  const answer = asAnswer(message);
  if (answer === undefined && response.status < 400 && exchange.admitted.message?.kind === 'request') {
    return failedReply(exchange, { reason: 'garbage', detail: 'JSON that answers no request' }, response.status);
  }
  await exchange.recorder.outcome(
    {
      status: answer?.status ?? 'result',
      http: String(response.status),
      sent: String(response.status),
      rpcCode: answer?.code === undefined || answer.code === null ? null : String(answer.code),
      failure: null,
      complete: true,
      masked: outline(answer === undefined ? message : answer.body),
    },
    body,
    afterEffect(exchange, response.status, response.headers),
  );
  return { statusCode: response.status, headers: relayedHeaders(exchange, response.headers), body: text };
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
