// The authorization server's protocol: what it refuses, and the nearest request that it accepts.
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Idp, startIdp } from '../../local/idp/idp.ts';
import { SERVICE_CLIENT } from '../../local/idp/people.ts';
import { visit } from '../../local/sign-in/browser.ts';

const RESOURCE = 'http://127.0.0.1:9/mcp/core-banking';
const OTHER_RESOURCE = 'http://127.0.0.1:9/mcp/everything';
const REDIRECT = 'http://127.0.0.1:8123/callback';
const VERIFIER = 'a-code-verifier-of-at-least-forty-three-characters';
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

/** `undefined` leaves a parameter out that the usual request has. */
type Parameters = Record<string, string | undefined>;
type Answer = { status: number; body: Record<string, unknown> };

let idp: Idp;
let clientId: string;

beforeAll(async () => {
  const isResource = (url: string) => [RESOURCE, OTHER_RESOURCE].includes(url);
  idp = await startIdp({ port: 0, dataDir: null, isResource, accessTokenSeconds: 90 });
  clientId = await register(idp);
});
afterAll(() => idp.close());

const encode = (parameters: Parameters) =>
  new URLSearchParams(Object.entries(parameters).filter((entry): entry is [string, string] => entry[1] !== undefined));

async function register(at: Idp): Promise<string> {
  const body = JSON.stringify({
    client_name: 'Test',
    redirect_uris: [REDIRECT],
    grant_types: ['authorization_code', 'refresh_token'],
    token_endpoint_auth_method: 'none',
  });
  const headers = { 'content-type': 'application/json' };
  const response = await fetch(`${at.issuer}/register`, { method: 'POST', headers, body });
  return ((await response.json()) as { client_id: string }).client_id;
}

const authorizationUrl = (change: Parameters = {}, at = idp): URL =>
  new URL(
    `${at.issuer}/authorize?${encode({
      response_type: 'code',
      client_id: clientId,
      redirect_uri: REDIRECT,
      state: 'state',
      scope: 'mcp',
      resource: RESOURCE,
      code_challenge: CHALLENGE,
      code_challenge_method: 'S256',
      ...change,
    })}`,
  );

/** Signs Ana in; what came back to the client. */
const authorize = async (change: Parameters = {}, at = idp): Promise<URLSearchParams> => {
  const redirectUri = change['redirect_uri'] ?? REDIRECT;
  return (await visit({ authorizationUrl: authorizationUrl(change, at), person: 'ana', redirectUri })).searchParams;
};

async function token(parameters: Parameters, { at = idp, secret = '' } = {}): Promise<Answer> {
  const credentials = btoa(`${SERVICE_CLIENT.clientId}:${secret}`);
  const headers = { ...(secret !== '' && { authorization: `Basic ${credentials}` }) };
  const response = await fetch(`${at.issuer}/token`, { method: 'POST', headers, body: encode(parameters) });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const exchange = (code: string | null, change: Parameters = {}, at = idp): Promise<Answer> =>
  token(
    {
      grant_type: 'authorization_code',
      code: code ?? '',
      client_id: clientId,
      redirect_uri: REDIRECT,
      code_verifier: VERIFIER,
      resource: RESOURCE,
      ...change,
    },
    { at },
  );

const refresh = (refreshToken: unknown): Promise<Answer> =>
  token({ grant_type: 'refresh_token', refresh_token: String(refreshToken), client_id: clientId });

describe('metadata', () => {
  it('is the same under both well-known names and offers what MCP clients look for', async () => {
    const [oauth, openid] = await Promise.all(
      ['oauth-authorization-server', 'openid-configuration'].map(async (name) =>
        (await fetch(`${idp.issuer}/.well-known/${name}`)).json(),
      ),
    );
    expect(oauth).toEqual(openid);
    expect(oauth).toMatchObject({
      issuer: idp.issuer,
      jwks_uri: idp.jwksUri,
      registration_endpoint: `${idp.issuer}/register`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      client_id_metadata_document_supported: true,
      scopes_supported: expect.arrayContaining(['mcp']),
    });
    expect(oauth).not.toHaveProperty('dpop_signing_alg_values_supported');
  });
});

describe('authorization', () => {
  it('answers a whole request with a code and the issuer', async () => {
    const answer = await authorize();
    expect(answer.get('code')).toBeTruthy();
    expect(answer.get('iss')).toBe(idp.issuer);
    expect(answer.get('state')).toBe('state');
  });

  const refusals: [string, Parameters, string][] = [
    ['without a PKCE challenge', { code_challenge: undefined, code_challenge_method: undefined }, 'invalid_request'],
    ['with a plain PKCE challenge', { code_challenge: VERIFIER, code_challenge_method: 'plain' }, 'invalid_request'],
    ['for a resource that is not ours', { resource: 'https://mcp.bank.example/mcp' }, 'invalid_target'],
    ['for a scope of the gateway without a resource', { resource: undefined, scope: 'openid mcp' }, 'invalid_target'],
    ['for no scope and no resource', { resource: undefined, scope: undefined }, 'invalid_target'],
  ];
  it.each(refusals)('refuses a request %s', async (_what, change, error) => {
    expect((await authorize(change)).get('error')).toBe(error);
  });

  it('never redirects to an address that was not registered', async () => {
    const response = await fetch(authorizationUrl({ redirect_uri: 'http://127.0.0.1:8123/other' }), {
      redirect: 'manual',
    });
    expect(response.status).toBe(400);
    expect(response.headers.get('location')).toBeNull();
  });

  it('takes the registered loopback address on any port (RFC 8252)', async () => {
    expect((await authorize({ redirect_uri: 'http://127.0.0.1:50000/callback' })).get('code')).toBeTruthy();
  });

  it('signs a person in to a console, which asks for no resource', async () => {
    const answer = await authorize({ scope: 'openid profile email', resource: undefined, nonce: 'n' });
    const { body } = await exchange(answer.get('code'), { resource: undefined });
    expect(decodeJwt(String(body['id_token']))).toMatchObject({
      sub: 'ana',
      name: 'Ana Silva',
      groups: ['analysts'],
      nonce: 'n',
    });
    expect(String(body['access_token']).split('.')).toHaveLength(1);
  });
});

describe('tokens', () => {
  it('are JWT access tokens (RFC 9068) that say who, through what and for which server', async () => {
    const { body } = await exchange((await authorize()).get('code'));
    const claims = decodeJwt(String(body['access_token']));
    expect(decodeProtectedHeader(String(body['access_token']))).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    expect(claims).toMatchObject({
      iss: idp.issuer,
      aud: RESOURCE,
      sub: 'ana',
      client_id: clientId,
      scope: 'mcp',
      groups: ['analysts'],
      name: 'Ana Silva',
      preferred_username: 'ana',
      email: 'ana.silva@sample-bank.example',
      amr: ['user'],
      auth_time: expect.any(Number),
      acr: expect.any(String),
    });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(90);
  });

  it('give the default scope to a request without one', async () => {
    const { body } = await exchange((await authorize({ scope: undefined })).get('code'));
    expect(body).toMatchObject({ scope: 'mcp' });
  });

  const refusals: [string, Parameters, string][] = [
    ['a wrong verifier', { code_verifier: VERIFIER.toUpperCase() }, 'invalid_grant'],
    ['no verifier', { code_verifier: undefined }, 'invalid_grant'],
    ['another redirect address', { redirect_uri: 'http://127.0.0.1:1/callback' }, 'invalid_grant'],
    ['a resource the person did not allow', { resource: OTHER_RESOURCE }, 'invalid_target'],
  ];
  it.each(refusals)('refuse a code with %s', async (_what, change, error) => {
    const answer = await exchange((await authorize()).get('code'), change);
    expect(answer).toMatchObject({ status: 400, body: { error } });
  });

  it('refuse a replayed code and take back what its first use gave', async () => {
    const code = (await authorize()).get('code');
    const first = await exchange(code);
    expect(first.status).toBe(200);
    expect(await exchange(code)).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(first.body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
  });

  it('refuse a spent refresh token and take back its successor', async () => {
    const first = await exchange((await authorize()).get('code'));
    const second = await refresh(first.body['refresh_token']);
    expect(decodeJwt(String(second.body['access_token']))).toMatchObject({ sub: 'ana', aud: RESOURCE, amr: ['user'] });
    expect(await refresh(first.body['refresh_token'])).toMatchObject({ status: 400, body: { error: 'invalid_grant' } });
    expect(await refresh(second.body['refresh_token'])).toMatchObject({
      status: 400,
      body: { error: 'invalid_grant' },
    });
  });

  it('go to the registered service, for a named resource only', async () => {
    const secret = SERVICE_CLIENT.clientSecret;
    const wanted = { grant_type: 'client_credentials', scope: 'mcp' };
    const { body } = await token({ ...wanted, resource: RESOURCE }, { secret });
    expect(decodeJwt(String(body['access_token']))).toMatchObject({
      sub: 'reconciliation-agent',
      aud: RESOURCE,
      scope: 'mcp',
    });
    expect(await token(wanted, { secret })).toMatchObject({ body: { error: 'invalid_target' } });
    expect(await token({ ...wanted, resource: RESOURCE }, { secret: 'guess' })).toMatchObject({ status: 401 });
  });
});

describe('a restart', () => {
  it('forgets nothing: key, client, grant and refresh token', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'countersign-idp-'));
    const options = { dataDir, isResource: (url: string) => url === RESOURCE };
    const before = await startIdp({ port: 0, ...options });
    const known = { client_id: await register(before) };
    const { body } = await exchange((await authorize(known, before)).get('code'), known, before);
    const keys = await (await fetch(before.jwksUri)).json();
    await before.close();
    const after = await startIdp({ port: before.port, ...options });
    expect(await (await fetch(after.jwksUri)).json()).toEqual(keys);
    const parameters = { grant_type: 'refresh_token', refresh_token: String(body['refresh_token']), ...known };
    expect(await token(parameters, { at: after })).toMatchObject({ status: 200 });
    expect(await token(parameters, { at: after })).toMatchObject({ status: 400 });
    await after.close();
    await rm(dataDir, { recursive: true });
  });
});
