// Parts of entries, from what the gateway knows. Pure.

import { createHash } from 'node:crypto';
import type { Principal } from '../identity/principal.ts';
import { outlineName, outlineUri, outlineWords } from '../masking/outline.ts';
import type { Classification } from '../mcp/era.ts';
import type { McpRequest } from '../mcp/http.ts';
import { isObject } from '../mcp/json.ts';
import { type ClientMessage, subjectOf } from '../mcp/message.ts';
import type { ActorRecord, CallRecord, Denial, OpenedSession, RequestRecord } from './entry.ts';

export const sha256 = (bytes: string | Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

export const actorRecord = (principal: Principal): ActorRecord => ({
  iss: principal.issuer,
  sub: principal.subject,
  kind: principal.kind,
  name: principal.name,
  client: principal.client,
  groups: principal.groups,
  jti: principal.tokenId,
  authTime: principal.authTime === null ? null : String(principal.authTime),
  acr: principal.acr,
  amr: principal.amr,
});

export const requestRecord = (request: Pick<McpRequest, 'requestId' | 'sourceIp'>): RequestRecord => ({
  apigw: request.requestId,
  ip: request.sourceIp,
});

/** What was asked for, every client-chosen text reduced to what may be shown. `message` is null for GET and DELETE. */
export const callRecord = (
  request: McpRequest,
  classification: Classification,
  message: ClientMessage | null,
): CallRecord => {
  const base = {
    server: request.server,
    http: request.httpMethod,
    era: classification.era,
    protocol: classification.protocolVersion === null ? null : outlineName(classification.protocolVersion),
  };
  if (message === null) {
    const kind = request.httpMethod === 'DELETE' ? 'terminate' : 'stream';
    return { ...base, kind, method: null, subject: null, rpcId: null };
  }
  if (message.kind === 'response') {
    return { ...base, kind: 'response', method: null, subject: null, rpcId: rpcIdText(message.id) };
  }
  return {
    ...base,
    kind: message.kind,
    method: outlineName(message.method),
    subject: shownSubject(message),
    rpcId: message.kind === 'request' ? rpcIdText(message.id) : null,
  };
};

const shownSubject = (message: Exclude<ClientMessage, { kind: 'response' }>): string | null => {
  const subject = subjectOf(message.method, message.params);
  if (subject === undefined) return null;
  return message.method === 'resources/read' ? outlineUri(subject) : outlineName(subject);
};

// An id is whatever the client likes, an account number included, whose digest could be guessed back: counters and
// plain names stay, the rest shows its kind. The whole id is in the sealed body.
const rpcIdText = (id: string | number): string => {
  if (typeof id === 'number') return Math.abs(id) < 100_000 ? String(id) : '‹number›';
  return id.length <= 64 && outlineName(id) === id ? JSON.stringify(id) : `‹string ${id.length}›`;
};

/** Facts of a refusal that are the gateway's own words or its configuration. Any other text came from the caller. */
const OWN_FACTS: ReadonlySet<string> = new Set([
  ...['detail', 'why', 'difference', 'header', 'httpMethod'],
  ...['expected', 'required', 'supported', 'policies', 'advice', 'groups', 'argument'],
]);
const MAX_FACT_ITEMS = 16;

/** A refusal as it stands in an entry: what a caller sent stays only where it reads like a name or an address. */
export const denialRecord = (refusal: { readonly reason: string }): Denial['denial'] => ({
  ...Object.fromEntries(Object.entries(refusal).map(([fact, value]) => [fact, shownFact(fact, value)])),
  reason: refusal.reason,
});

const shownFact = (fact: string, value: unknown): unknown => {
  if (typeof value === 'string') return OWN_FACTS.has(fact) ? value : shownText(value);
  if (Array.isArray(value)) return value.slice(0, MAX_FACT_ITEMS).map((item) => shownFact(fact, item));
  if (typeof value === 'boolean') return value;
  return typeof value === 'number' ? String(value) : null;
};

const shownText = (text: string): string => (text.includes('://') ? outlineUri(text) : outlineName(text));

/** The client's own words about itself (`initialize` or the modern envelope): unverified, bounded. */
export const clientInfo = (message: ClientMessage | null): OpenedSession['clientInfo'] => {
  if (message === null || message.kind === 'response') return null;
  const meta = message.params['_meta'];
  const info =
    message.method === 'initialize'
      ? message.params['clientInfo']
      : isObject(meta)
        ? meta['io.modelcontextprotocol/clientInfo']
        : undefined;
  if (!isObject(info)) return null;
  const { name, version } = info;
  return {
    name: typeof name === 'string' ? outlineWords(name, 100) : '',
    version: typeof version === 'string' ? outlineWords(version, 50) : '',
  };
};
