// How far sealing lags, as numbers. Pure.

import { fromTimestamp } from '../time.ts';

const seconds = (ms: number): number => Math.max(0, ms) / 1000;

/** Age of the oldest entry that waits; positions begin with the entry's timestamp. 0 when none waits. */
export const oldestSeconds = (positions: readonly string[], now: number): number => {
  // A position that is no time was written by somebody else; the entry behind it is found by other means.
  const times = positions.map((position) => fromTimestamp(position.split('#', 1)[0] ?? '')).filter(Number.isFinite);
  return times.reduce((oldest, time) => Math.max(oldest, seconds(now - time)), 0);
};

/** From the writing of entries to the checkpoint over them; `undefined` when none was sealed. */
export const lagSeconds = (
  timestamps: readonly string[],
  signedAt: number,
): { readonly median: number; readonly max: number } | undefined => {
  const lags = timestamps.map((timestamp) => seconds(signedAt - fromTimestamp(timestamp))).sort((a, b) => a - b);
  const max = lags.at(-1);
  return max === undefined ? undefined : { median: lags[Math.floor(lags.length / 2)] ?? max, max };
};
