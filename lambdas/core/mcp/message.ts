// One JSON-RPC message from a client, read but never re-serialised: the bytes that came in are the bytes that go on.
// MCP 2025-11-25 and 2026-07-28, basic/index (JSON-RPC 2.0, UTF-8, no batches). Pure.

import { err, ok, type Result } from '../result.ts';
import { isObject, type JsonFault, type JsonObject, parseStrictJson } from './json.ts';

export type RequestId = string | number;

export type ClientMessage =
  | { readonly kind: 'request'; readonly id: RequestId; readonly method: string; readonly params: JsonObject }
  | { readonly kind: 'notification'; readonly method: string; readonly params: JsonObject }
  /** The client's answer to a request that the upstream sent over a stream (legacy era only). */
  | { readonly kind: 'response'; readonly id: RequestId; readonly outcome: 'result' | 'error' };

export type MessageFault =
  | JsonFault
  | { readonly reason: 'batch' }
  | { readonly reason: 'invalid_message'; readonly detail: string };

const invalid = (detail: string): Result<never, MessageFault> => err({ reason: 'invalid_message', detail });

const isId = (value: unknown): value is RequestId =>
  typeof value === 'string' || (typeof value === 'number' && Number.isSafeInteger(value));

/** Reads one message. Batches existed in 2025-03-26 only and are refused, since one refusal must mean one call. */
export const parseMessage = (text: string): Result<ClientMessage, MessageFault> => {
  const parsed = parseStrictJson(text);
  if (!parsed.ok) return parsed;
  const body = parsed.value;
  if (Array.isArray(body)) return err({ reason: 'batch' });
  if (!isObject(body)) return invalid('expected one JSON object');
  const wrong = misspelt(body) ?? (isObject(body['params']) ? misspelt(body['params']) : undefined);
  if (wrong !== undefined) return invalid(`a member is written as another spelling of "${KNOWN.get(fold(wrong))}"`);
  if ('method' in body && ('result' in body || 'error' in body))
    return invalid('expected a call or an answer, not both');
  if (body['jsonrpc'] !== '2.0') return invalid('expected "jsonrpc": "2.0"');
  return body['method'] === undefined ? parseResponse(body) : parseCall(body);
};

/** Names that servers look up, folded; any other spelling of one is read by servers that ignore case. */
const KNOWN = new Map(
  [
    ...['jsonrpc', 'id', 'method', 'params', 'result', 'error'],
    ...['name', 'uri', 'arguments', 'taskId', '_meta', 'cursor'],
  ].map((name) => [name.toLowerCase(), name]),
);

// Readers that ignore case fold these as well: Go's encoding/json U+017F and U+212A, Java's equalsIgnoreCase all four.
const fold = (name: string): string =>
  name
    .replaceAll('\u017f', 's')
    .replaceAll('\u212a', 'k')
    .replaceAll(/[\u0130\u0131]/g, 'i')
    .toLowerCase();

/** A member that some servers would take for a known one, and the gateway would not. */
const misspelt = (object: JsonObject): string | undefined =>
  Object.keys(object).find((name) => (KNOWN.get(fold(name)) ?? name) !== name);

const parseCall = ({ id, method, params }: JsonObject): Result<ClientMessage, MessageFault> => {
  if (typeof method !== 'string' || method === '') return invalid('expected "method" to be a non-empty string');
  if (params !== undefined && !isObject(params)) return invalid('expected "params" to be an object');
  if (id === undefined) return ok({ kind: 'notification', method, params: params ?? {} });
  if (!isId(id)) return invalid('expected "id" to be a string or an integer');
  return ok({ kind: 'request', id, method, params: params ?? {} });
};

const parseResponse = (body: JsonObject): Result<ClientMessage, MessageFault> => {
  const { id } = body;
  const hasResult = 'result' in body;
  if (hasResult === 'error' in body) return invalid('expected "method", or exactly one of "result" and "error"');
  if (!isId(id)) return invalid('expected "id" of a response to be a string or an integer');
  return ok({ kind: 'response', id, outcome: hasResult ? 'result' : 'error' });
};

/**
 * The parameter that names what a method acts on (tool, prompt, resource, task), for the methods that mirror it
 * in the `Mcp-Name` header (MCP 2026-07-28, basic/transports/streamable-http).
 */
const SUBJECT_PARAMETER: Readonly<Record<string, string>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
};

/** What a request acts on, e.g. the tool name of a `tools/call`; `undefined` where the method has no such thing. */
export const subjectOf = (method: string, params: JsonObject): string | undefined => {
  const parameter = Object.hasOwn(SUBJECT_PARAMETER, method) ? SUBJECT_PARAMETER[method] : undefined;
  const value = parameter === undefined ? undefined : params[parameter];
  return typeof value === 'string' ? value : undefined;
};
