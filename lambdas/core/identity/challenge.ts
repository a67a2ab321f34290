// The `WWW-Authenticate` challenge of a refused token (RFC 6750 section 3, RFC 9728 section 5.1). Pure.

import type { TokenRefusal } from './claims.ts';

const quoted = (value: string): string => `"${value.replaceAll(/[^\x20-\x7e]|["\\]/g, '')}"`;

/**
 * The challenge of a 401. `error` is left out when no token was sent (RFC 6750 section 3.1). The description names
 * the rule, never a value: which issuer or audience we expect stands in the metadata anyway.
 */
export const unauthorizedChallenge = (
  refusal: TokenRefusal,
  metadataUrl: string,
  scopes: readonly string[],
): string => {
  const parameters = [`resource_metadata=${quoted(metadataUrl)}`, `scope=${quoted(scopes.join(' '))}`];
  if (refusal.reason !== 'token_missing') {
    parameters.unshift('error="invalid_token"', `error_description=${quoted(describe(refusal))}`);
  }
  return `Bearer ${parameters.join(', ')}`;
};

const describe = (refusal: Exclude<TokenRefusal, { reason: 'token_missing' }>): string => {
  switch (refusal.reason) {
    case 'token_malformed':
    case 'signature_invalid':
    case 'algorithm_refused':
    case 'key_unknown':
      return 'The access token is not one that the issuer signed';
    case 'token_expired':
      return 'The access token has expired';
    case 'token_not_yet_valid':
      return 'The access token is not valid yet';
    case 'issuer_mismatch':
      return 'The access token comes from another issuer';
    case 'audience_mismatch':
      return 'The access token is for another resource; ask for one with this resource indicator';
    case 'token_use_mismatch':
      return 'This is not an access token';
    case 'client_missing':
    case 'client_refused':
      return 'The client is not allowed here';
    case 'subject_missing':
    case 'subject_not_registered':
      return 'The access token belongs to no person and no registered service';
    case 'scope_missing':
      return 'The access token lacks a required scope';
  }
};
