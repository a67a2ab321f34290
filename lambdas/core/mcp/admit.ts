// What can be decided about a request before anything is read or written: the first refusal wins. Pure.
//
//     find server -> origin -> body -> parse -> classify era -> decide -> (stream rules)
//
// The decision comes after parsing: it is about the very call, and a denied request's entry says what was asked for.

import type { GatewayConfig, ServerConfig } from '../../gateway-config.ts';
import { describeCall, type PolicyCall } from '../policy/call.ts';
import type { Decision } from '../policy/decision.ts';
import type { Policy } from '../policy/policy.ts';
import { refusalOf } from '../policy/refuse.ts';
import { isStrict } from '../policy/strict.ts';
import { err, ok, type Result } from '../result.ts';
import { type Classification, classify, classifyHeader } from './era.ts';
import { checkBody, checkOrigin, type McpRequest } from './http.ts';
import { type ClientMessage, parseMessage } from './message.ts';
import type { Refusal } from './refusal.ts';

/** A request that may go on to open its session. */
export interface Admitted {
  readonly request: McpRequest;
  readonly server: ServerConfig;
  readonly decision: Decision;
  /** What was decided on. */
  readonly call: PolicyCall;
  /** `null` for GET and DELETE. */
  readonly message: ClientMessage | null;
  readonly classification: Classification;
  /** Whether a signed intent must lie in the locked bucket first. Cedar policies will be able to demand it as well. */
  readonly strict: boolean;
}

/** A refusal with as much as was known of the request by then, for its entry. */
export interface Refused {
  readonly refusal: Refusal;
  readonly message: ClientMessage | null;
  readonly classification: Classification | null;
  readonly decision: Decision | null;
}

const refused = (refusal: Refusal, known: Partial<Refused> = {}): Result<never, Refused> =>
  err({ message: null, classification: null, decision: null, ...known, refusal });

export const admit = (request: McpRequest, config: GatewayConfig, policy: Policy): Result<Admitted, Refused> => {
  const server = Object.hasOwn(config.servers, request.server) ? config.servers[request.server] : undefined;
  if (server === undefined) return refused({ reason: 'unknown_server', server: request.server });
  const origin = checkOrigin(request, config);
  if (!origin.ok) return refused(origin.error);
  const read = readMessage(request, config);
  if (!read.ok) return refused(read.error);
  const message = read.value;
  const classified =
    message === null ? classifyHeader(request.headers['mcp-protocol-version']) : classify(request.headers, message);
  if (!classified.ok) return refused(classified.error, { message });
  const classification = classified.value;
  const call = describeCall(request, classification, message);
  const decision = policy.decide(call);
  const known = { message, classification, decision };
  const refusal = refusalOf(decision, call, policy, canWait(message));
  if (refusal !== undefined) return refused(refusal, known);
  const streams = checkStream(request, server, classification);
  if (!streams.ok) return refused(streams.error, known);
  return ok({ request, server, call, ...known, strict: isStrict(server, message) });
};

/** Only the answer to a tool call can say that people must decide first. */
const canWait = (message: ClientMessage | null): boolean =>
  message?.kind === 'request' && message.method === 'tools/call';

const readMessage = (request: McpRequest, config: GatewayConfig): Result<ClientMessage | null, Refusal> => {
  if (request.httpMethod !== 'POST') return ok(null);
  const body = checkBody(request, config);
  return body.ok ? parseMessage(request.body) : body;
};

/** GET and DELETE exist in the legacy era only; a GET that resumes nothing holds compute for as long as it is open. */
const checkStream = (request: McpRequest, server: ServerConfig, { era }: Classification): Result<null, Refusal> => {
  const { httpMethod } = request;
  if (httpMethod === 'POST') return ok(null);
  if (era === 'modern') {
    return err({ reason: 'method_not_allowed', httpMethod, detail: `${httpMethod} does not exist in this revision` });
  }
  if (httpMethod === 'DELETE' || server.standaloneStream === 'relay') return ok(null);
  return request.headers['last-event-id'] === undefined
    ? err({ reason: 'method_not_allowed', httpMethod, detail: 'This server offers no standalone event stream' })
    : ok(null);
};

/** Whether a request opens a session by the handshake of the legacy era; the modern era has none. */
export const isHandshake = ({ message, classification }: Admitted): boolean =>
  classification.era === 'legacy' && message?.kind === 'request' && message.method === 'initialize';
