// Values that tests change one field of. Everything here is valid; a test says what it breaks.

import type { VerifiedClaims } from '../../lambdas/core/identity/claims.ts';
import type { Principal } from '../../lambdas/core/identity/principal.ts';
import type {
  Entry,
  EntryStamp,
  Gap,
  Intent,
  Outcome,
  Segment,
  UnknownOutcome,
} from '../../lambdas/core/ledger/entry.ts';
import type { McpRequest } from '../../lambdas/core/mcp/http.ts';
import type { PolicyCall } from '../../lambdas/core/policy/call.ts';
import type { KeptSession } from '../../lambdas/core/sessions/keeping.ts';
import type { Session } from '../../lambdas/core/sessions/session.ts';
import type { GatewayConfig, IdentityConfig, ServerConfig } from '../../lambdas/gateway-config.ts';
import { compiledPolicy, SIMPLE_POLICIES } from './policy.ts';

/** 2026-11-22T10:00:00.000Z, in epoch milliseconds and seconds. */
export const NOW_MS = 1_795_341_600_000;
export const NOW = NOW_MS / 1000;

export const ISSUER = 'https://login.bank.example';
export const PUBLIC_URL = 'https://mcp.bank.example';
export const SID = '019a7d10-0000-7000-8000-000000000001';
const DIGEST = `sha256:${'ab'.repeat(32)}`;

/** Analysts use `core-banking`, auditors `reports`. */
const A_POLICY = compiledPolicy(SIMPLE_POLICIES).policy;

export const aPrincipal = (over: Partial<Principal> = {}): Principal => ({
  issuer: ISSUER,
  subject: 'ana',
  kind: 'person',
  name: 'Ana Analyst',
  groups: ['analysts'],
  client: 'ide',
  scopes: ['mcp'],
  tokenId: 'jti-1',
  authTime: NOW - 60,
  acr: 'mfa',
  amr: ['pwd', 'otp'],
  expiresAt: NOW + 300,
  ...over,
});

export const anIdentity = (over: Partial<IdentityConfig> = {}): IdentityConfig => ({
  issuer: ISSUER,
  jwksUri: `${ISSUER}/jwks`,
  audiences: [],
  clients: null,
  tokenUse: null,
  scopes: ['mcp'],
  groups: ['analysts', 'auditors', 'reconciliation'],
  announcedScopes: ['mcp'],
  claims: { groups: 'groups', name: 'name', client: ['client_id', 'azp'], person: 'preferred_username' },
  services: [{ subject: 'reconciliation-agent', name: 'Nightly reconciliation', groups: ['reconciliation'] }],
  ...over,
});

export const aServer = (over: Partial<ServerConfig> = {}): ServerConfig => ({
  url: 'https://core-banking.internal.example/mcp',
  title: 'Core banking',
  owner: 'payments@bank.example',
  catalog: null,
  credential: { kind: 'none' },
  limits: { responseBytes: 1_000_000, headersSeconds: 10, idleSeconds: 30, streamSeconds: 600 },
  standaloneStream: 'refuse',
  strict: false,
  ...over,
});

export const aConfig = (over: Partial<GatewayConfig> = {}): GatewayConfig => ({
  version: 1,
  log: { origin: 'mcp.bank.example/countersign', keyGeneration: 1, revokedKeys: [], witnesses: [] },
  identity: anIdentity(),
  servers: { 'core-banking': aServer(), reports: aServer({ title: 'Reports' }) },
  policy: A_POLICY,
  console: { clientId: 'console', secret: null, scopes: ['openid'], replay: null },
  approvals: { from: null, channels: {}, holdSeconds: 20, escalateAfterPercent: 50 },
  sessions: { idleSeconds: 1800, maxSeconds: 43_200 },
  limits: { requestBytes: 1000 },
  sealing: { strictLagSeconds: 900 },
  masking: null,
  allowedOrigins: [],
  retention: { log: { mode: 'COMPLIANCE', days: 2557 }, content: { mode: 'COMPLIANCE', days: 2557 } },
  endpoint: {
    responseTransfer: 'stream',
    stageName: 'v1',
    customDomain: null,
    throttle: { rate: 100, burst: 200 },
  },
  ...over,
});

/** Claims as a verifier hands them on: of a person, for the server `core-banking`. */
export const someClaims = (over: VerifiedClaims = {}): VerifiedClaims => ({
  iss: ISSUER,
  sub: 'ana',
  aud: `${PUBLIC_URL}/mcp/core-banking`,
  client_id: 'ide',
  scope: 'mcp',
  exp: NOW + 300,
  name: 'Ana Analyst',
  preferred_username: 'ana',
  groups: ['analysts'],
  ...over,
});

export const aMessage = (method: string, params?: object): string =>
  JSON.stringify({ jsonrpc: '2.0', id: 1, method, ...(params === undefined ? {} : { params }) });

export const VERSION_KEY = 'io.modelcontextprotocol/protocolVersion';
export const CLIENT_INFO_KEY = 'io.modelcontextprotocol/clientInfo';

/** A legacy `tools/call` by POST; `over.headers` are added to its content type. */
export const aRequest = (over: Partial<McpRequest> = {}): McpRequest => ({
  httpMethod: 'POST',
  server: 'core-banking',
  body: aMessage('tools/call', { name: 'get_balance', arguments: { account: 'x' } }),
  principal: aPrincipal(),
  requestId: 'apigw-1',
  run: null,
  sourceIp: '192.0.2.1',
  receivedAt: NOW_MS,
  deadlineAt: NOW_MS + 900_000,
  ...over,
  headers: { 'content-type': 'application/json', ...over.headers },
});

/** The `tools/call` of {@link aRequest}, as policies see it. */
export const aCall = (over: Partial<PolicyCall> = {}): PolicyCall => ({
  principal: aPrincipal(),
  server: 'core-banking',
  action: 'tools/call',
  method: 'tools/call',
  resource: { kind: 'Tool', name: 'get_balance' },
  args: { account: 'x' },
  era: 'legacy',
  ip: '192.0.2.1',
  at: NOW_MS,
  ...over,
});

export const aSession = (over: Partial<Session> = {}): Session => ({
  issuer: ISSUER,
  subject: 'ana',
  client: 'ide',
  server: 'core-banking',
  sid: SID,
  status: 'open',
  seq: 1,
  openedAt: NOW,
  lastSeenAt: NOW,
  endsAt: NOW + 43_200,
  upstreamSession: null,
  ended: null,
  ...over,
});

/** The same session as the keeper sees it, due now. */
export const aKeptSession = (over: Partial<KeptSession> = {}): KeptSession => ({
  ...aSession(),
  due: 'keeper',
  dueAt: NOW,
  closedAt: null,
  revocation: null,
  settled: 0,
  watched: null,
  ...over,
});

const STAMP: EntryStamp = {
  v: 1,
  log: 'mcp.bank.example/countersign',
  id: '019a7d10-0000-7000-8000-00000000000e',
  ts: '2026-11-22T10:00:00.000Z',
  config: DIGEST,
  gw: { fn: 'mcp', code: DIGEST, region: 'eu-west-1' },
};

const ACTOR = {
  iss: ISSUER,
  sub: 'ana',
  kind: 'person',
  name: 'Ana Analyst',
  client: 'ide',
  groups: ['analysts'],
  jti: null,
  authTime: null,
  acr: null,
  amr: [],
} as const;

const CALL = { sid: SID, seq: '1', callId: '019a7d10-0000-7000-8000-00000000000c' } as const;
const CONTENT = { bytes: '2', kid: DIGEST, ct: DIGEST, pt: DIGEST, at: 'inline' } as const;

export const openEntry = (over: Partial<EntryStamp> = {}): Entry => ({
  ...STAMP,
  type: 'session.open',
  sid: SID,
  actor: ACTOR,
  server: 'core-banking',
  era: 'legacy',
  clientInfo: null,
  endsAt: '2026-11-22T22:00:00.000Z',
  ...over,
});

export const closeEntry = (over: Partial<EntryStamp> = {}): Entry => ({
  ...STAMP,
  type: 'session.close',
  sid: SID,
  why: 'client',
  calls: '1',
  ...over,
});

export const intentEntry = (over: Partial<Intent> = {}): Intent => ({
  ...STAMP,
  ...CALL,
  type: 'call.intent',
  actor: ACTOR,
  req: { apigw: 'apigw-1', ip: '192.0.2.1' },
  call: {
    server: 'core-banking',
    http: 'POST',
    era: 'legacy',
    protocol: null,
    kind: 'request',
    method: 'tools/call',
    subject: 'get_balance',
    rpcId: '1',
  },
  decision: { effect: 'permit', reasons: ['analysts-use-core-banking'], policy: DIGEST },
  args: null,
  ...over,
});

export const segmentEntry = (over: Partial<Segment> = {}): Segment => ({
  ...STAMP,
  ...CALL,
  type: 'stream.segment',
  part: '1',
  content: CONTENT,
  offset: '0',
  ...over,
});

export const outcomeEntry = (over: Partial<Outcome> = {}): Outcome => ({
  ...STAMP,
  ...CALL,
  type: 'call.outcome',
  intent: '00',
  result: {
    status: 'result',
    http: '200',
    sent: '200',
    rpcCode: null,
    failure: null,
    content: CONTENT,
    parts: '0',
    bytes: '2',
    complete: true,
    masked: null,
  },
  ms: '5',
  ...over,
});

export const unknownEntry = (over: Partial<UnknownOutcome> = {}): UnknownOutcome => ({
  ...STAMP,
  ...CALL,
  type: 'call.unknown',
  intent: '00',
  parts: '0',
  ...over,
});

export const gapEntry = (over: Partial<Gap> = {}): Gap => ({
  ...STAMP,
  type: 'gap',
  sid: SID,
  seq: '1',
  countedBy: '2026-11-22T10:00:00.000Z',
  ...over,
});

export const deniedEntry = (over: Partial<EntryStamp> = {}): Entry => ({
  ...STAMP,
  type: 'auth.denied',
  req: { apigw: 'apigw-1', ip: '192.0.2.1' },
  server: null,
  denial: { reason: 'token_missing' },
  unverified: null,
  sent: '401',
  ...over,
});
