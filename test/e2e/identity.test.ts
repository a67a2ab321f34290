// Who may not come in: each refused with the right challenge and recorded, beside the nearest token that is accepted.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cognitoShape, type MintOptions } from '../../local/idp/mint.ts';
import { SERVICE_CLIENT } from '../../local/idp/people.ts';
import { signInService } from '../../local/sign-in/sign-in.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let ledger: Ledger;
let url: string;

beforeAll(async () => {
  stack = await startTestStack();
  ledger = openLedger(stack.resources, stack.config.log.origin);
  url = stack.url('core-banking');
});
afterAll(() => stack.close());

const list = (token?: string, headers: Record<string, string> = {}) => {
  const listing = modern('tools/list');
  return call(url, { token, body: listing.body, headers: { ...listing.headers, ...headers } });
};

const lastDenial = async () =>
  (await ledger.all()).map(({ entry }) => entry).findLast((entry) => entry.type === 'auth.denied');

const good = (options: MintOptions = {}) =>
  stack.idp.mint({ resource: url, ...options, claims: { scope: 'mcp', client_id: 'ide', ...options.claims } });

describe('a request without a good token', () => {
  it('is accepted with a good one (the twin of all below)', async () => {
    expect((await list(await good())).status).toBe(200);
  });

  it('is answered 401 without `error` when there is no token, naming this server’s metadata', async () => {
    const answer = await list();
    expect(answer.status).toBe(401);
    const metadata = `${stack.publicUrl}/.well-known/oauth-protected-resource/mcp/core-banking`;
    expect(answer.headers.get('www-authenticate')).toBe(`Bearer resource_metadata="${metadata}", scope="mcp"`);
    expect(await lastDenial()).toMatchObject({
      denial: { reason: 'token_missing' },
      sent: '401',
      server: 'core-banking',
      unverified: null,
    });
    expect(await (await fetch(metadata)).json()).toMatchObject({
      resource: url,
      authorization_servers: [stack.idp.issuer],
    });
  });

  const cases: readonly [string, MintOptions, string][] = [
    ['expired', { expiresIn: -10 }, 'token_expired'],
    ['from another issuer', { claims: { iss: 'https://elsewhere.example' } }, 'issuer_mismatch'],
    ['for another resource', { resource: 'https://elsewhere.example/mcp' }, 'audience_mismatch'],
    ['with alg none', { key: 'none' }, 'algorithm_refused'],
    ['signed by another key', { key: 'another' }, 'signature_invalid'],
    ['signed by a key nobody knows', { header: { kid: 'nobody' } }, 'key_unknown'],
    ['without a subject', { sub: null }, 'subject_missing'],
    ['without an acting client', { claims: { client_id: undefined } }, 'client_missing'],
    ['not valid yet', { claims: { nbf: Math.floor(Date.now() / 1000) + 3600 } }, 'token_not_yet_valid'],
    ['without an expiry', { claims: { exp: undefined } }, 'token_malformed'],
    ['of a client that is no registered service', { sub: 'ide' }, 'subject_not_registered'],
    [
      'of a person the issuer says nothing about',
      { claims: { preferred_username: undefined } },
      'subject_not_registered',
    ],
    ['in Cognito’s shape, where this gateway expects an audience', cognitoShape('ana', 'ide'), 'audience_mismatch'],
  ];
  it.each(cases)('is refused %s', async (_name, options, reason) => {
    const answer = await list(await good(options));
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(
      /^Bearer error="invalid_token", error_description="[^"]+", resource_metadata="/,
    );
    expect(await lastDenial()).toMatchObject({ denial: { reason } });
  });

  it('is refused on one server with a token for another of the same gateway', async () => {
    const answer = await list(await good({ resource: stack.url('everything') }));
    expect(answer.status).toBe(401);
    expect(await lastDenial()).toMatchObject({ denial: { reason: 'audience_mismatch' }, unverified: { sub: 'ana' } });
    const whole = await list(await good({ resource: `${stack.publicUrl}/mcp` }));
    expect(whole.status).toBe(200);
  });

  it('is answered 403 insufficient_scope when only the scope is missing', async () => {
    const answer = await list(await good({ claims: { scope: 'openid' } }));
    expect(answer.status).toBe(403);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="mcp"');
    expect(await lastDenial()).toMatchObject({ denial: { reason: 'scope_missing' }, sent: '403' });
  });

  it.each([
    ['in another scheme', 'Basic YW5hOmFuYQ=='],
    ['that is no JWT', 'Bearer abc'],
    ['twice', 'Bearer a, Bearer b'],
  ])('is refused with a token %s', async (_name, authorization) => {
    const answer = await list(undefined, { authorization });
    expect(answer.status).toBe(401);
    expect(await lastDenial()).toMatchObject({ denial: { reason: 'token_malformed' } });
  });

  it('never reaches the upstream', () => {
    expect(stack.bank.requests().filter(({ method }) => method === 'POST')).toHaveLength(2);
  });
});

describe('who is who', () => {
  it('lets a registered service in under its registered groups', async () => {
    const { clientId, clientSecret } = SERVICE_CLIENT;
    const { accessToken } = await signInService({ serverUrl: url, clientId, clientSecret });
    expect((await list(accessToken)).status).toBe(200);
    const intent = (await ledger.all()).map(({ entry }) => entry).findLast((entry) => entry.type === 'call.intent');
    expect(intent).toMatchObject({
      actor: { kind: 'service', sub: 'reconciliation-agent', groups: ['reconciliation'] },
    });
  });

  it('refuses a signed-in person of no admitted group, and records what was asked for', async () => {
    const answer = await list(await good({ sub: 'amir' }));
    expect(answer.status).toBe(403);
    expect(answer.message?.error?.code).toBe(-31403);
    const denied = (await ledger.all()).map(({ entry }) => entry).findLast((entry) => entry.type === 'call.denied');
    expect(denied).toMatchObject({
      actor: { sub: 'amir' },
      denial: { reason: 'access_denied' },
      decision: { effect: 'forbid' },
      call: { method: 'tools/list' },
    });
  });
});
