// Access tokens of any shape, for tests of whoever verifies them: real ones, forged ones, expired ones, Cognito's.
import { randomUUID } from 'node:crypto';
import { base64url, importJWK, type JWTHeaderParameters, SignJWT } from 'jose';
import { type Keys, makeSigningKey, SIGNING_ALGORITHM } from './keys.ts';
import { DEVELOPMENT_ACR, DEVELOPMENT_AMR, findPerson, personClaims } from './people.ts';

export interface MintOptions {
  /** A person, a service, or anyone at all; `null` leaves the claim out. @default 'ana' */
  readonly sub?: string | null;
  /** `aud`. @default no `aud` */
  readonly resource?: string;
  /** Replaces or adds claims; an `undefined` value removes one. @default none */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Replaces or adds header parameters; an `undefined` value removes one. @default none */
  readonly header?: Readonly<Record<string, unknown>>;
  /** `another` signs with a stranger's key under our `kid`; `none` is `alg: none`. @default 'idp' */
  readonly key?: 'idp' | 'another' | 'none';
  /** Seconds from now; negative is in the past. @default 300 */
  readonly expiresIn?: number;
}

export async function mintToken(issuer: string, signing: Keys['signing'], options: MintOptions): Promise<string> {
  const { key = 'idp' } = options;
  const payload = withoutUndefined({ ...usualClaims(issuer, options), ...options.claims });
  const alg = key === 'none' ? 'none' : SIGNING_ALGORITHM;
  const header = withoutUndefined({ alg, typ: 'at+jwt', kid: signing.kid, ...options.header });
  if (key === 'none') return `${encode(header)}.${encode(payload)}.`;
  const jwk = key === 'idp' ? signing : await makeSigningKey();
  // SignJWT insists on an `alg` it can sign with; a test that lies in the header still gets its lie signed.
  return new SignJWT(payload)
    .setProtectedHeader(header as JWTHeaderParameters)
    .sign(await importJWK(jwk, SIGNING_ALGORITHM));
}

/**
 * The shape of an Amazon Cognito access token: no `aud`, `client_id` and `token_use` instead, groups under their own
 * name, none of the person's profile.
 */
export const cognitoShape = (sub: string, clientId: string): MintOptions => ({
  sub,
  header: { typ: undefined },
  claims: {
    aud: undefined,
    client_id: clientId,
    token_use: 'access',
    'cognito:groups': findPerson(sub)?.groups ?? [],
    username: sub,
    version: 2,
    ...{ groups: undefined, name: undefined, preferred_username: undefined, email: undefined },
    ...{ acr: undefined, amr: undefined },
  },
});

function usualClaims(issuer: string, { sub = 'ana', resource, expiresIn = 300 }: MintOptions): Record<string, unknown> {
  const now = Math.floor(Date.now() / 1000);
  const person = findPerson(sub ?? '');
  return {
    iss: issuer,
    sub: sub ?? undefined,
    aud: resource,
    client_id: 'minted-for-a-test',
    scope: 'mcp',
    iat: expiresIn < 0 ? now + expiresIn - 300 : now,
    exp: now + expiresIn,
    jti: randomUUID(),
    ...(person && { ...personClaims(person), auth_time: now, acr: DEVELOPMENT_ACR, amr: DEVELOPMENT_AMR }),
  };
}

const withoutUndefined = (record: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined));

const encode = (value: unknown): string => base64url.encode(JSON.stringify(value));
