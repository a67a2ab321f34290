import { describe, expect, it } from 'vitest';
import { readConfig } from '../../lib/config.ts';
import type { Json } from '../../lib/config-yaml.ts';
import { edited, lineOf, problemsOf, SAMPLE_TEXT, withOverlay } from './config-support.ts';
import { SAMPLE } from './support.ts';

interface Case {
  readonly rule: string;
  readonly path: string;
  readonly refused: Json;
  readonly accepted: Json;
}

const AMOUNT = 'wire_transfer.amount';
const GROUPS = [
  ...['analysts', 'auditors', 'incident-commanders', 'payments-approvers', 'payments-second-approvers'],
  ...['platform-engineers', 'reconciliation', 'records-officers'],
];

const CASES: readonly Case[] = [
  { rule: 'the format version', path: 'version', refused: 2, accepted: 1 },
  { rule: 'an origin without scheme', path: 'log.origin', refused: 'https://a.example', accepted: 'a.example/log' },
  { rule: 'an origin without +', path: 'log.origin', refused: 'a.example/a+b', accepted: 'a.example/a-b' },
  {
    rule: 'readers of sessions in a group that exists',
    path: 'console.replay',
    refused: { groups: ['auditor'], raw: null },
    accepted: { groups: ['auditors'], raw: null },
  },
  {
    rule: 'readers of the original in a group that exists',
    path: 'console.replay.raw',
    refused: { groups: ['records'] },
    accepted: { groups: ['records-officers'] },
  },
  {
    rule: 'a sign-in of a minute at least before the original is opened',
    path: 'console.replay.raw.maxSignInSeconds',
    refused: 59,
    accepted: 60,
  },
  { rule: 'a first key generation', path: 'log.keyGeneration', refused: 0, accepted: 2 },
  {
    rule: 'a revoked key that no longer signs',
    path: 'log',
    refused: { keyGeneration: 1, revokedKeys: [{ generation: 1, upTo: 9, reason: 'INC-1', by: 'CISO' }] },
    accepted: { keyGeneration: 2, revokedKeys: [{ generation: 1, upTo: 9, reason: 'INC-1', by: 'CISO' }] },
  },
  {
    rule: 'a revocation that says up to where the key is believed',
    path: 'log',
    refused: { keyGeneration: 2, revokedKeys: [{ generation: 1, reason: 'INC-1', by: 'CISO' }] },
    accepted: { keyGeneration: 2, revokedKeys: [{ generation: 1, upTo: null, reason: 'INC-1', by: 'CISO' }] },
  },
  {
    rule: 'a revocation of someone',
    path: 'log',
    refused: { keyGeneration: 2, revokedKeys: [{ generation: 1, upTo: 9, reason: 'INC-1', by: '' }] },
    accepted: { keyGeneration: 2, revokedKeys: [{ generation: 1, upTo: 9, reason: 'INC-1', by: 'CISO' }] },
  },
  {
    rule: 'each generation revoked once',
    path: 'log',
    refused: {
      keyGeneration: 3,
      revokedKeys: [
        { generation: 1, upTo: 9, reason: 'INC-1', by: 'CISO' },
        { generation: 1, upTo: 5, reason: 'INC-2', by: 'CISO' },
      ],
    },
    accepted: {
      keyGeneration: 3,
      revokedKeys: [
        { generation: 1, upTo: 9, reason: 'INC-1', by: 'CISO' },
        { generation: 2, upTo: 5, reason: 'INC-2', by: 'CISO' },
      ],
    },
  },
  { rule: 'https', path: 'identity.issuer', refused: 'http://10.0.0.1', accepted: 'https://10.0.0.1' },
  {
    rule: 'http on loopback',
    path: 'identity.issuer',
    refused: 'http://localhost.evil.example',
    accepted: 'http://localhost:9000',
  },
  {
    rule: 'an issuer without query',
    path: 'identity.issuer',
    refused: 'https://a.example?x=1',
    accepted: 'https://a.example/x',
  },
  {
    rule: 'no credentials in URLs',
    path: 'identity.jwksUri',
    refused: 'https://u@a.example/jwks',
    accepted: 'https://a.example/jwks',
  },
  {
    rule: 'no fragment in URLs',
    path: 'servers.everything.url',
    refused: 'https://a.example/mcp#x',
    accepted: 'https://a.example/mcp',
  },
  { rule: 'at least one scope', path: 'identity.scopes', refused: [], accepted: ['mcp'] },
  { rule: 'scope tokens', path: 'identity.scopes', refused: ['two words'], accepted: ['two:words'] },
  { rule: 'at least one announced scope', path: 'identity.announcedScopes', refused: [], accepted: ['{resource}/mcp'] },
  {
    rule: 'no placeholder but the resource',
    path: 'identity.announcedScopes',
    refused: ['{server}/mcp'],
    accepted: ['{resource}/{resource}'],
  },
  { rule: 'clients are named or null', path: 'identity.clients', refused: [], accepted: null },
  { rule: 'a client id claim', path: 'identity.claims.client', refused: [], accepted: ['azp'] },
  { rule: 'groups without quotes', path: 'identity.groups', refused: [...GROUPS, 'a"b'], accepted: [...GROUPS, 'a b'] },
  { rule: 'a reviewed catalogue, or null', path: 'servers.everything.catalog', refused: 'none', accepted: 'reviewed' },
  { rule: 'decimals name an argument', path: 'servers.core-banking.decimals', refused: ['amount'], accepted: [AMOUNT] },
  { rule: 'decimals are strings', path: 'servers.core-banking.decimals', refused: ['query.limit'], accepted: [AMOUNT] },
  { rule: 'a time zone', path: 'policy.timeZone', refused: 'Mars/Olympus', accepted: 'America/New_York' },
  { rule: 'a zone with its summer time', path: 'policy.timeZone', refused: '+01:00', accepted: 'UTC' },
  { rule: 'a title', path: 'servers.everything.title', refused: ' ', accepted: 'T' },
  {
    rule: 'known credential kinds',
    path: 'servers.everything.credential',
    refused: { kind: 'password' },
    accepted: { kind: 'none' },
  },
  {
    rule: 'no secret for none',
    path: 'servers.everything.credential',
    refused: { kind: 'none', secret: 'a' },
    accepted: { kind: 'none' },
  },
  { rule: 'a secret name', path: 'servers.everything.credential.secret', refused: 'a name', accepted: 'a/name' },
  {
    rule: 'no ARN as secret name',
    path: 'servers.everything.credential.secret',
    refused: 'arn:aws:secretsmanager:x',
    accepted: 'x',
  },
  {
    rule: 'headers of ours',
    path: 'servers.everything.credential.header',
    refused: 'Mcp-Session-Id',
    accepted: 'X-Mcp-Key',
  },
  {
    rule: 'a sigv4 region',
    path: 'servers.everything.credential',
    refused: { kind: 'sigv4', service: 'lambda', region: 'here' },
    accepted: { kind: 'sigv4', service: 'lambda', region: 'eu-west-1' },
  },
  { rule: 'sane response sizes', path: 'servers.everything.limits.responseBytes', refused: 10, accepted: 1024 },
  { rule: 'whole seconds', path: 'servers.everything.limits.headersSeconds', refused: 1.5, accepted: 2 },
  {
    rule: 'silence shorter than API Gateway allows',
    path: 'servers.everything.limits.idleSeconds',
    refused: 300,
    accepted: 290,
  },
  {
    rule: 'streams shorter than Lambda allows',
    path: 'servers.everything.limits.streamSeconds',
    refused: 900,
    accepted: 870,
  },
  {
    rule: 'headers within the stream',
    path: 'servers.everything.limits',
    refused: { headersSeconds: 60, streamSeconds: 30 },
    accepted: { headersSeconds: 30, streamSeconds: 60 },
  },
  { rule: 'idle within the longest session', path: 'sessions.idleMinutes', refused: 721, accepted: 720 },
  { rule: 'request sizes that Lambda takes', path: 'limits.requestBytes', refused: 6_000_000, accepted: 4_194_304 },
  {
    rule: 'origins without path',
    path: 'allowedOrigins',
    refused: ['https://a.example/'],
    accepted: ['https://a.example'],
  },
  {
    rule: 'any port on loopback only',
    path: 'allowedOrigins',
    refused: ['http://a.example:*'],
    accepted: ['http://localhost:*'],
  },
  { rule: 'a day of retention', path: 'retention.days', refused: 0, accepted: 1 },
  {
    rule: 'content that does not outlive its log',
    path: 'retention',
    refused: { days: 100, content: { days: 101 } },
    accepted: { days: 100, content: { days: 99 } },
  },
  {
    rule: 'a log that outlives its content',
    path: 'retention',
    refused: { days: 100, log: { days: 99 } },
    accepted: { days: 100, log: { days: 101 } },
  },
  { rule: 'a day of retention of content', path: 'retention.content.days', refused: 0, accepted: 1 },
  { rule: 'retention modes', path: 'retention.mode', refused: 'NONE', accepted: 'GOVERNANCE' },
  { rule: 'stage names', path: 'endpoint.stageName', refused: 'v1/x', accepted: 'v1-x' },
  { rule: 'transfer modes', path: 'endpoint.responseTransfer', refused: 'chunked', accepted: 'buffered' },
  { rule: 'a throttle', path: 'endpoint.throttle.rate', refused: 0, accepted: 1 },
  {
    rule: 'no token in place of a name',
    path: 'servers.everything.credential.secret',
    refused: 'Xk29dKqpLmZ81vTyRw3B',
    accepted: 'prod-everything-api-key-2',
  },
  {
    rule: 'no access key id',
    path: 'servers.everything.owner',
    refused: 'AKIAIOSFODNN7EXAMPLE',
    accepted: 'akia@example',
  },
];

describe('each rule', () => {
  it.each(CASES)('$rule: $path', ({ path, refused, accepted }) => {
    const problems = withOverlay(path, refused);
    expect(problems.length).toBeGreaterThan(0);
    for (const problem of problems) expect(problem.path).toContain(path.split('.')[0]);
    expect(withOverlay(path, accepted)).toEqual([]);
  });

  it('server names: one path segment of lower case', () => {
    const server = "{ title: T, owner: o, url: 'https://x.example/mcp', catalog: null, credential: { kind: none } }";
    const named = (name: string) => edited('  everything:\n', `  ${name}: ${server}\n  everything:\n`);
    expect(problemsOf(() => readConfig(named('Every_Thing')))[0]).toMatchObject({
      path: 'servers.Every_Thing',
      line: lineOf(SAMPLE_TEXT, '  everything:'),
    });
    expect(problemsOf(() => readConfig(named('a'.repeat(64))))).toHaveLength(1);
    expect(problemsOf(() => readConfig(named('a'.repeat(63))))).toEqual([]);
  });

  it('at least one server', () => {
    const servers = SAMPLE_TEXT.slice(SAMPLE_TEXT.indexOf('servers:'), SAMPLE_TEXT.indexOf('# Who may do what'));
    expect(problemsOf(() => readConfig(edited(servers, 'servers: {}\n\n')))[0]?.path).toBe('servers');
  });

  it('no audience only with named clients', () => {
    expect(withOverlay('identity', { audiences: null, clients: null })[0]?.path).toBe('identity.clients');
    expect(withOverlay('identity', { audiences: null, clients: ['agent'] })).toEqual([]);
    expect(withOverlay('identity', { audiences: [], clients: null })).toEqual([]);
  });

  it('buffered answers within 29 seconds and 6 MB', () => {
    const overlay = (limits: Json): Json => ({
      endpoint: { responseTransfer: 'buffered' },
      servers: { everything: { limits } },
    });
    const refused = overlay({ headersSeconds: 24, streamSeconds: 24, responseBytes: 6_000_000 });
    expect(problemsOf(() => readConfig(SAMPLE, { overlay: refused }))).toHaveLength(3);
    const accepted = overlay({ headersSeconds: 23, streamSeconds: 23, responseBytes: 5_000_000 });
    expect(problemsOf(() => readConfig(SAMPLE, { overlay: accepted }))).toEqual([]);
  });

  it('a service subject once', () => {
    const service = { subject: 'reconciliation-agent', name: 'A', groups: [] };
    expect(withOverlay('identity.services', [service, service])[0]?.path).toBe('identity.services.1.subject');
    expect(withOverlay('identity.services', [service, { ...service, subject: 'b' }])).toEqual([]);
  });

  it('a custom domain has a host name and a certificate', () => {
    const certificateArn = 'arn:aws:acm:eu-west-1:111122223333:certificate/0000-1111';
    expect(withOverlay('endpoint.customDomain', { domainName: 'https://a.example', certificateArn })).toHaveLength(1);
    expect(withOverlay('endpoint.customDomain', { domainName: 'a.example', certificateArn: 'cert' })).toHaveLength(1);
    expect(withOverlay('endpoint.customDomain', { domainName: 'a.example', certificateArn })).toEqual([]);
  });

  it('groups of services are known ones', () => {
    const service = (group: string) => [{ subject: 'reconciliation-agent', name: 'A', groups: [group] }];
    expect(withOverlay('identity.services', service('nightly'))[0]?.expected).toContain('not nightly');
    expect(withOverlay('identity.services', service('reconciliation'))).toEqual([]);
  });

  it('groups of a server are refused with the policy to write in their place', () => {
    const [problem] = withOverlay('servers.everything.groups', ['analysts']);
    expect(problem?.path).toBe('servers.everything.groups');
    const advice = withOverlay('servers.everything.groups', ['analysts'])
      .map((one) => one.advice)
      .join(' ');
    expect(advice).toContain(
      'permit (principal in Mcp::Group::"analysts", action, resource in Mcp::Server::"everything")',
    );
  });
});
