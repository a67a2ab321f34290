import { createHmac, createPublicKey, type JsonWebKeyInput } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeysUnavailableError, makeTokenVerifier } from '../../lambdas/adapters/token-verifier.ts';
import type { IdentityConfig } from '../../lambdas/gateway-config.ts';
import { type Idp, startIdp } from '../../local/idp/idp.ts';
import { cognitoShape, type MintOptions } from '../../local/idp/mint.ts';
import { anIdentity } from '../support/builders.ts';
import { accepted, refused, verdict } from '../support/result.ts';
import { json, listen } from './loopback.ts';

let idp: Idp;
beforeAll(async () => {
  idp = await startIdp({ port: 0, dataDir: null, isResource: () => true });
});
afterAll(() => idp.close());

let late = 0;
const clock = { now: () => Date.now() + late };

const verifier = (over: Partial<IdentityConfig> = {}) =>
  makeTokenVerifier(anIdentity({ issuer: idp.issuer, jwksUri: idp.jwksUri, ...over }), clock);
const verify = async (options: MintOptions = {}) => verifier().verify(await idp.mint(options));

describe('makeTokenVerifier', () => {
  it('hands on the claims of a token that the issuer signed', async () => {
    const claims = accepted(await verify({ sub: 'petra', resource: 'https://a.example' }));
    expect(claims).toMatchObject({ iss: idp.issuer, sub: 'petra', aud: 'https://a.example', scope: 'mcp' });
  });

  it('leaves audience, subject and client to the rules of our configuration', async () => {
    expect(await verify({ sub: null })).toMatchObject({ ok: true });
    expect(accepted(await verify(cognitoShape('paul', 'c')))).toMatchObject({ token_use: 'access', client_id: 'c' });
    expect(accepted(await verify({ claims: { exp: undefined } }))).not.toHaveProperty('exp');
  });

  const hour = Math.floor(Date.now() / 1000) + 3600;
  const cases: readonly [string, MintOptions, string][] = [
    ['that has expired', { expiresIn: -1 }, 'token_expired'],
    ['that is not valid yet', { claims: { nbf: hour } }, 'token_not_yet_valid'],
    ['of another issuer', { claims: { iss: 'https://evil.example' } }, 'issuer_mismatch'],
    ['of no issuer', { claims: { iss: undefined } }, 'issuer_mismatch'],
    ['signed by another key under the issuer’s key id', { key: 'another' }, 'signature_invalid'],
    ['with alg none', { key: 'none' }, 'algorithm_refused'],
    ['with a key id that the issuer does not have', { header: { kid: 'unknown' } }, 'key_unknown'],
    ['without a key id', { header: { kid: undefined } }, 'key_unknown'],
    ['whose key id is no text', { header: { kid: 7 } }, 'token_malformed'],
    ['whose expiry is no number', { claims: { exp: 'never' } }, 'token_malformed'],
  ];
  it.each(cases)('refuses a token %s', async (_what, options, reason) => {
    expect(verdict(await verify(options))).toBe(reason);
  });

  it('says which issuer it expected and got', async () => {
    expect(refused(await verify({ claims: { iss: 'https://evil.example' } }))).toEqual({
      reason: 'issuer_mismatch',
      expected: idp.issuer,
      got: 'https://evil.example',
    });
  });

  it.each([
    '',
    'a',
    'a.b',
    'a.b.c',
    '..',
    'e30.e30.',

    `${Buffer.from('[]').toString('base64url')}.e30.e30`,
  ])('refuses %j as no token', async (token) => {
    expect(verdict(await verifier().verify(token))).toBe('token_malformed');
  });

  const parts = async () => (await idp.mint()).split('.') as [string, string, string];
  const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const decode = (part: string) => JSON.parse(Buffer.from(part, 'base64url').toString());

  it('refuses a token whose claims were changed', async () => {
    const [header, payload, signature] = await parts();
    const changed = `${header}.${encode({ ...decode(payload), sub: 'admin' })}.${signature}`;
    expect(verdict(await verifier().verify(changed))).toBe('signature_invalid');
  });

  it('refuses a token signed by HMAC with the issuer’s public key', async () => {
    const [header, payload] = await parts();
    const { keys } = (await (await fetch(idp.jwksUri)).json()) as { keys: JsonWebKeyInput['key'][] };
    const key = createPublicKey({ key: keys[0] ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const signed = `${encode({ ...decode(header), alg: 'HS256' })}.${payload}`;
    const forged = `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
    expect(verdict(await verifier().verify(forged))).toBe('algorithm_refused');
  });

  describe('with the keys', () => {
    it('fetched once for many tokens', async () => {
      const keys = await (await fetch(idp.jwksUri)).json();
      const server = await listen((response) => json(response, keys));
      const one = verifier({ jwksUri: server.url });
      const tokens = await Promise.all([idp.mint(), idp.mint(), idp.mint()]);
      for (const token of tokens) expect(verdict(await one.verify(token))).toBe('accepted');
      expect(server.asked).toHaveLength(1);
    });

    it('fetched no more often for a flood of unknown key ids, which stay refusals', async () => {
      const keys = await (await fetch(idp.jwksUri)).json();
      const server = await listen((response) => json(response, keys));
      const one = verifier({ jwksUri: server.url });
      for (const kid of ['a', 'b', 'c', 'd'])
        expect(verdict(await one.verify(await idp.mint({ header: { kid } })))).toBe('key_unknown');
      expect(server.asked).toHaveLength(1);
      expect(verdict(await one.verify(await idp.mint()))).toBe('accepted');
    });

    it('fetched again after ten minutes, so that a key the issuer withdrew is trusted no longer', async () => {
      let keys: unknown = await (await fetch(idp.jwksUri)).json();
      const server = await listen((response) => json(response, keys));
      const one = verifier({ jwksUri: server.url });
      const token = await idp.mint();
      expect(verdict(await one.verify(token))).toBe('accepted');
      keys = { keys: [] };
      expect(verdict(await one.verify(token))).toBe('accepted');
      late = 10 * 60 * 1000;
      try {
        expect(verdict(await one.verify(token))).toBe('key_unknown');
      } finally {
        late = 0;
      }
    });

    it.each<[string, (response: ServerResponse) => void]>([
      ['a fault', (response) => json(response, { keys: [] }, 503)],
      ['no JSON', (response) => void response.end('<html>')],
      ['JSON that is no key set', (response) => json(response, { keys: 'none' })],
      ['a redirect', (response) => void response.writeHead(302, { location: idp.jwksUri }).end()],
      ['more than a key set', (response) => json(response, { keys: [], padding: 'x'.repeat(300_000) })],
    ])('not to be had (%s), it refuses nobody and fails, time after time', async (_what, answer) => {
      const server = await listen(answer);
      const one = verifier({ jwksUri: server.url });
      const token = await idp.mint();
      await expect(one.verify(token)).rejects.toBeInstanceOf(KeysUnavailableError);
      await expect(one.verify(token)).rejects.toMatchObject({ code: 'JWKS_UNAVAILABLE' });
    });

    it('unreachable, it fails', async () => {
      const one = verifier({ jwksUri: 'http://127.0.0.1:9/jwks' });
      await expect(one.verify(await idp.mint())).rejects.toBeInstanceOf(KeysUnavailableError);
    });

    it('back again, it goes on', async () => {
      const keys = await (await fetch(idp.jwksUri)).json();
      let up = false;
      const server = await listen((response) => (up ? json(response, keys) : json(response, {}, 500)));
      const one = verifier({ jwksUri: server.url });
      await expect(one.verify(await idp.mint())).rejects.toBeInstanceOf(KeysUnavailableError);
      up = true;
      expect(verdict(await one.verify(await idp.mint()))).toBe('accepted');
    });
  });
});
