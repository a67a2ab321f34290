// The bearer token of a request (RFC 6750 section 2.1). Only the header counts: a token in a query string would be
// logged by everything on the way. Pure.

import { err, ok, type Result } from '../result.ts';
import type { TokenRefusal } from './claims.ts';

/** Longer than any real access token; bounds the work an unauthenticated caller can cause. */
const MAX_TOKEN_LENGTH = 16_384;

export const readBearer = (authorization: string | undefined): Result<string, TokenRefusal> => {
  if (authorization === undefined || authorization.trim() === '') return err({ reason: 'token_missing' });
  const token = /^Bearer +([A-Za-z0-9._~+/=-]+) *$/i.exec(authorization)?.[1];
  if (token === undefined) return err({ reason: 'token_malformed', detail: 'expected "Bearer" and one token' });
  return token.length > MAX_TOKEN_LENGTH ? err({ reason: 'token_malformed', detail: 'too long' }) : ok(token);
};
