// What a refused token said of itself, for the entry of its refusal. The type keeps it from being taken for a fact. Pure.

import { parseUpstreamMessage } from '../mcp/answer.ts';

/** Claims that nobody vouched for. */
export type UnverifiedClaims = Readonly<Record<string, string>> & { readonly __unverified?: never };

const SHOWN = ['iss', 'sub', 'aud', 'client_id', 'azp'] as const;
const MAX_LENGTH = 200;

// An attacker's JSON can be nested until JSON.stringify overflows the stack, so only flat lists are written out.
const shownClaim = (value: unknown): string => {
  if (Array.isArray(value)) return JSON.stringify(value.filter((item) => typeof item === 'string'));
  return typeof value === 'object' ? '‹object›' : String(value);
};

/** The identifying claims of a token that did not verify, cut short; `null` when it cannot even be read. */
export const decomposeUnverifiedToken = (token: string): UnverifiedClaims | null => {
  const payload = token.split('.')[1];
  if (payload === undefined) return null;
  const claims = parseUpstreamMessage(Buffer.from(payload, 'base64url').toString('utf8'));
  if (claims === undefined) return null;
  const shown = SHOWN.flatMap((claim) => {
    const value = claims[claim];
    if (value === undefined) return [];
    // Well-formed after the cut: a lone surrogate has no canonical form, and the refusal could not be recorded.
    return [[claim, shownClaim(value).slice(0, MAX_LENGTH).toWellFormed()] as const];
  });
  return Object.fromEntries(shown);
};
