// One MCP request in the words of the policies: who, which action, on what, with which arguments. Pure.

import { ACTIONS, type ResourceKind } from '../../policy-contract.ts';
import type { Principal } from '../identity/principal.ts';
import type { Classification } from '../mcp/era.ts';
import type { McpRequest } from '../mcp/http.ts';
import { isObject, type JsonObject } from '../mcp/json.ts';
import { type ClientMessage, subjectOf } from '../mcp/message.ts';

export interface PolicyCall {
  readonly principal: Principal;
  readonly server: string;
  readonly action: string;
  /** The MCP method, or the action where there is none (a GET, a DELETE, an answer). */
  readonly method: string;
  readonly resource: PolicyResource;
  /** `arguments` as sent; `undefined` when there are none. */
  readonly args: unknown;
  readonly era: 'legacy' | 'modern';
  readonly ip: string;
  /** Epoch milliseconds. */
  readonly at: number;
}

interface PolicyResource {
  readonly kind: ResourceKind;
  /** Tool or prompt name, or URI; empty for the server itself. */
  readonly name: string;
}

type Known = Pick<PolicyCall, 'action' | 'method' | 'resource' | 'args'>;

const THE_SERVER: PolicyResource = { kind: 'Server', name: '' };

/** What a request asks for; `message` is null for GET and DELETE. */
export const describeCall = (
  request: McpRequest,
  { era }: Classification,
  message: ClientMessage | null,
): PolicyCall => ({
  principal: request.principal,
  server: request.server,
  ...(message === null || message.kind === 'response' ? withoutMethod(request, message) : ofMethod(message)),
  era,
  ip: request.sourceIp,
  at: request.receivedAt,
});

const withoutMethod = ({ httpMethod }: McpRequest, message: ClientMessage | null): Known => {
  const action = message !== null ? 'respond' : httpMethod === 'DELETE' ? 'terminate' : 'stream';
  return { action, method: action, resource: THE_SERVER, args: undefined };
};

/** Actions that no method can ask for by its name. */
const NO_METHOD: ReadonlySet<string> = new Set(['respond', 'stream', 'terminate', 'other']);

const ofMethod = ({ method, params }: { readonly method: string; readonly params: JsonObject }): Known => {
  const action = Object.hasOwn(ACTIONS, method) && !NO_METHOD.has(method) ? method : 'other';
  if (action === 'completion/complete') return { action, method, resource: completed(params['ref']), args: undefined };
  const kind = ACTIONS[action]?.on[0] ?? 'Server';
  if (kind === 'Server') return { action, method, resource: THE_SERVER, args: undefined };
  return { action, method, resource: { kind, name: nameIn(method, params) }, args: params['arguments'] };
};

// `resources/subscribe` names its resource like `resources/read`, but mirrors it in no header.
const nameIn = (method: string, params: JsonObject): string => {
  const name = subjectOf(method, params) ?? params['uri'];
  return typeof name === 'string' ? name : '';
};

/** What a completion is for: it answers from the same data as the prompt or the resource itself. */
const completed = (ref: unknown): PolicyResource => {
  if (!isObject(ref)) return { kind: 'Prompt', name: '' };
  const isResource = ref['type'] === 'ref/resource';
  const name = isResource ? ref['uri'] : ref['name'];
  return { kind: isResource ? 'Resource' : 'Prompt', name: typeof name === 'string' ? name : '' };
};
