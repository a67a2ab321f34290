// Reads a Result in a test: the value of one that must have been accepted, the refusal of one that must not.

import type { Result } from '../../lambdas/core/result.ts';

/** The value; fails the test with the refusal when there is none. */
export const accepted = <T>(result: Result<T, unknown>): T => {
  if (result.ok) return result.value;
  throw new Error(`Expected acceptance, was refused: ${JSON.stringify(result.error)}`);
};

/** The refusal; fails the test with the value when there is none. */
export const refused = <E>(result: Result<unknown, E>): E => {
  if (!result.ok) return result.error;
  throw new Error(`Expected a refusal, was accepted: ${JSON.stringify(result.value)}`);
};

/** The reason alone, or `accepted`: for tables of cases that end either way. */
export const verdict = (result: Result<unknown, { readonly reason: string }>): string =>
  result.ok ? 'accepted' : result.error.reason;
