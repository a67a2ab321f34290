// The identity provider's secrets, made at first start and kept in its store: the signing key and the cookie key.
import { randomBytes } from 'node:crypto';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose';
import type { Store } from './store.ts';

/** RS256: what Cognito, Entra ID and Okta sign with, and one of the algorithms aws-jwt-verify takes. */
export const SIGNING_ALGORITHM = 'RS256';

export interface Keys {
  /** Private JWK with `kid`, `alg` and `use`. */
  readonly signing: JWK & { readonly kid: string };
  readonly cookies: string;
}

export async function makeSigningKey(): Promise<Keys['signing']> {
  const { privateKey } = await generateKeyPair(SIGNING_ALGORITHM, { extractable: true });
  const jwk = await exportJWK(privateKey);
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: SIGNING_ALGORITHM, use: 'sig' };
}

export async function loadKeys(store: Store): Promise<Keys> {
  const stored = store.get('keys') as Keys | undefined;
  if (stored !== undefined) return stored;
  const keys: Keys = { signing: await makeSigningKey(), cookies: randomBytes(32).toString('base64url') };
  await store.set('keys', keys);
  return keys;
}
