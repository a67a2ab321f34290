// Minted tokens against the verifier the gateway uses: each shape it must refuse, beside the one it must take.
import { JwtVerifier } from 'aws-jwt-verify';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Idp, startIdp } from '../../local/idp/idp.ts';
import { cognitoShape, type MintOptions } from '../../local/idp/mint.ts';

const RESOURCE = 'http://127.0.0.1:9/mcp/core-banking';

let idp: Idp;
let verify: (token: string, audience: string | null) => Promise<object>;

beforeAll(async () => {
  idp = await startIdp({ port: 0, dataDir: null, isResource: () => true });
  const jwksCache = new SimpleJwksCache({ fetcher: { fetch: async (uri) => (await fetch(uri)).arrayBuffer() } });
  const verifier = JwtVerifier.create({ issuer: idp.issuer, audience: null, jwksUri: idp.jwksUri }, { jwksCache });
  verify = (token, audience) => verifier.verify(token, { audience });
});
afterAll(() => idp.close());

describe('mint', () => {
  it('makes a token like the real ones', async () => {
    const token = await idp.mint({ sub: 'petra', resource: RESOURCE });
    expect(await verify(token, RESOURCE)).toMatchObject({ sub: 'petra', scope: 'mcp', preferred_username: 'petra' });
  });

  it('makes a token of nobody the identity provider knows, without claims of a person', async () => {
    const claims = await verify(await idp.mint({ sub: 'stranger', resource: RESOURCE }), RESOURCE);
    expect(claims).not.toHaveProperty('groups');
  });

  const refused: [string, MintOptions, string][] = [
    ['another key under our key id', { key: 'another' }, 'JwtInvalidSignatureError'],
    ['no signature', { key: 'none' }, 'JwtParseError'],
    ['a key id we do not have', { header: { kid: 'unknown' } }, 'KidNotFoundInJwksError'],
    ['another issuer', { claims: { iss: 'https://evil.example' } }, 'JwtInvalidIssuerError'],
    ['another audience', { resource: `${RESOURCE}-other` }, 'JwtInvalidAudienceError'],
    ['an expiry in the past', { expiresIn: -60 }, 'JwtExpiredError'],
  ];
  it.each(refused)('makes a token with %s, which does not verify', async (_what, options, name) => {
    const token = await idp.mint({ resource: RESOURCE, ...options });
    const refusal = await verify(token, RESOURCE).catch((error: Error) => error);
    expect(refusal.constructor.name).toBe(name);
  });

  it('leaves out the subject when told to', async () => {
    expect(await verify(await idp.mint({ sub: null, resource: RESOURCE }), RESOURCE)).not.toHaveProperty('sub');
  });

  it('makes the shape of Cognito, which verifies only for those who ask for no audience', async () => {
    const token = await idp.mint(cognitoShape('paul', 'a-client'));
    await expect(verify(token, RESOURCE)).rejects.toThrow();
    const claims = await verify(token, null);
    expect(claims).toMatchObject({ sub: 'paul', client_id: 'a-client', token_use: 'access' });
    expect(claims).toHaveProperty(['cognito:groups'], ['payments-approvers']);
    expect(claims).not.toHaveProperty('aud');
  });
});
