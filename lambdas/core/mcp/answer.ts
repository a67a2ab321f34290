// What an upstream's JSON-RPC message is, read without re-serialising it. Pure.

import { isObject, type JsonObject } from './json.ts';
import type { RequestId } from './message.ts';

type AnswerStatus = 'result' | 'tool_error' | 'rpc_error';

/** An upstream message that answers a request. */
export interface Answer {
  readonly id: RequestId | null;
  readonly status: AnswerStatus;
  /** JSON-RPC error code of an `rpc_error`. */
  readonly code: number | null;
  /** `result` or `error`, for outlining. */
  readonly body: unknown;
}

/** Reads a message; `undefined` when it is not an answer (a notification, or a request to the client). */
export const asAnswer = (message: JsonObject): Answer | undefined => {
  if (message['jsonrpc'] !== '2.0' || 'method' in message) return undefined;
  const id = typeof message['id'] === 'string' || typeof message['id'] === 'number' ? message['id'] : null;
  if ('error' in message) {
    const { error } = message;
    const code = isObject(error) && typeof error['code'] === 'number' ? error['code'] : null;
    return { id, status: 'rpc_error', code, body: error };
  }
  if (!('result' in message)) return undefined;
  const { result } = message;
  const status = isObject(result) && result['isError'] === true ? 'tool_error' : 'result';
  return { id, status, code: null, body: result };
};

/** Parses JSON that an upstream sent; `undefined` when it is not one JSON object. */
export const parseUpstreamMessage = (text: string): JsonObject | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
};
