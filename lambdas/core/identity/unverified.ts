// What a refused token said of itself, for the entry of its refusal. The type keeps it from being taken for a fact. Pure.

import { outlineName, outlineUri } from '../masking/outline.ts';
import { parseUpstreamMessage } from '../mcp/answer.ts';

/** Claims that nobody vouched for. */
export type UnverifiedClaims = Readonly<Record<string, string>> & { readonly __unverified?: never };

const SHOWN = ['iss', 'sub', 'aud', 'client_id', 'azp'] as const;
const MAX_AUDIENCES = 4;

// Anyone can send anything here: identifiers and the hosts of URLs stay, the rest is reduced to its kind and size.
const shownClaim = (value: unknown): string => {
  if (typeof value === 'string') return value.includes('://') ? outlineUri(value) : outlineName(value);
  if (!Array.isArray(value)) return `‹${typeof value}›`;
  const shown = value.slice(0, MAX_AUDIENCES).map((item) => (Array.isArray(item) ? '‹array›' : shownClaim(item)));
  return value.length > MAX_AUDIENCES ? `${shown.join(' ')} ‹${value.length - MAX_AUDIENCES} more›` : shown.join(' ');
};

/** The identifying claims of a token that did not verify, as they may be shown; `null` when it cannot even be read. */
export const decomposeUnverifiedToken = (token: string): UnverifiedClaims | null => {
  const payload = token.split('.')[1];
  if (payload === undefined) return null;
  const claims = parseUpstreamMessage(Buffer.from(payload, 'base64url').toString('utf8'));
  if (claims === undefined) return null;
  const shown = SHOWN.flatMap((claim) => {
    const value = claims[claim];
    if (value === undefined) return [];
    return [[claim, shownClaim(value)] as const];
  });
  return Object.fromEntries(shown);
};
