import { describe, expect, it } from 'vitest';
import { checkSealingLag } from '../../../lambdas/core/ledger/sealing-lag.ts';
import { NOW_MS } from '../../support/builders.ts';
import { refused } from '../../support/result.ts';

const LIMIT = 900;
const lagging = (seconds: number) => checkSealingLag(NOW_MS - seconds * 1000, NOW_MS, LIMIT);

describe('checkSealingLag', () => {
  it('admits up to the limit, and refuses from the next second on', () => {
    expect(lagging(0).ok).toBe(true);
    expect(lagging(LIMIT).ok).toBe(true);
    expect(lagging(LIMIT + 0.999).ok).toBe(true);
    expect(refused(lagging(LIMIT + 1))).toEqual({ reason: 'sealing_behind', lagSeconds: 901, limitSeconds: LIMIT });
  });

  it.each([undefined, 0, -1, Number.NaN])('refuses before a run has ended: %s', (checkedAt) => {
    expect(refused(checkSealingLag(checkedAt, NOW_MS, LIMIT))).toEqual({ reason: 'sealing_unknown', detail: 'never' });
  });

  it('takes a clock that is a little ahead, and no more: a time to come would never grow old', () => {
    expect(lagging(-5 * 60).ok).toBe(true);
    expect(refused(lagging(-5 * 60 - 1))).toEqual({ reason: 'sealing_unknown', detail: 'ahead' });
  });
});
