// A call that waits: what is needed to make it later, sealed under a data key of its own. The function that seals it cannot
// open it again; the console and the worker can, each with a grant of its own. Pure.

import { parsePrincipal } from '../identity/parse-principal.ts';
import type { Principal } from '../identity/principal.ts';
import { kidOf, openJwe, type SplitKey, splitDataKey } from '../ledger/content-keys.ts';
import type { Headers, McpRequest } from '../mcp/http.ts';
import { isObject, type JsonObject } from '../mcp/json.ts';

export interface HeldCall {
  /** JWE compact serialisation of a {@link HeldRequest}. */
  readonly jwe: string;
  /** The data key under the held-call key, base64. */
  readonly wrapped: string;
}

/** What of a request is kept: never its token. */
export interface HeldRequest {
  /** The JSON-RPC request as the server will get it. */
  readonly body: string;
  readonly headers: Headers;
  readonly principal: Principal;
  readonly sourceIp: string;
  /** The tool as its server listed it when people were asked; `null` when it listed none of that name. */
  readonly tool: JsonObject | null;
  /** Why, in the requester's own words; `null` where they gave none. */
  readonly reason: string | null;
}

/** Headers that say what the request is, or that go on to the server. */
const KEPT_HEADER = /^(?:accept|content-type|mcp-[!#$%&'*+.^_`|~0-9a-z-]+|traceparent|tracestate)$/;

export const heldRequest = (
  { headers, principal, sourceIp }: McpRequest,
  body: string,
  { tool, reason }: Pick<HeldRequest, 'tool' | 'reason'>,
): HeldRequest => ({
  body,
  headers: Object.fromEntries(Object.entries(headers).filter(([name]) => KEPT_HEADER.test(name))),
  principal,
  sourceIp,
  tool,
  reason,
});

/** The key of one held call; `dataKey` is overwritten. */
export const heldKey = (wrapped: string, dataKey: Uint8Array): SplitKey & { readonly kid: string } => {
  const key = { kid: kidOf(Buffer.from(wrapped, 'base64')), ...splitDataKey(dataKey) };
  dataKey.fill(0);
  return key;
};

const VERSION = 2;
/** Without `reason`; what was held by an earlier release still runs. */
const VERSION_WITHOUT_REASON = 1;

export const writeHeldRequest = (request: HeldRequest): Buffer =>
  Buffer.from(JSON.stringify({ v: VERSION, ...request }), 'utf8');

/** Opens what was sealed under {@link heldKey}; throws when the stored bytes are not what was sealed. */
export const openHeld = ({ jwe, wrapped }: HeldCall, dataKey: Uint8Array): Buffer => {
  const key = heldKey(wrapped, dataKey);
  const opened = openJwe(jwe, key.kid, key);
  if (!opened.ok) throw new Error(`What is held cannot be opened: ${opened.error.detail}`);
  return opened.value;
};

/** Reads a held request; throws for anything else. */
export const readHeldRequest = (bytes: Uint8Array): HeldRequest => {
  const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
  if (!isObject(value) || (value['v'] !== VERSION && value['v'] !== VERSION_WITHOUT_REASON)) {
    throw new TypeError(`A held request is of version ${VERSION} or ${VERSION_WITHOUT_REASON}`);
  }
  const { body, headers, principal, sourceIp, tool, reason } = value;
  if (typeof body !== 'string' || typeof sourceIp !== 'string' || !isObject(headers)) {
    throw new TypeError('A held request has a body, headers and an address');
  }
  const asked = parsePrincipal(JSON.stringify(principal));
  return {
    ...{ body, headers: headers as Headers, principal: asked, sourceIp },
    tool: isObject(tool) ? tool : null,
    reason: typeof reason === 'string' ? reason : null,
  };
};
