// Which protocol era a request belongs to, and whether its headers say the same as its body.
// MCP 2026-07-28 basic/versioning and basic/transports/streamable-http: an intermediary that processes the body
// MUST check the mirrored headers, or a header-routed policy and the upstream could see two different calls. Pure.

import { err, ok, type Result } from '../result.ts';
import type { Headers } from './http.ts';
import { isObject, type JsonObject } from './json.ts';
import { type ClientMessage, subjectOf } from './message.ts';

/** `legacy`: initialize handshake and sessions (2024-11-05 to 2025-11-25). `modern`: stateless (2026-07-28). */
type Era = 'legacy' | 'modern';

export interface Classification {
  readonly era: Era;
  /** What the request itself says: header, envelope or `initialize` parameter; `null` when it says nothing. */
  readonly protocolVersion: string | null;
}

export type EraFault =
  | { readonly reason: 'unsupported_version'; readonly requested: string; readonly supported: readonly string[] }
  | {
      readonly reason: 'header_mismatch';
      readonly header: string;
      readonly sent: string | null;
      readonly body: string;
    };

export const LEGACY_VERSIONS = ['2024-10-07', '2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'] as const;
export const MODERN_VERSIONS = ['2026-07-28'] as const;
const FIRST_MODERN_VERSION = MODERN_VERSIONS[0];
const VERSION_META_KEY = 'io.modelcontextprotocol/protocolVersion';

type ClientCall = Exclude<ClientMessage, { kind: 'response' }>;

// RFC 9110 section 5.6.3. `trim` would also take a no-break space, which the upstream sees as part of the value.
const withoutOws = (value: string | undefined): string | undefined => value?.replaceAll(/^[ \t]+|[ \t]+$/g, '');

// Revisions are dates, so text order is time order; anything else is not a revision.
const isModernVersion = (version: string): boolean =>
  /^\d{4}-\d{2}-\d{2}$/.test(version) && version >= FIRST_MODERN_VERSION;

const envelopeVersion = (params: JsonObject): string | undefined => {
  const meta = params['_meta'];
  const version = isObject(meta) ? meta[VERSION_META_KEY] : undefined;
  return typeof version === 'string' ? version : undefined;
};

/** Classifies one message; unknown modern revisions are refused, since they may carry what we cannot inspect. */
export const classify = (headers: Headers, message: ClientMessage): Result<Classification, EraFault> => {
  const header = withoutOws(headers['mcp-protocol-version']);
  if (message.kind === 'response') return classifyHeader(header);
  const claimed = envelopeVersion(message.params);
  if (claimed === undefined || !isModernVersion(claimed)) {
    if (message.method === 'initialize') return classifyInitialize(header, message.params);
    return classifyWithoutEnvelope(headers, message, claimed);
  }
  if (header !== undefined && header !== claimed) return mismatch('MCP-Protocol-Version', header, claimed);
  const supported = requireSupported(claimed);
  if (!supported.ok) return supported;
  const agreed =
    message.kind === 'request' ? checkRequestHeaders(headers, message, claimed) : checkMethod(headers, message);
  return agreed.ok ? supported : agreed;
};

// The header alone can name a modern revision; the upstream then asks for the envelope. Until it does, an envelope of
// another revision and mirrored headers that disagree are as ambiguous as in a complete request.
const classifyWithoutEnvelope = (
  headers: Headers,
  message: ClientCall,
  claimed: string | undefined,
): Result<Classification, EraFault> => {
  const classified = classifyHeader(headers['mcp-protocol-version']);
  if (!classified.ok || classified.value.era === 'legacy') return classified;
  if (claimed !== undefined) return mismatch('MCP-Protocol-Version', classified.value.protocolVersion, claimed);
  const method = checkMethod(headers, message);
  const agreed = method.ok && headers['mcp-name'] !== undefined ? checkName(headers, message) : method;
  return agreed.ok ? classified : agreed;
};

/** A GET or DELETE, which has no body to read the era from and exists in the legacy era only. */
export const classifyHeader = (value: string | undefined): Result<Classification, EraFault> => {
  const header = withoutOws(value);
  if (header === undefined || !isModernVersion(header)) return ok({ era: 'legacy', protocolVersion: header ?? null });
  return requireSupported(header);
};

const classifyInitialize = (header: string | undefined, params: JsonObject): Result<Classification, EraFault> => {
  if (header !== undefined && isModernVersion(header)) {
    return mismatch('MCP-Protocol-Version', header, 'initialize');
  }
  const requested = params['protocolVersion'];
  return ok({ era: 'legacy', protocolVersion: typeof requested === 'string' ? requested : null });
};

const requireSupported = (version: string): Result<Classification, EraFault> =>
  (MODERN_VERSIONS as readonly string[]).includes(version)
    ? ok({ era: 'modern', protocolVersion: version })
    : err({ reason: 'unsupported_version', requested: version, supported: [...MODERN_VERSIONS] });

const mismatch = (header: string, sent: string | null, body: string): Result<never, EraFault> =>
  err({ reason: 'header_mismatch', header, sent, body });

const checkMethod = (headers: Headers, message: ClientCall): Result<null, EraFault> => {
  const sent = withoutOws(headers['mcp-method']);
  return sent !== undefined && sent !== message.method ? mismatch('Mcp-Method', sent, message.method) : ok(null);
};

const checkRequestHeaders = (headers: Headers, message: ClientCall, claimed: string): Result<null, EraFault> => {
  const method = checkMethod(headers, message);
  if (!method.ok) return method;
  if (headers['mcp-protocol-version'] === undefined) return mismatch('MCP-Protocol-Version', null, claimed);
  if (headers['mcp-method'] === undefined) return mismatch('Mcp-Method', null, message.method);
  return checkName(headers, message);
};

const checkName = (headers: Headers, message: ClientCall): Result<null, EraFault> => {
  const subject = subjectOf(message.method, message.params);
  if (subject === undefined) return ok(null);
  const sent = withoutOws(headers['mcp-name']);
  if (sent === undefined) return mismatch('Mcp-Name', null, subject);
  return decodeHeaderValue(sent) === subject ? ok(null) : mismatch('Mcp-Name', sent, subject);
};

/** Undoes the `=?base64?...?=` form that carries non-ASCII header values; `undefined` when it is malformed. */
const decodeHeaderValue = (value: string): string | undefined => {
  const encoded = /^=\?base64\?(.*)\?=$/.exec(value)?.[1];
  if (encoded === undefined) return value;
  const bytes = Buffer.from(encoded, 'base64');
  const decoded = bytes.toString('utf8');
  // Buffer skips what is not base64 and mends what is not UTF-8; only what prints back to itself was well formed.
  return bytes.toString('base64') === encoded && Buffer.from(decoded).equals(bytes) ? decoded : undefined;
};
