// Which headers cross the gateway. Allow-lists in both directions: what is not named does not pass, so neither the
// client's token nor a cookie can reach an upstream, nor an upstream's cookie or challenge the client. Pure.

import type { Headers } from '../mcp/http.ts';

const TO_UPSTREAM = new Set([
  'accept',
  'content-type',
  'last-event-id',
  'mcp-protocol-version',
  'mcp-method',
  'mcp-name',
  'traceparent',
  'tracestate',
]);

const TO_CLIENT = new Set(['content-type', 'retry-after', 'allow', 'mcp-protocol-version']);

/** `Mcp-Param-{Name}`, as a header name that `fetch` takes (RFC 9110 section 5.6.2). */
const PARAMETER_HEADER = /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A header value that `fetch` takes and that cannot smuggle a second header. */
const isSendable = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** Request headers for the upstream: the MCP ones, `Mcp-Param-*` included, and the upstream's own session id. */
export const upstreamRequestHeaders = (headers: Headers, upstreamSession: string | null): Record<string, string> => {
  const forwarded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const passes = TO_UPSTREAM.has(name) || PARAMETER_HEADER.test(name);
    if (passes && value !== undefined && isSendable(value)) forwarded[name] = value;
  }
  if (upstreamSession !== null) forwarded['mcp-session-id'] = upstreamSession;
  // The recording is verbatim: no content coding between the upstream's bytes and ours.
  forwarded['accept-encoding'] = 'identity';
  return forwarded;
};

/** Response headers for the client. `Mcp-Session-Id` is never the upstream's: the gateway issues its own. */
export const clientResponseHeaders = (headers: Headers): Record<string, string> => {
  const passed: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (TO_CLIENT.has(name) && value !== undefined) passed[name] = value;
  }
  return passed;
};
