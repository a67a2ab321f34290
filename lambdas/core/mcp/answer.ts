// What an upstream's JSON-RPC message is, read without re-serialising it. Pure.

import { ARRAY, type JsonNode, OBJECT } from '../masking/json/nodes.ts';
import { lastMembers, readJson, scalarOf } from '../masking/json/read.ts';
import type { Work } from '../masking/work.ts';
import { isObject, type JsonObject } from './json.ts';
import type { RequestId } from './message.ts';

type AnswerStatus = 'result' | 'tool_error' | 'rpc_error';

/** An upstream message that answers a request. */
export interface Answer {
  readonly id: RequestId | null;
  readonly status: AnswerStatus;
  /** JSON-RPC error code of an `rpc_error`. */
  readonly code: number | null;
}

/** Reads a message; `undefined` when it is not an answer (a notification, or a request to the client). */
export const asAnswer = (message: JsonObject): Answer | undefined => {
  if (message['jsonrpc'] !== '2.0' || 'method' in message) return undefined;
  const id = typeof message['id'] === 'string' || typeof message['id'] === 'number' ? message['id'] : null;
  if ('error' in message) {
    const { error } = message;
    const code = isObject(error) && typeof error['code'] === 'number' ? error['code'] : null;
    return { id, status: 'rpc_error', code };
  }
  if (!('result' in message)) return undefined;
  const { result } = message;
  const status = isObject(result) && result['isError'] === true ? 'tool_error' : 'result';
  return { id, status, code: null };
};

/**
 * Why a message must not be handed on as it is; `undefined` when it is sound. What a lenient client would take for an
 * answer and this reader would not, could reach it past the record. `requestId`: the request that is being answered,
 * `undefined` on a stream that may carry answers of others.
 */
export const messageFault = (message: JsonObject, requestId: RequestId | undefined): string | undefined => {
  if (message['jsonrpc'] !== '2.0') return 'not a JSON-RPC 2.0 message';
  const isCall = 'method' in message;
  const results = ['result', 'error'].filter((member) => member in message).length;
  if (isCall ? results > 0 : results !== 1) return 'neither one call nor one answer';
  if (isCall || requestId === undefined || message['id'] === requestId) return undefined;
  // An error may have no id, or null, when the server could not read the request's; a result always has one.
  const hasNone = message['id'] === undefined || message['id'] === null;
  return hasNone && 'error' in message ? undefined : 'an answer to another request';
};

/** A JSON-RPC error code as it may stand in an entry: codes are small, and anything else may be data. */
export const shownCode = (code: number | null): string | null => {
  if (code === null) return null;
  return Number.isSafeInteger(code) && Math.abs(code) < 100_000 ? String(code) : 'other';
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

/** A message as far as it says what it is and whom it answers. */
export interface Envelope {
  /** Those members that this file asks for, and of `result` and `error` only theirs. */
  readonly message: JsonObject;
  /** What an entry shows: the `result` or `error` of an answer, or all of what is none. */
  readonly body: JsonNode;
}

/** Of each member that is itself an object, what is read of it. */
const ENVELOPE: Readonly<Record<string, readonly string[]>> = {
  jsonrpc: [],
  id: [],
  method: [],
  result: ['isError'],
  error: ['code'],
};

/** Reads the envelope of JSON that an upstream sent, in slices; `undefined` when it is not one JSON object. */
export function* readEnvelope(text: string): Work<Envelope | undefined> {
  const root = yield* readJson(text);
  if (root?.kind !== OBJECT) return undefined;
  const found = yield* lastMembers(text, root, Object.keys(ENVELOPE));
  const members: [string, unknown][] = [];
  for (const [name, node] of found) {
    const inner = yield* lastMembers(text, node, ENVELOPE[name] ?? []);
    members.push([name, shallow(text, node, inner)]);
  }
  const message = Object.fromEntries(members);
  const body = asAnswer(message) === undefined ? root : (found.get('error') ?? found.get('result') ?? root);
  return { message, body };
}

const shallow = (text: string, node: JsonNode, inner: ReadonlyMap<string, JsonNode>): unknown => {
  if (node.kind === ARRAY) return [];
  if (node.kind !== OBJECT) return scalarOf(text, node);
  return Object.fromEntries([...inner].map(([name, each]) => [name, shallow(text, each, NOTHING)]));
};

const NOTHING: ReadonlyMap<string, JsonNode> = new Map();
