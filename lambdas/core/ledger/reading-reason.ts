// Why somebody has recorded content opened: their own words, which stand in the log for good. Pure.

import { err, ok, type Result } from '../result.ts';

const MIN_REASON = 3;
export const MAX_REASON = 500;

/** The reason, trimmed: one line of plain text. */
export const readReason = (given: string): Result<string, 'missing' | 'unfit'> => {
  const text = given.trim();
  if (text.length < MIN_REASON) return err('missing');
  return text.length > MAX_REASON || /\p{Cc}/u.test(text) || !text.isWellFormed() ? err('unfit') : ok(text);
};
