// Sign-in of people to the console: OpenID Connect, authorization code with PKCE (RFC 7636), state and nonce.

import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretPost,
  type Configuration,
  calculatePKCECodeChallenge,
  discovery,
  None,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from 'openid-client';
import type { VerifiedClaims } from '../core/identity/claims.ts';

class SignInError extends Error {
  readonly code = 'SIGN_IN_UNAVAILABLE';
}

/** What must come back with the answer of the issuer. */
interface SignInChecks {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface SignInProvider {
  /** Where the browser goes. `anew`: the person must sign in again, whatever session the issuer keeps. */
  begin(want: {
    readonly anew: boolean;
    readonly acr: readonly string[];
  }): Promise<SignInChecks & { readonly url: string }>;
  /** Claims of the verified ID token; `undefined` when the answer is not the one that was asked for. */
  finish(callback: URL, checks: SignInChecks): Promise<VerifiedClaims | undefined>;
}

export interface SignInClient {
  readonly issuer: string;
  readonly clientId: string;
  /** `null`: a public client. */
  readonly secret: (() => Promise<string>) | null;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
}

export const makeSignInProvider = (client: SignInClient): SignInProvider => {
  let known: Promise<Configuration> | undefined;
  const configuration = (): Promise<Configuration> => {
    known ??= discover(client);
    known.catch(() => {
      known = undefined;
    });
    return known;
  };
  return {
    begin: async ({ anew, acr }) => {
      const checks = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(await configuration(), {
        redirect_uri: client.redirectUri,
        scope: client.scopes.join(' '),
        state: checks.state,
        nonce: checks.nonce,
        code_challenge: await calculatePKCECodeChallenge(checks.verifier),
        code_challenge_method: 'S256',
        // `max_age=0` also makes the issuer say in the ID token when the sign-in was.
        ...(anew ? { prompt: 'login', max_age: '0' } : {}),
        ...(acr.length > 0 ? { acr_values: acr.join(' ') } : {}),
      });
      return { ...checks, url: url.href };
    },
    finish: async (callback, { state, nonce, verifier }) => {
      const found = await configuration();
      try {
        const tokens = await authorizationCodeGrant(found, callback, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        return tokens.claims();
      } catch {
        return undefined;
      }
    },
  };
};

const discover = async (client: SignInClient): Promise<Configuration> => {
  const issuer = new URL(client.issuer);
  const authentication = client.secret === null ? None() : ClientSecretPost(await client.secret());
  // The configuration lets an issuer be http on a loopback address only.
  const execute = issuer.protocol === 'http:' ? [allowInsecureRequests] : [];
  try {
    return await discovery(issuer, client.clientId, undefined, authentication, { execute });
  } catch (cause) {
    throw new SignInError('The issuer of the console could not be found', { cause });
  }
};
