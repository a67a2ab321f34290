// The gateway's own credential for an upstream, as request headers. It comes from Secrets Manager by name and exists
// only here and on the wire: the client never sees it, and no entry holds it.

import type { Clock } from '../core/time.ts';
import type { CredentialConfig } from '../gateway-config.ts';
import { type SignableRequest, signV4 } from './sigv4.ts';

class CredentialError extends Error {
  readonly code = 'CREDENTIAL_UNUSABLE';
}

export interface UpstreamCredentials {
  /** Headers to add to this request; `fresh` after the upstream refused what was in memory. */
  authorize(credential: CredentialConfig, request: SignableRequest, fresh: boolean): Promise<Record<string, string>>;
}

type ReadSecret = (name: string, fresh: boolean) => Promise<string>;

export const makeUpstreamCredentials = (readSecret: ReadSecret, clock: Clock): UpstreamCredentials => {
  const fetchToken = makeTokenFetcher(readSecret, clock);
  return {
    authorize: async (credential, request, fresh) => {
      switch (credential.kind) {
        case 'none':
          return {};
        case 'bearer':
          return { authorization: `Bearer ${await readSecret(credential.secret, fresh)}` };
        case 'header':
          return { [credential.header.toLowerCase()]: await readSecret(credential.secret, fresh) };
        case 'basic':
          return { authorization: `Basic ${await readBasic(readSecret, credential.secret, fresh)}` };
        case 'oauth-client-credentials':
          return { authorization: `Bearer ${await fetchToken(credential, fresh)}` };
        case 'sigv4':
          return signV4(request, credential);
      }
    },
  };
};

const readFields = async <Field extends string>(
  readSecret: ReadSecret,
  secret: string,
  fields: readonly Field[],
  fresh: boolean,
): Promise<Record<Field, string>> => {
  const text = await readSecret(secret, fresh);
  const value: unknown = parse(text);
  const read = fields.map((field) => [field, isRecord(value) ? value[field] : undefined] as const);
  if (read.some(([, found]) => typeof found !== 'string')) {
    throw new CredentialError(`Secret ${secret} must be JSON with the text fields ${fields.join(' and ')}`);
  }
  return Object.fromEntries(read) as Record<Field, string>;
};

const parse = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

const readBasic = async (readSecret: ReadSecret, secret: string, fresh: boolean): Promise<string> => {
  const { username, password } = await readFields(readSecret, secret, ['username', 'password'], fresh);
  return Buffer.from(`${username}:${password}`, 'utf8').toString('base64');
};

type ClientCredentials = Extract<CredentialConfig, { kind: 'oauth-client-credentials' }>;

/** A token is used until shortly before it expires, so that none runs out on its way. */
const EXPIRY_MARGIN_MS = 30_000;
const TOKEN_TIMEOUT_MS = 10_000;

const makeTokenFetcher = (readSecret: ReadSecret, clock: Clock) => {
  const cache = new Map<string, { readonly token: string; readonly until: number }>();
  return async (credential: ClientCredentials, fresh: boolean): Promise<string> => {
    const key = JSON.stringify(credential);
    const cached = cache.get(key);
    if (cached !== undefined && !fresh && cached.until > clock.now()) return cached.token;
    const requestedAt = clock.now();
    const { token, expiresIn } = await requestToken(readSecret, credential, fresh);
    cache.set(key, { token, until: requestedAt + expiresIn * 1000 - EXPIRY_MARGIN_MS });
    return token;
  };
};

/** RFC 6749 section 4.4 with HTTP Basic client authentication (section 2.3.1). */
const requestToken = async (readSecret: ReadSecret, credential: ClientCredentials, fresh: boolean) => {
  const { client_id, client_secret } = await readFields(
    readSecret,
    credential.secret,
    ['client_id', 'client_secret'],
    fresh,
  );
  const basic = `${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`;
  const form = new URLSearchParams({ grant_type: 'client_credentials' });
  if (credential.scope !== null) form.set('scope', credential.scope);
  if (credential.resource !== null) form.set('resource', credential.resource);
  const response = await fetch(credential.tokenUrl, {
    method: 'POST',
    headers: { authorization: `Basic ${Buffer.from(basic).toString('base64')}`, accept: 'application/json' },
    body: form,
    redirect: 'error',
    signal: AbortSignal.timeout(TOKEN_TIMEOUT_MS),
  });
  const answer = parse(await response.text());
  const token = isRecord(answer) ? answer['access_token'] : undefined;
  if (!response.ok || typeof token !== 'string' || token === '') {
    throw new CredentialError(`The token endpoint of the upstream answered ${response.status} without a token`);
  }
  const expiresIn = isRecord(answer) && typeof answer['expires_in'] === 'number' ? answer['expires_in'] : 60;
  return { token, expiresIn };
};
