import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { makeUpstreamCredentials } from '../../lambdas/adapters/upstream-credentials.ts';
import type { CredentialConfig } from '../../lambdas/gateway-config.ts';
import { json, listen } from './loopback.ts';

type OAuth = Extract<CredentialConfig, { kind: 'oauth-client-credentials' }>;
type Answer = (response: ServerResponse) => void;

const REQUEST = { url: 'https://mcp.example.com/mcp', method: 'POST', headers: {}, body: null };
const SECRET = '{"client_id":"a:b","client_secret":"ü &"}';
const token =
  (name: string, more: object = { expires_in: 3600 }): Answer =>
  (response) =>
    json(response, { access_token: name, token_type: 'Bearer', ...more });

/** A token endpoint that gives the answers in turn, the last one for ever, and a client of it with a clock. */
const start = async (answers: readonly Answer[], over: Partial<OAuth> = {}, secret = SECRET) => {
  let at = 0;
  const server = await listen((response) => {
    answers[Math.min(at, answers.length - 1)]?.(response);
    at += 1;
  });
  const clock = { time: 0, now: () => clock.time };
  const readSecret = vi.fn((_name: string, _fresh: boolean) => Promise.resolve(secret));
  const credentials = makeUpstreamCredentials(readSecret, clock);
  const config: OAuth = {
    kind: 'oauth-client-credentials',
    tokenUrl: `${server.url}/token`,
    secret: 'n',
    scope: null,
    resource: null,
    ...over,
  };
  const authorize = async (fresh = false, other: Partial<OAuth> = {}) =>
    (await credentials.authorize({ ...config, ...other }, REQUEST, fresh))['authorization'];
  return { authorize, clock, readSecret, asked: server.asked };
};

describe('OAuth client credentials', () => {
  it('asks as RFC 6749 section 4.4 says, with the credentials of section 2.3.1', async () => {
    const { authorize, asked } = await start([token('t1')], {
      scope: 'mcp read',
      resource: 'https://mcp.example.com/mcp',
    });
    expect(await authorize()).toBe('Bearer t1');
    expect(asked[0]).toMatchObject({
      method: 'POST',
      url: '/token',
      headers: {
        authorization: `Basic ${Buffer.from('a%3Ab:%C3%BC%20%26').toString('base64')}`,
        'content-type': expect.stringContaining('application/x-www-form-urlencoded'),
      },
    });
    expect(Object.fromEntries(new URLSearchParams(asked[0]?.body))).toEqual({
      grant_type: 'client_credentials',
      scope: 'mcp read',
      resource: 'https://mcp.example.com/mcp',
    });
  });

  it('leaves out scope and resource where none is configured', async () => {
    const { authorize, asked } = await start([token('t1')]);
    await authorize();
    expect(asked[0]?.body).toBe('grant_type=client_credentials');
  });

  it('uses a token until half a minute before it expires', async () => {
    const { authorize, clock, asked } = await start([token('t1', { expires_in: 100 }), token('t2')]);
    await authorize();
    clock.time = 69_999;
    expect(await authorize()).toBe('Bearer t1');
    expect(asked).toHaveLength(1);
    clock.time = 70_000;
    expect(await authorize()).toBe('Bearer t2');
  });

  it('takes a token of unknown life for one of a minute', async () => {
    const { authorize, clock } = await start([token('t1', { expires_in: '3600' }), token('t2')]);
    await authorize();
    clock.time = 29_999;
    expect(await authorize()).toBe('Bearer t1');
    clock.time = 30_000;
    expect(await authorize()).toBe('Bearer t2');
  });

  it('asks anew, with a fresh secret, when told to', async () => {
    const { authorize, readSecret } = await start([token('t1'), token('t2')]);
    await authorize();
    expect(await authorize(true)).toBe('Bearer t2');
    expect(await authorize()).toBe('Bearer t2');
    expect(readSecret.mock.calls).toEqual([
      ['n', false],
      ['n', true],
    ]);
  });

  it('keeps the tokens of different configurations apart', async () => {
    const { authorize } = await start([token('t1'), token('t2')]);
    expect(await authorize()).toBe('Bearer t1');
    expect(await authorize(false, { scope: 'other' })).toBe('Bearer t2');
    expect(await authorize()).toBe('Bearer t1');
  });

  it.each<[string, Answer, number]>([
    ['a refusal', (response) => json(response, { error: 'invalid_client', access_token: 'PLANTED' }, 401), 401],
    ['a fault', (response) => void response.writeHead(500).end('PLANTED'), 500],
    ['no JSON', (response) => void response.end('<html>PLANTED'), 200],
    ['no token', (response) => json(response, { token_type: 'Bearer' }), 200],
    ['a token that is no text', (response) => json(response, { access_token: 7 }), 200],
    ['a list', (response) => json(response, ['PLANTED']), 200],
    ['null', (response) => json(response, null), 200],
  ])('has no credential when the endpoint answers with %s', async (_what, answer, status) => {
    const { authorize } = await start([answer, token('t2')]);
    await expect(authorize()).rejects.toMatchObject({
      code: 'CREDENTIAL_UNUSABLE',
      message: `The token endpoint of the upstream answered ${status} without a token`,
    });
    expect(await authorize(), 'and a failure is not remembered').toBe('Bearer t2');
  });

  it('follows no redirect with the client’s secret', async () => {
    const elsewhere = await listen((response) => json(response, { access_token: 'stolen' }));
    const { authorize } = await start([(response) => void response.writeHead(307, { location: elsewhere.url }).end()]);
    await expect(authorize()).rejects.toThrow();
    expect(elsewhere.asked).toEqual([]);
  });

  it('needs a secret with client id and secret', async () => {
    const { authorize, asked } = await start([token('t1')], {}, '{"client_id":"a"}');
    await expect(authorize()).rejects.toMatchObject({ code: 'CREDENTIAL_UNUSABLE' });
    expect(asked).toEqual([]);
  });
});
