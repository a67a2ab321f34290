// Signature, issuer and time of an access token, by aws-jwt-verify with one key cache for the life of the process.
// Audience, client and scope are rules of our configuration and live in core/identity/claims.ts.

import { JwtVerifier } from 'aws-jwt-verify';
import {
  FetchError,
  JwkInvalidKtyError,
  JwkInvalidUseError,
  JwtExpiredError,
  JwtInvalidClaimError,
  JwtInvalidIssuerError,
  JwtInvalidSignatureAlgorithmError,
  JwtInvalidSignatureError,
  JwtNotBeforeError,
  JwtParseError,
  JwtWithoutValidKidError,
  KidNotFoundInJwksError,
  WaitPeriodNotYetEndedJwkError,
} from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import type { TokenRefusal, VerifiedClaims } from '../core/identity/claims.ts';
import { decomposeUnverifiedToken } from '../core/identity/unverified.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { Clock } from '../core/time.ts';
import type { IdentityConfig } from '../gateway-config.ts';

export interface TokenVerifier {
  /** Refuses a bad token; throws when the keys could not be had, since that says nothing about the token. */
  verify(token: string): Promise<Result<VerifiedClaims, TokenRefusal>>;
}

export class KeysUnavailableError extends Error {
  readonly code = 'JWKS_UNAVAILABLE';
}

const JWKS_TIMEOUT_MS = 3000;
/** The library's key cache never forgets: a key that the issuer withdrew would be trusted while the process lives. */
const KEYS_FRESH_MS = 10 * 60 * 1000;
const MAX_JWKS_BYTES = 256 * 1024;

/** Fetches the JWKS with a deadline and without redirects. aws-jwt-verify's own fetcher speaks https only. */
const fetchJwks = async (uri: string): Promise<ArrayBuffer> => {
  const response = await fetch(uri, { redirect: 'error', signal: AbortSignal.timeout(JWKS_TIMEOUT_MS) });
  if (!response.ok) throw new FetchError(uri, `status ${response.status}`);
  const bytes = await response.arrayBuffer();
  if (bytes.byteLength > MAX_JWKS_BYTES) throw new FetchError(uri, 'the key set is too large');
  return bytes;
};

export const makeTokenVerifier = (identity: IdentityConfig, clock: Clock): TokenVerifier => {
  const create = () =>
    JwtVerifier.create(
      {
        issuer: identity.issuer,
        jwksUri: identity.jwksUri,
        // Explicitly not here: which audience holds depends on the server that was asked for.
        audience: null,
      },
      { jwksCache: new SimpleJwksCache({ fetcher: { fetch: fetchJwks } }) },
    );
  let verifier = create();
  let freshUntil = clock.now() + KEYS_FRESH_MS;
  return {
    verify: async (token) => {
      const algorithm = unverifiedAlgorithm(token);
      if (algorithm === 'none') return err({ reason: 'algorithm_refused', got: algorithm });
      if (clock.now() >= freshUntil) {
        verifier = create();
        freshUntil = clock.now() + KEYS_FRESH_MS;
      }
      try {
        return ok(await verifier.verify(token));
      } catch (cause) {
        const refusal = refusalOf(cause, token, identity.issuer);
        if (refusal !== undefined) return err(refusal);
        throw new KeysUnavailableError('The keys of the token issuer could not be had', { cause });
      }
    },
  };
};

/** `alg` of the header, unverified; the library calls a token without a signature malformed, which tells less. */
const unverifiedAlgorithm = (token: string): unknown => {
  try {
    const header: unknown = JSON.parse(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString('utf8'));
    return typeof header === 'object' && header !== null && 'alg' in header ? header.alg : undefined;
  } catch {
    return undefined;
  }
};

const shown = (value: unknown): string => (typeof value === 'string' ? value.slice(0, 200) : typeof value);

/** The refusal that a library error stands for; `undefined` when the failure is ours and not the token's. */
const refusalOf = (cause: unknown, token: string, issuer: string): TokenRefusal | undefined => {
  if (cause instanceof JwtExpiredError) return { reason: 'token_expired' };
  if (cause instanceof JwtNotBeforeError) return { reason: 'token_not_yet_valid' };
  if (cause instanceof JwtInvalidSignatureAlgorithmError) {
    return { reason: 'algorithm_refused', got: shown(cause.failedAssertion.actual) };
  }
  if (cause instanceof JwtInvalidSignatureError) return { reason: 'signature_invalid' };
  if (cause instanceof JwtInvalidIssuerError) {
    return {
      reason: 'issuer_mismatch',
      expected: issuer,
      got: decomposeUnverifiedToken(token)?.['iss'] ?? '',
    };
  }
  if (cause instanceof JwtParseError || cause instanceof JwtInvalidClaimError) {
    return { reason: 'token_malformed', detail: 'not a signed JWT with the expected claims' };
  }
  return isUnknownKey(cause) ? { reason: 'key_unknown' } : undefined;
};

// A token that names no key of the issuer. While the library waits before it fetches again, an unknown key id is
// still an unknown key id: it must not let a flood of forged tokens turn into "try again" answers.
const isUnknownKey = (cause: unknown): boolean =>
  cause instanceof KidNotFoundInJwksError ||
  cause instanceof WaitPeriodNotYetEndedJwkError ||
  cause instanceof JwtWithoutValidKidError ||
  cause instanceof JwkInvalidUseError ||
  cause instanceof JwkInvalidKtyError;
