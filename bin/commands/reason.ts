// Why an operator does something, in words that stand in the log for good.

import { MAX_REASON, readReason } from '../../lambdas/core/ledger/reading-reason.ts';
import { CliError } from './cli-error.ts';

export const reasonOf = (given: string | undefined): string => {
  const reason = readReason(given ?? '');
  if (reason.ok) return reason.value;
  if (reason.error === 'missing')
    throw new CliError('Say why, for the record: --reason "case 2026-114, disputed transfer"');
  throw new CliError(`--reason must be plain text of at most ${MAX_REASON} characters`);
};
