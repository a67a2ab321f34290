import { describe, expect, it } from 'vitest';
import { unauthorizedChallenge } from '../../../lambdas/core/identity/challenge.ts';
import type { TokenRefusal } from '../../../lambdas/core/identity/claims.ts';

const URL = 'https://mcp.bank.example/.well-known/oauth-protected-resource/mcp/core-banking';
const challenge = (refusal: TokenRefusal, url = URL, scopes: readonly string[] = ['mcp']) =>
  unauthorizedChallenge(refusal, url, scopes);

type Of<Reason extends TokenRefusal['reason']> = Extract<TokenRefusal, { reason: Reason }>;
/** One of each with values that must not come out; a new reason does not compile without a line here. */
const EACH: { readonly [Reason in TokenRefusal['reason']]: Of<Reason> } = {
  token_missing: { reason: 'token_missing' },
  token_malformed: { reason: 'token_malformed', detail: 'PLANTED' },
  signature_invalid: { reason: 'signature_invalid' },
  algorithm_refused: { reason: 'algorithm_refused', got: 'PLANTED' },
  key_unknown: { reason: 'key_unknown' },
  token_expired: { reason: 'token_expired' },
  token_not_yet_valid: { reason: 'token_not_yet_valid' },
  issuer_mismatch: { reason: 'issuer_mismatch', expected: 'PLANTED', got: 'PLANTED' },
  audience_mismatch: { reason: 'audience_mismatch', expected: ['PLANTED'], got: ['PLANTED'] },
  token_use_mismatch: { reason: 'token_use_mismatch', expected: 'PLANTED', got: 'PLANTED' },
  client_missing: { reason: 'client_missing' },
  client_refused: { reason: 'client_refused', got: 'PLANTED' },
  subject_missing: { reason: 'subject_missing' },
  subject_not_registered: { reason: 'subject_not_registered', detail: 'PLANTED' },
  scope_missing: { reason: 'scope_missing', required: ['PLANTED'], got: ['PLANTED'] },
};
const { token_missing: missing, ...bad } = EACH;

describe('unauthorizedChallenge', () => {
  it('names the metadata and the scopes, and no error, to those who sent no token', () => {
    expect(challenge(missing, URL, ['mcp', 'openid'])).toBe(`Bearer resource_metadata="${URL}", scope="mcp openid"`);
  });

  it.each(Object.values(bad).map((refusal) => [refusal.reason, refusal] as const))(
    'says invalid_token and a fixed description for %s',
    (_reason, refusal) => {
      const value = challenge(refusal);
      expect(value).toMatch(
        /^Bearer error="invalid_token", error_description="[\w ;]+", resource_metadata="[^"]+", scope="mcp"$/,
      );
      expect(value).not.toContain('PLANTED');
    },
  );

  it.each([
    'https://x.example/"', // closes the quoted string
    'https://x.example/\r\nSet-Cookie: a=b',
    'https://x.example/\\',
    'https://x.example/\u0000\u007f\u0085é😀\u2028',
  ])('lets nothing out of the quotes from the URL %j', (url) => {
    const value = challenge(missing, url);
    expect(value).toMatch(/^Bearer resource_metadata="https:\/\/x\.example\/[^"\\]*", scope="mcp"$/);
    expect(value).toMatch(/^[\x20-\x7e]*$/);
  });

  it('lets nothing out of the quotes from a scope', () => {
    expect(challenge(missing, URL, ['a"b', 'c\nd'])).toBe(`Bearer resource_metadata="${URL}", scope="ab cd"`);
  });
});
