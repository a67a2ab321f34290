// Which headers cross the gateway. Allow-lists in both directions: what is not named does not pass, so neither the
// client's token nor a cookie can reach an upstream, nor an upstream's cookie or challenge the client. Pure.

import type { Classification } from '../mcp/era.ts';
import type { Headers } from '../mcp/http.ts';

const TO_UPSTREAM = new Set(['accept', 'last-event-id', 'mcp-protocol-version', 'traceparent', 'tracestate']);

/** Mirror the body in the modern era, where they are checked against it; in the legacy era nothing checks them. */
const MIRRORS = new Set(['mcp-method', 'mcp-name']);

const TO_CLIENT = new Set(['content-type', 'retry-after', 'allow', 'mcp-protocol-version']);

/** `Mcp-Param-{Name}`, as a header name that `fetch` takes (RFC 9110 section 5.6.2). */
const PARAMETER_HEADER = /^mcp-param-[!#$%&'*+.^_`|~0-9a-z-]+$/;

/** A header value that `fetch` takes and that cannot smuggle a second header. */
const isSendable = (value: string): boolean => /^[\t\x20-\x7e\x80-\xff]*$/.test(value);

/** Request headers for the upstream: the MCP ones, `Mcp-Param-*` included, and the upstream's own session id. */
export const upstreamRequestHeaders = (
  headers: Headers,
  era: Classification['era'],
  upstreamSession: string | null,
): Record<string, string> => {
  const forwarded: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    const mirrors = MIRRORS.has(name) || PARAMETER_HEADER.test(name);
    const passes = TO_UPSTREAM.has(name) || (mirrors && era === 'modern');
    if (passes && value !== undefined && isSendable(value)) forwarded[name] = value;
  }
  // In our words: the client's own could name a charset in which the body is another text.
  if (headers['content-type'] !== undefined) forwarded['content-type'] = 'application/json';
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
