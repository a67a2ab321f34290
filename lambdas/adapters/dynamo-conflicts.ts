// What a refused write of DynamoDB means: an answer, or two transactions that met on one item.

import { setTimeout } from 'node:timers/promises';
import { TransactionCanceledException, TransactionConflictException } from '@aws-sdk/client-dynamodb';

export const hasReason = (cause: TransactionCanceledException, code: string): boolean =>
  cause.CancellationReasons?.some((reason) => reason.Code === code) ?? false;

const MAX_CONFLICTS = 5;
const CONFLICT_WAIT_MS = 20;

/**
 * Repeats a write that met another transaction on the same item: nothing was decided yet, and the SDK does not
 * repeat it by itself. A condition that failed is an answer and is not repeated.
 */
export const patiently = async <Output>(send: () => Promise<Output>): Promise<Output> => {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await send();
    } catch (cause) {
      if (attempt > MAX_CONFLICTS || !isTransient(cause)) throw cause;
      await setTimeout(CONFLICT_WAIT_MS * attempt);
    }
  }
};

const isTransient = (cause: unknown): boolean => {
  if (cause instanceof TransactionConflictException) return true;
  if (!(cause instanceof TransactionCanceledException)) return false;
  return hasReason(cause, 'TransactionConflict') && !hasReason(cause, 'ConditionalCheckFailed');
};
