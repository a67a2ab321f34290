// The HTTP surface of one MCP exchange, apart from API Gateway's event shape. Pure.

import type { GatewayConfig } from '../../gateway-config.ts';
import type { Principal } from '../identity/principal.ts';
import { err, ok, type Result } from '../result.ts';
import type { Refusal } from './refusal.ts';

/** Header names in lower case; repeated headers are joined with `, ` (RFC 9110 section 5.3). */
export type Headers = Readonly<Record<string, string | undefined>>;

/** One request to `/mcp/{server}`, already authenticated. */
export interface McpRequest {
  readonly httpMethod: 'GET' | 'POST' | 'DELETE';
  readonly server: string;
  readonly headers: Headers;
  /** The body exactly as it came; empty for GET and DELETE. */
  readonly body: string;
  readonly principal: Principal;
  /** API Gateway's request id: the other half of the daily reconciliation. `null` where the worker makes the request. */
  readonly requestId: string | null;
  /** The approval whose call the worker makes with this request; `null` for whatever a client sent. */
  readonly run: string | null;
  readonly sourceIp: string;
  /** Epoch milliseconds at which the request reached us. */
  readonly receivedAt: number;
  /** Epoch milliseconds by which everything must be recorded and said, since the function ends then. */
  readonly deadlineAt: number;
}

/**
 * Refuses what a hostile web page could send through a signed-in browser (DNS rebinding, CSRF).
 * MCP basic/transports: servers MUST validate `Origin`; 403 when it is invalid.
 */
export const checkOrigin = (request: McpRequest, config: GatewayConfig): Result<null, Refusal> => {
  const origin = request.headers['origin'];
  if (origin === undefined) return ok(null);
  return config.allowedOrigins.some((allowed) => originMatches(allowed, origin))
    ? ok(null)
    : err({ reason: 'origin_refused', origin });
};

const originMatches = (allowed: string, origin: string): boolean => {
  if (allowed === origin) return true;
  // `http://localhost:*` admits any port; lib/config.ts allows the wildcard on loopback hosts only.
  if (!allowed.endsWith(':*')) return false;
  const prefix = allowed.slice(0, -1);
  return origin.startsWith(prefix) && /^\d{1,5}$/.test(origin.slice(prefix.length));
};

/** A POST must be JSON and of bounded size before anything of it is read. */
export const checkBody = (request: McpRequest, config: GatewayConfig): Result<null, Refusal> => {
  const [mediaType, ...parameters] = (request.headers['content-type'] ?? '').split(';').map((part) => part.trim());
  // In another charset the same bytes are another text: the server would run what nobody decided on or recorded.
  const isUtf8 = parameters.every((parameter) => /^(charset="?utf-8"?)?$/i.test(parameter));
  if (mediaType?.toLowerCase() !== 'application/json' || !isUtf8) {
    return err({ reason: 'unsupported_media_type', contentType: mediaType?.toLowerCase() || null });
  }
  const bytes = Buffer.byteLength(request.body, 'utf8');
  const maxBytes = config.limits.requestBytes;
  return bytes > maxBytes ? err({ reason: 'request_too_large', bytes, maxBytes }) : ok(null);
};
