// Why an operator does something, in words that stand in the log for good.

import { CliError } from './cli-error.ts';

const MAX_REASON = 500;

export const reasonOf = (reason: string | undefined): string => {
  const text = reason?.trim() ?? '';
  if (text.length < 3) throw new CliError('Say why, for the record: --reason "case 2026-114, disputed transfer"');
  if (text.length > MAX_REASON || /\p{Cc}/u.test(text) || !text.isWellFormed())
    throw new CliError(`--reason must be plain text of at most ${MAX_REASON} characters`);
  return text;
};
