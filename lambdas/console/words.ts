// Times as a person reads them.

import { toTimestamp } from '../core/time.ts';

export const minutes = (ms: number): string => {
  const left = Math.max(0, Math.round(ms / 60_000));
  return left >= 120 ? `${Math.round(left / 60)} hours` : `${left} minutes`;
};

export const when = (epochMs: number): string => `${toTimestamp(epochMs).slice(0, 16).replace('T', ' ')} UTC`;
