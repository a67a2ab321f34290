import { createHash, createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { SignableRequest } from '../../lambdas/adapters/sigv4.ts';
import { makeUpstreamCredentials } from '../../lambdas/adapters/upstream-credentials.ts';
import type { CredentialConfig } from '../../lambdas/gateway-config.ts';
import { NOW_MS } from '../support/builders.ts';

const REQUEST: SignableRequest = {
  url: 'https://mcp.example.com/mcp',
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: '{"jsonrpc":"2.0"}',
};

const authorize = (credential: CredentialConfig, secret: string, request = REQUEST, fresh = false) => {
  const readSecret = vi.fn((_name: string, _fresh: boolean) => Promise.resolve(secret));
  const credentials = makeUpstreamCredentials(readSecret, { now: () => NOW_MS });
  return credentials.authorize(credential, request, fresh).then((headers) => ({ headers, readSecret }));
};

describe('makeUpstreamCredentials', () => {
  it('adds nothing for a server that wants nothing, and reads no secret', async () => {
    const { headers, readSecret } = await authorize({ kind: 'none' }, 's3cret');
    expect(headers).toEqual({});
    expect(readSecret).not.toHaveBeenCalled();
  });

  it('sends a bearer token', async () => {
    expect((await authorize({ kind: 'bearer', secret: 'n' }, 's3cret')).headers).toEqual({
      authorization: 'Bearer s3cret',
    });
  });

  it('sends a header of the configured name', async () => {
    const { headers } = await authorize({ kind: 'header', header: 'X-Api-Key', secret: 'n' }, 's3cret');
    expect(headers).toEqual({ 'x-api-key': 's3cret' });
  });

  it('sends name and password (RFC 7617)', async () => {
    const { headers } = await authorize({ kind: 'basic', secret: 'n' }, '{"username":"ü","password":"a:b"}');
    expect(headers).toEqual({ authorization: `Basic ${Buffer.from('ü:a:b').toString('base64')}` });
  });

  it.each(['bearer', 'basic'] as const)('asks for a fresh secret of kind %s when told to', async (kind) => {
    const secret = '{"username":"u","password":"p"}';
    const { readSecret } = await authorize({ kind, secret: 'n' }, secret, REQUEST, true);
    expect(readSecret.mock.calls).toEqual([['n', true]]);
  });

  it.each(['', 'plain', 'null', '[]', '{"username":"u"}', '{"username":"u","password":7}'])(
    'cannot use the secret %j as name and password, and does not quote it',
    async (secret) => {
      const failed = authorize({ kind: 'basic', secret: 'n' }, secret);
      await expect(failed).rejects.toMatchObject({
        code: 'CREDENTIAL_UNUSABLE',
        message: 'Secret n must be JSON with the text fields username and password',
      });
    },
  );
});

describe('Signature Version 4', () => {
  const SIGV4: CredentialConfig = { kind: 'sigv4', service: 'execute-api', region: 'us-east-1' };
  const SECRET_KEY = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';

  beforeEach(() => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', SECRET_KEY);
    vi.stubEnv('AWS_SESSION_TOKEN', undefined);
    vi.useFakeTimers({ toFake: ['Date'], now: Date.UTC(2015, 7, 30, 12, 36) });
  });
  afterEach(() => {
    vi.useRealTimers();
    vi.unstubAllEnvs();
  });

  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();

  /** The signature by the AWS documentation ("Create a signed AWS API request"), without any library. */
  const signatureOf = (request: SignableRequest, path: string, query: string, headers: Record<string, string>) => {
    const names = Object.keys(headers).toSorted();
    const canonical = [
      request.method,
      path,
      query,
      ...names.map((name) => `${name}:${headers[name]}`),
      '',
      names.join(';'),
      sha256(request.body ?? ''),
    ].join('\n');
    const scope = '20150830/us-east-1/execute-api/aws4_request';
    const toSign = ['AWS4-HMAC-SHA256', '20150830T123600Z', scope, sha256(canonical)].join('\n');
    const key = ['20150830', 'us-east-1', 'execute-api', 'aws4_request'].reduce<string | Buffer>(
      hmac,
      `AWS4${SECRET_KEY}`,
    );
    return `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/${scope}, SignedHeaders=${names.join(';')}, Signature=${hmac(key, toSign).toString('hex')}`;
  };

  it.each([
    ['a POST', REQUEST, '/mcp', ''],
    ['a GET', { ...REQUEST, method: 'GET', body: null }, '/mcp', ''],
    ['a port', { ...REQUEST, url: 'https://mcp.example.com:8443/mcp' }, '/mcp', ''],
    ['a query, sorted', { ...REQUEST, url: 'https://mcp.example.com/mcp?b=2&a=x%20y' }, '/mcp', 'a=x%20y&b=2'],
    ['a path to encode twice', { ...REQUEST, url: 'https://mcp.example.com/a%20b/mcp' }, '/a%2520b/mcp', ''],
  ])('signs %s as AWS computes it', async (_what, request, path, query) => {
    const { authorization, ...sent } = (await authorize(SIGV4, '', request)).headers;
    expect(sent).toMatchObject({
      'content-type': 'application/json',
      'x-amz-date': '20150830T123600Z',
      'x-amz-content-sha256': sha256(request.body ?? ''),
    });
    expect(sent).not.toHaveProperty('host');
    const headers = { ...sent, host: new URL(request.url).host };
    expect(authorization).toBe(signatureOf(request, path, query, headers));
  });

  it('sends and signs the session token of a role', async () => {
    vi.stubEnv('AWS_SESSION_TOKEN', 'token-of-the-role');
    const { headers } = await authorize(SIGV4, '');
    expect(headers['x-amz-security-token']).toBe('token-of-the-role');
    expect(headers['authorization']).toContain('x-amz-security-token');
  });
});
