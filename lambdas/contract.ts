// Words that the CDK tree (lib/), the runtime (lambdas/) and the laptop (local/) share: environment
// names, stored attribute names, object keys, routes and the answers API Gateway gives by itself.
// Types and constants only: no I/O, no AWS SDK, no CDK.

/** Environment variables a Lambda may read. `lambdas/env.ts` is their only reader. */
export const ENV = {
  /** DynamoDB table of the write-ahead ledger. */
  ledgerTable: 'LEDGER_TABLE',
  /** DynamoDB table of sessions and their windows. */
  sessionsTable: 'SESSIONS_TABLE',
  /** DynamoDB table of approval requests. */
  approvalsTable: 'APPROVALS_TABLE',
  /** S3 bucket, Object Lock COMPLIANCE, that keeps bodies too large for a ledger item. */
  evidenceBucket: 'EVIDENCE_BUCKET',
  /** S3 bucket, unlocked, that holds the tree of the log as C2SP tlog-tiles. */
  tilesBucket: 'TILES_BUCKET',
  /** S3 bucket, locked too, under no deletable key: the second copy of checkpoints and keys. */
  copiesBucket: 'COPIES_BUCKET',
  /** KMS symmetric key under which per-session data keys are generated. */
  contentKeyId: 'CONTENT_KEY_ID',
  /** KMS symmetric key under which a held call waits: its requester's gateway wraps, console and worker unwrap. */
  heldKeyId: 'HELD_KEY_ID',
  /** KMS Ed25519 key that signs checkpoints. */
  checkpointKeyId: 'CHECKPOINT_KEY_ID',
  /** KMS Ed25519 key that signs the intents of strict calls. */
  intentKeyId: 'INTENT_KEY_ID',
  /** Every generation of that key, oldest first, separated by commas; the last one is to sign. */
  checkpointKeyIds: 'CHECKPOINT_KEY_IDS',
  /** CloudWatch log group of API Gateway's access log. */
  accessLogGroup: 'ACCESS_LOG_GROUP',
  /** DynamoDB table of a witness. */
  witnessTable: 'WITNESS_TABLE',
  /** KMS Ed25519 key of a witness. */
  witnessKeyId: 'WITNESS_KEY_ID',
  /** Name or ARN of the secret under which the console's cookies are sealed. */
  cookieSecret: 'COOKIE_SECRET',
  /** ARN of the Step Functions state machine that waits for approvals. */
  approvalMachine: 'APPROVAL_MACHINE',
  /** Public base URL without trailing slash, e.g. https://mcp.bank.example (or with the stage path). */
  publicUrl: 'PUBLIC_URL',
  /** Path of the deployed configuration; relative paths start at LAMBDA_TASK_ROOT. */
  configFile: 'CONFIG_FILE',
  /** `sha256:<hex>` of that file's canonical JSON; a Lambda refuses to start on any other content. */
  configDigest: 'CONFIG_DIGEST',
  /** Path of the Cedar engine (WebAssembly); relative paths start at LAMBDA_TASK_ROOT. */
  policyEngine: 'POLICY_ENGINE',
  /** `stream` (API Gateway response streaming) or `buffered`. */
  responseTransfer: 'RESPONSE_TRANSFER',
} as const;

export type EnvName = (typeof ENV)[keyof typeof ENV];

/** How API Gateway carries the mcp function's answer. */
export type ResponseTransfer = 'stream' | 'buffered';

/** Folder names under lambdas/ that are deployed functions. */
export type FunctionName = RoutedFunctionName | 'sealer' | 'keeper' | 'watcher' | 'reconciler' | 'notifier' | 'worker';

/** The function of the witness stack, which is deployed by itself. */
export type WitnessFunctionName = 'witness';

/** Functions behind API Gateway. */
export type RoutedFunctionName = 'authorizer' | 'mcp' | 'well-known' | 'console' | 'opener';

/** DynamoDB shape of the write-ahead ledger; all keys are strings, the formats are in docs/formats.md. */
export const LEDGER = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds; set by the sealer only, once an entry is in the locked bucket. */
  ttlAttribute: 'expiresAt',
  /** Where the sealer notes how far it is; its partition holds what else it remembers. */
  sealerHead: { partition: 'sealer', sort: 'head' },
  /** Partitions of a session's entries and keys, of an approval's steps, and of what belongs to neither, one per UTC day. */
  sessionPrefix: 'session#',
  approvalPrefix: 'approval#',
  dayPrefix: 'day#',
  /** Partitions of the watcher's own entries, one per UTC day. */
  tamperPrefix: 'tamper#',
  /** Partition of the reconciler's entries, one per UTC day. */
  reconciledPartition: 'reconciled',
  /** Partition of legal holds. It is read to know what must not be released, so its items do not expire. */
  holdsPartition: 'holds',
  /**
   * Sparse index of entries not yet sealed: partition `unsealed` (a shard), sort `position`. One shard would cap the
   * whole gateway at what one partition takes (about 1,000 writes a second), since a throttled index throttles its table.
   */
  unsealedIndex: { name: 'unsealed', partitionKey: 'unsealed', sortKey: 'position', shards: 8 },
} as const;

/** DynamoDB shape of the sessions table; all keys are strings. */
export const SESSIONS = {
  partitionKey: 'pk',
  /** Sessions by the UTC day they opened, for listing: partition `day` (YYYY-MM-DD), sort `openedAt` (RFC 3339). */
  byDayIndex: { name: 'by-day', partitionKey: 'day', sortKey: 'openedAt' },
  /**
   * Sparse index of sessions that are not finished: partition `due` (`keeper` or `sealer`), sort `dueAt` (RFC 3339), keys
   * only. A call changes neither, so counting one writes nothing here; a partition takes about 1,000 openings a second.
   */
  dueIndex: { name: 'due', partitionKey: 'due', sortKey: 'dueAt' },
} as const;

/** Metrics that functions report and alarms watch. */
export const METRICS = {
  namespace: 'Countersign',
  /** Dimension that names the log (its origin); Powertools adds `service`, the function. */
  logDimension: 'log',
  names: [
    /** Age of the oldest waiting entry when a sealer starts. */
    'OldestUnsealedSeconds',
    /** Entries of one run of the sealer. */
    'EntriesSealed',
    /** From the writing of an entry to the checkpoint over it. */
    'SealingLagMedianSeconds',
    'SealingLagMaxSeconds',
    /** Since the last checkpoint, when a run ends; a heartbeat makes one at least every 15 minutes. */
    'CheckpointAgeSeconds',
    /** Witnesses that refused the log in a run of the sealer, and those that could not be asked. */
    'WitnessesRefusing',
    'WitnessesAway',
    /** Changes of the ledger table by another hand. */
    'TamperSuspected',
    /** Deliveries of such changes that have to be repeated. */
    'ChangesNotJudged',
    /** Of one reconciled day. */
    'RequestsMissing',
    'EntriesInvented',
    'SignaturesUnexplained',
    'SourcesNotRead',
    /** Days that a run of the reconciler should have done and could not. */
    'DaysUnreconciled',
  ],
} as const;

export type MetricName = (typeof METRICS.names)[number];

/** DynamoDB shape of a witness's table: one item per origin of a log. */
export const WITNESS = { partitionKey: 'origin' } as const;
/** DynamoDB shape of the approvals table; all keys are strings. State, not evidence: each step is a ledger entry. */
export const APPROVALS = {
  partitionKey: 'pk',
  sortKey: 'sk',
  /** Epoch seconds after which the answer of a task goes. */
  ttlAttribute: 'ttl',
} as const;

/** Object keys in the evidence bucket. */
export const EVIDENCE_KEYS = {
  /** Bodies larger than the inline limit, named by the SHA-256 (hex) of their ciphertext. */
  bodyPrefix: 'body/',
  /** Signed intents of strict calls. */
  intentPrefix: 'intent/',
  /** The sealed log; names below these prefixes are made in core/ledger/log-layout.ts. */
  segmentPrefix: 'seg/',
  checkpointPrefix: 'ckpt/',
  bodiesPrefix: 'bodies/',
  cosignaturePrefix: 'cosig/',
  /** Signed manifests of ended sessions, one each. */
  manifestPrefix: 'manifest/',
  /** Public keys of the log and their revocations. */
  keyPrefix: 'keys/',
} as const;

/** Marks tiles that are superseded within days; the tiles bucket expires them by it. */
export const SHORT_LIVED_TAG = { key: 'countersign', value: 'partial' } as const;

/** What the second copy holds: enough to prove any copy of the entries, and nothing that was recorded. */
export const COPIED_PREFIXES: readonly string[] = [EVIDENCE_KEYS.checkpointPrefix, EVIDENCE_KEYS.keyPrefix];

export interface Route {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** API Gateway path; `{server}` is one path segment. */
  readonly path: string;
  readonly function: RoutedFunctionName;
  /** Whether the authorizer runs first. */
  readonly authorized: boolean;
  /** Whether the answer is streamed when the deployment streams at all. */
  readonly streams: boolean;
}

const METADATA_PATH = '/.well-known/oauth-protected-resource';

/** Every route of the REST API. The laptop's API Gateway and the CDK stack are both built from it. */
export const ROUTES: readonly Route[] = [
  { method: 'POST', path: '/mcp/{server}', function: 'mcp', authorized: true, streams: true },
  { method: 'GET', path: '/mcp/{server}', function: 'mcp', authorized: true, streams: true },
  { method: 'DELETE', path: '/mcp/{server}', function: 'mcp', authorized: true, streams: true },
  // The console signs people in by itself, by a cookie.
  { method: 'GET', path: '/console', function: 'console', authorized: false, streams: false },
  { method: 'GET', path: '/console/style.css', function: 'console', authorized: false, streams: false },
  { method: 'GET', path: '/console/sign-in', function: 'console', authorized: false, streams: false },
  { method: 'GET', path: '/console/callback', function: 'console', authorized: false, streams: false },
  { method: 'POST', path: '/console/sign-out', function: 'console', authorized: false, streams: false },
  { method: 'GET', path: '/console/approvals/{approval}', function: 'console', authorized: false, streams: false },
  { method: 'POST', path: '/console/approvals/{approval}', function: 'console', authorized: false, streams: false },
  { method: 'GET', path: '/console/sessions', function: 'console', authorized: false, streams: false },
  { method: 'GET', path: '/console/sessions/{session}', function: 'console', authorized: false, streams: false },
  // What was recorded, opened: a function of its own, deployed only where the configuration says who may.
  { method: 'POST', path: '/console/sessions/{session}/raw', function: 'opener', authorized: false, streams: false },
  // RFC 9728 section 3.1: the well-known path is inserted before the path of the resource.
  { method: 'GET', path: METADATA_PATH, function: 'well-known', authorized: false, streams: false },
  { method: 'GET', path: `${METADATA_PATH}/mcp`, function: 'well-known', authorized: false, streams: false },
  { method: 'GET', path: `${METADATA_PATH}/mcp/{server}`, function: 'well-known', authorized: false, streams: false },
];

/** The API Gateway GatewayResponse types we set; anything else falls to the two defaults. */
export type GatewayResponseType =
  | 'ACCESS_DENIED'
  | 'UNAUTHORIZED'
  | 'AUTHORIZER_FAILURE'
  | 'AUTHORIZER_CONFIGURATION_ERROR'
  | 'MISSING_AUTHENTICATION_TOKEN'
  | 'REQUEST_TOO_LARGE'
  | 'THROTTLED'
  | 'DEFAULT_4XX'
  | 'DEFAULT_5XX';

export interface GatewayResponse {
  readonly type: GatewayResponseType;
  readonly statusCode: string;
  /** Header name to mapping: `context.authorizer.<key>` or a static value in single quotes. */
  readonly headers: Readonly<Record<string, string>>;
  /** application/json body; `$context.requestId` is substituted. */
  readonly body: string;
}

/** Key in the authorizer's context that carries the `WWW-Authenticate` value of a 401. */
export const CHALLENGE_CONTEXT_KEY = 'challenge';
/** Key in the authorizer's context that carries the verified principal as JSON. */
export const PRINCIPAL_CONTEXT_KEY = 'principal';

/**
 * URL of the protected resource metadata of one server, or of the whole gateway (RFC 9728 section 3).
 * With a custom domain this is the well-known form of the RFC. Behind a stage path it can only be served below
 * the stage; clients then find it through the `resource_metadata` parameter of the challenge.
 */
export const metadataUrl = (publicUrl: string, server?: string): string =>
  `${publicUrl}${METADATA_PATH}/mcp${server === undefined ? '' : `/${server}`}`;

/** RFC 8707 resource indicator (and audience) of one server, or of the whole gateway. */
export const resourceUrl = (publicUrl: string, server?: string): string =>
  `${publicUrl}/mcp${server === undefined ? '' : `/${server}`}`;

/** Stands for {@link resourceUrl} in a scope of `identity.announcedScopes`. */
export const RESOURCE_PLACEHOLDER = '{resource}';

const jsonBody = (code: number, message: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id: null, error: { code, message, data: { requestId: 'REQUEST_ID' } } }).replace(
    '"REQUEST_ID"',
    '"$context.requestId"',
  );

/** The `scope` parameter of a static challenge; none where it would differ from server to server. */
const staticScope = (scopes: readonly string[]): string =>
  scopes.some((scope) => scope.includes(RESOURCE_PLACEHOLDER)) ? '' : `, scope="${scopes.join(' ')}"`;

/**
 * The answers that API Gateway gives without a function.
 *
 * API Gateway renames `WWW-Authenticate` on answers of a Lambda integration, so both challenges are gateway
 * responses. Only ACCESS_DENIED (the authorizer returned a Deny policy) can take a header from the
 * authorizer's context, and only the 401 differs from server to server (`resource_metadata`, `error`). So the
 * two are swapped on purpose: a Deny policy is the 401, and the thrown `Unauthorized`, whose header can only
 * be static, is the 403 of a valid token without the required scope (RFC 6750 section 3.1). That 403 names no
 * `resource_metadata`: a static one could only be the whole gateway's, and a client that already holds a token for
 * one server would then ask for the wrong resource (measured with the SDKs: the refresh ends in invalid_target).
 * Nor does it name scopes that differ from server to server: a client then takes those of the metadata it has read.
 */
export const gatewayResponses = (announcedScopes: readonly string[]): readonly GatewayResponse[] => [
  {
    type: 'ACCESS_DENIED',
    statusCode: '401',
    headers: { 'WWW-Authenticate': `context.authorizer.${CHALLENGE_CONTEXT_KEY}` },
    body: jsonBody(-31401, 'Unauthorized: sign in and send an access token for this server; see WWW-Authenticate'),
  },
  {
    type: 'UNAUTHORIZED',
    statusCode: '403',
    headers: {
      'WWW-Authenticate': `'Bearer error="insufficient_scope"${staticScope(announcedScopes)}'`,
    },
    body: jsonBody(
      -31403,
      'Forbidden: the access token lacks a required scope; see WWW-Authenticate, or scopes_supported of the metadata',
    ),
  },
  {
    type: 'AUTHORIZER_FAILURE',
    statusCode: '503',
    headers: { 'Retry-After': "'1'" },
    body: jsonBody(-31503, 'The gateway could not check the access token; nothing was forwarded. Try again'),
  },
  {
    type: 'AUTHORIZER_CONFIGURATION_ERROR',
    statusCode: '503',
    headers: {},
    body: jsonBody(-31503, 'The gateway could not check the access token; nothing was forwarded'),
  },
  {
    // API Gateway's name for "no such route"; 403 would make MCP clients start a sign-in.
    type: 'MISSING_AUTHENTICATION_TOKEN',
    statusCode: '404',
    headers: {},
    body: jsonBody(-31404, 'No such path; MCP servers are at /mcp/{server}'),
  },
  {
    type: 'REQUEST_TOO_LARGE',
    statusCode: '413',
    headers: {},
    body: jsonBody(-31413, 'The request is larger than the gateway takes'),
  },
  {
    type: 'THROTTLED',
    statusCode: '429',
    headers: { 'Retry-After': "'1'" },
    body: jsonBody(-31429, 'Too many requests; nothing was forwarded. Try again'),
  },
  { type: 'DEFAULT_4XX', statusCode: '400', headers: {}, body: jsonBody(-31400, 'The request was refused') },
  {
    type: 'DEFAULT_5XX',
    statusCode: '502',
    headers: {},
    body: jsonBody(-31502, 'The gateway failed before it could answer; replay of the session says what is known'),
  },
];
