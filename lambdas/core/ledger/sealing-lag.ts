// How far sealing is behind, and whether a strict call may still be made. Pure.

import { err, ok, type Result } from '../result.ts';

export type SealingRefusal =
  /** Entries have waited for longer than the limit. */
  | { readonly reason: 'sealing_behind'; readonly lagSeconds: number; readonly limitSeconds: number }
  /** `never`: no run has ended yet. `ahead`: the time on record has not come. `unreadable`: it cannot be read. */
  | { readonly reason: 'sealing_unknown'; readonly detail: 'never' | 'ahead' | 'unreadable' };

/** Clocks differ; a time further ahead than this was not written by a sealer and would never grow old. */
const CLOCK_SLACK_MS = 5 * 60 * 1000;

/** `checkedAt`: epoch milliseconds; what was written before is sealed and signed. */
export const checkSealingLag = (
  checkedAt: number | undefined,
  now: number,
  limitSeconds: number,
): Result<null, SealingRefusal> => {
  if (checkedAt === undefined || !(checkedAt > 0)) return err({ reason: 'sealing_unknown', detail: 'never' });
  if (checkedAt > now + CLOCK_SLACK_MS) return err({ reason: 'sealing_unknown', detail: 'ahead' });
  const lagSeconds = Math.max(0, Math.floor((now - checkedAt) / 1000));
  return lagSeconds <= limitSeconds ? ok(null) : err({ reason: 'sealing_behind', lagSeconds, limitSeconds });
};
