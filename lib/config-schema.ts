// The rules of config/countersign.yaml. Each states what it expects and what to do; zod checks them all before it
// answers. A key that switches a check off must be written as `null`: leaving it out is an error, not an opt-out.
import { z } from 'zod';
import { RESOURCE_PLACEHOLDER } from '../lambdas/contract.ts';
import type {
  ChannelConfig,
  IdentityConfig,
  Retention,
  RevokedKeyConfig,
  ServerConfig,
  WitnessEndpointConfig,
} from '../lambdas/gateway-config.ts';
import { credential } from './config-credential.ts';
import {
  DEFAULT_APPROVALS,
  DEFAULT_CONSOLE,
  DEFAULT_LIMITS,
  DEFAULT_REQUEST_BYTES,
  DEFAULT_RETENTION,
  DEFAULT_SESSIONS,
  DEFAULT_STRICT_LAG_SECONDS,
  DEFAULT_THROTTLE,
  DEFAULT_TRANSFER,
  MAX_KEY_GENERATIONS,
} from './config-defaults.ts';
import {
  count,
  isTimeZone,
  list,
  mapping,
  name,
  oneOf,
  orNull,
  secretName,
  shortText,
  text,
  url,
} from './config-fields.ts';
import type { ConfigFile } from './config-file.ts';
import { masking } from './config-masking.ts';
import { says } from './config-problems.ts';
import { isVerifierKey, WITNESS_KEY } from './verifier-key.ts';

type Limits = ServerConfig['limits'];

const OR_NULL = 'Write it, or null to skip the check';

const strictTools = z.union([z.boolean(), list(name('a tool'), 1)], {
  error: says(
    'true, false or a list of tool names',
    'Write true when every tools/call of the server is strict, or name the tools; false or nothing when none is',
  ),
});

const REVIEW =
  'Run `countersign catalog pull`, or write null: then any tool may be called and policies see no arguments';

const server = mapping({
  url: url('the MCP endpoint'),
  title: name('a title'),
  owner: name('an owner'),
  credential,
  // `reviewed`: catalog/<server>.json beside this file must list its tools.
  catalog: orNull(z.literal('reviewed', { error: says('reviewed, or null', REVIEW) })).default('reviewed'),
  decimals: list(
    text('a tool and its argument', 'Use e.g. wire_transfer.amount', (value) => /^[^.]+(?:\.[^.]+)+$/.test(value)),
  ).default([]),
  limits: mapping({
    responseBytes: count('bytes', 1024, 100 * 1024 * 1024).optional(),
    // Node's fetch gives up on headers after 300 s by itself.
    headersSeconds: count('seconds', 1, 290).optional(),
    // API Gateway (Regional) closes a stream that is silent for 300 s.
    idleSeconds: count('seconds', 1, 290).optional(),
    streamSeconds: count('seconds', 1, 870).optional(),
  }).prefault({}),
  standaloneStream: oneOf(['relay', 'refuse']).default('refuse'),
  strict: strictTools.default(false),
});

const scopeToken = text('a scope token (RFC 6749 section 3.3)', 'No spaces, quotes or backslashes', (value) =>
  /^[!#-[\]-~]+$/.test(value),
);

/** As announced: any other name in braces would be asked for as it stands. */
const announcedScope = scopeToken.refine((value) => !/[{}]/.test(value.replaceAll(RESOURCE_PLACEHOLDER, '')), {
  error: says(
    `a scope token with ${RESOURCE_PLACEHOLDER} as its only braces`,
    `Write e.g. "${RESOURCE_PLACEHOLDER}/mcp"`,
  ),
});

const mailAddress = text('a mail address', 'Use e.g. approvals@bank.example', (value) =>
  /^[^\s@<>,;]+@[^\s@<>,;]+\.[^\s@<>,;]+$/.test(value),
);

const channel = z.discriminatedUnion(
  'kind',
  [
    mapping({ kind: z.literal('email'), to: list(mailAddress, 1, 'Name who gets the mail') }),
    mapping({ kind: z.literal('slack'), secret: secretName }),
  ],
  { error: says('a channel with kind: email or slack', 'Say how the group is told') },
) satisfies z.ZodType<ChannelConfig>;

const identity = mapping({
  issuer: url('the issuer', (value) => value.search === '' && value.hash === ''),
  jwksUri: url('the JWK set'),
  audiences: orNull(list(name('an audience'))),
  clients: orNull(
    list(name('a client id'), 1, 'Name the accepted clients, or write null to accept all of this issuer'),
  ),
  tokenUse: orNull(name('a token_use claim', OR_NULL)),
  scopes: list(scopeToken, 1, 'Require at least one scope, so that a token meant for something else is refused'),
  announcedScopes: list(announcedScope, 1, 'Name what clients ask for, or leave it out: the same as scopes').optional(),
  groups: list(
    text('a group', 'A name without a comma or quotes', (value) => /^[^,"\s][^,"]{0,255}$/.test(value)),
    1,
    'Name the groups that policies may speak of',
  ),
  claims: mapping({
    groups: name('a claim'),
    name: name('a claim'),
    client: list(name('a claim'), 1, 'Name at least one claim that holds the client id'),
    person: orNull(name('a claim that only persons have', OR_NULL)),
  }),
  services: list(mapping({ subject: name('a subject'), name: name('a name'), groups: list(name('a group')) })).default(
    [],
  ),
}).transform((given) => ({
  ...given,
  announcedScopes: given.announcedScopes ?? given.scopes,
})) satisfies z.ZodType<IdentityConfig>;

const certificateArn = text(
  'the ARN of an ACM certificate',
  'Use a certificate in the Region of the deployment',
  (value) => /^arn:aws[a-z-]*:acm:[a-z0-9-]+:\d{12}:certificate\/[\w-]+$/.test(value),
);

const endpoint = mapping({
  responseTransfer: oneOf(['stream', 'buffered']).default(DEFAULT_TRANSFER),
  stageName: text('a stage name', 'Use 1 to 128 of a-z, A-Z, 0-9, _ and -', (v) => /^[\w-]{1,128}$/.test(v)).default(
    'v1',
  ),
  customDomain: orNull(
    mapping({
      domainName: text('a host name', 'Use e.g. mcp.bank.example', (v) => /^(?:[a-z0-9-]{1,63}\.)+[a-z]{2,}$/.test(v)),
      certificateArn,
    }),
  ).default(null),
  throttle: mapping({ rate: count('requests per second', 1, 10_000), burst: count('requests', 1, 5_000) }).prefault(
    DEFAULT_THROTTLE,
  ),
});

const revokedKey = mapping({
  generation: count('generations', 1, MAX_KEY_GENERATIONS),
  upTo: orNull(count('entries', 0, Number.MAX_SAFE_INTEGER)),
  reason: shortText('why the key is not to be believed'),
  by: shortText('who decided it'),
}) satisfies z.ZodType<RevokedKeyConfig>;

/** What a class does not say it has from the whole. */
const retentionClass = mapping({
  mode: oneOf(['COMPLIANCE', 'GOVERNANCE']).optional(),
  days: count('days', 1, 36_500).optional(),
}).prefault({});

const witness = mapping({
  url: url('the submission prefix of a witness', (value) => value.search === ''),
  vkey: text(
    'the verifier key of a witness: <name>+<key id>+<key>',
    'Have it from whoever runs the witness: `countersign key --witness` prints that of a Countersign witness',
    (value) => isVerifierKey(value, WITNESS_KEY),
  ),
  auth: z.discriminatedUnion(
    'kind',
    [
      mapping({ kind: z.literal('none') }),
      mapping({
        kind: z.literal('sigv4'),
        function: text('the ARN of the witness function', 'Use the output WitnessArn of the witness’s stack', (value) =>
          /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[\w-]+$/.test(value),
        ),
      }),
    ],
    { error: says('auth with kind: none or sigv4', 'Say how the sealer signs in to this witness') },
  ),
}) satisfies z.ZodType<WitnessEndpointConfig>;

const witnesses = list(witness)
  .refine((all) => new Set(all.map(({ vkey }) => vkey.split('+')[1])).size === all.length, {
    error: says('witnesses with different key ids', 'List each witness once'),
  })
  .default([]);

const serverName = z.string().regex(/^[a-z0-9-]{1,63}$/);

const file = mapping({
  version: z.literal(1, { error: says('1', 'This gateway reads version 1 of the format') }),
  log: mapping({
    origin: text(
      'the origin of the log: a host name and optional path, without scheme, spaces or +',
      'Use e.g. mcp.bank.example/countersign (C2SP tlog-checkpoint)',
      (value) => /^[a-z0-9.-]+(?:\/[\w.~-]+)*$/.test(value),
    ),
    keyGeneration: count('generations', 1, MAX_KEY_GENERATIONS).default(1),
    revokedKeys: list(revokedKey).default([]),
    witnesses,
  }),
  identity,
  servers: z
    .record(serverName, server, { error: says('a server name of 1 to 63 of a-z, 0-9 and -', 'Rename the server') })
    .refine((servers) => Object.keys(servers).length > 0, { error: says('at least one server', 'Add one') }),
  policy: mapping({
    timeZone: text('an IANA time zone', 'Use e.g. Europe/London or UTC', isTimeZone),
  }),
  sessions: mapping({
    idleMinutes: count('minutes', 1, 24 * 60).default(DEFAULT_SESSIONS.idleMinutes),
    maxHours: count('hours', 1, 24).default(DEFAULT_SESSIONS.maxHours),
  }).prefault({}),
  // The sealer runs every 5 minutes when nothing wakes it: a limit below that would refuse the first call after a pause.
  sealing: mapping({
    strictLagSeconds: count('seconds', 360, 24 * 3600).default(DEFAULT_STRICT_LAG_SECONDS),
  }).prefault({}),
  console: mapping({
    clientId: name('the client id of the console').default(DEFAULT_CONSOLE.clientId),
    secret: orNull(secretName).default(null),
    scopes: list(name('a scope'), 1).default([...DEFAULT_CONSOLE.scopes]),
    replay: orNull(
      mapping({
        groups: list(name('a group'), 1),
        raw: orNull(
          mapping({
            groups: list(name('a group'), 1),
            maxSignInSeconds: count('seconds', 60, 3600).default(DEFAULT_CONSOLE.maxSignInSeconds),
          }),
        ).default(null),
      }),
    ).default(null),
  }).prefault({}),
  approvals: mapping({
    from: orNull(mailAddress).default(null),
    channels: z
      .record(name('a group'), list(channel), {
        error: says('a mapping of groups to channels', 'See docs/approvals.md'),
      })
      .default({}),
    // A buffered answer must leave API Gateway within 29 s, and an impatient client gives up after 60.
    holdSeconds: count('seconds', 0, 20).default(DEFAULT_APPROVALS.holdSeconds),
    escalateAfterPercent: count('percent', 1, 99).default(DEFAULT_APPROVALS.escalateAfterPercent),
  }).prefault({}),
  // Lambda takes 6 MB as an escaped JSON event, so a body must stay well below.
  limits: mapping({ requestBytes: count('bytes', 1024, 4 * 1024 * 1024).default(DEFAULT_REQUEST_BYTES) }).prefault({}),
  masking: orNull(masking),
  allowedOrigins: list(
    text(
      'an origin',
      'Use scheme and host only, e.g. https://console.bank.example',
      (value) => originOf(value) === value || ANY_LOOPBACK_PORT.test(value),
    ),
  ).default([]),
  retention: mapping({
    mode: oneOf(['COMPLIANCE', 'GOVERNANCE']).default(DEFAULT_RETENTION.mode),
    days: count('days', 1, 36_500).default(DEFAULT_RETENTION.days),
    log: retentionClass,
    content: retentionClass,
  }).prefault({}),
  endpoint: endpoint.prefault({}),
});

/** `:*` admits every port, on a developer's own machine only: elsewhere a port is another party. */
const ANY_LOOPBACK_PORT = /^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):\*$/;

const originOf = (value: string): string | undefined => (URL.canParse(value) ? new URL(value).origin : undefined);

/** Validates the file and fills in the defaults; the type proves that the result is what the Lambdas read. */
export const configSchema: z.ZodType<ConfigFile> = file.transform((input): ConfigFile => {
  const defaults = DEFAULT_LIMITS[input.endpoint.responseTransfer];
  const servers = Object.entries(input.servers).map(
    ([key, value]) => [key, { ...value, limits: withDefaults(value.limits, defaults) }] as const,
  );
  const sessions = { idleSeconds: input.sessions.idleMinutes * 60, maxSeconds: input.sessions.maxHours * 3600 };
  const { mode, days, ...classes } = input.retention;
  const of = (own: z.infer<typeof retentionClass>): Retention => ({ mode: own.mode ?? mode, days: own.days ?? days });
  const retention = { log: of(classes.log), content: of(classes.content) };
  return { ...input, servers: Object.fromEntries(servers), sessions, retention };
});

const withDefaults = (given: z.infer<typeof server>['limits'], defaults: Limits): Limits => ({
  responseBytes: given.responseBytes ?? defaults.responseBytes,
  headersSeconds: given.headersSeconds ?? defaults.headersSeconds,
  idleSeconds: given.idleSeconds ?? defaults.idleSeconds,
  streamSeconds: given.streamSeconds ?? defaults.streamSeconds,
});
