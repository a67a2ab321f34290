import { describe, expect, it } from 'vitest';
import { lagSeconds, oldestSeconds } from '../../../lambdas/core/ledger/sealing-measures.ts';
import { toTimestamp } from '../../../lambdas/core/time.ts';
import { NOW_MS } from '../../support/builders.ts';

const ago = (ms: number): string => toTimestamp(NOW_MS - ms);

describe('oldestSeconds', () => {
  it('is the age of the oldest position', () => {
    expect(oldestSeconds([`${ago(1000)}#b`, `${ago(61_500)}#a`, `${ago(2000)}#c`], NOW_MS)).toBe(61.5);
  });

  it('is 0 when nothing waits, and for a clock ahead of ours', () => {
    expect(oldestSeconds([], NOW_MS)).toBe(0);
    expect(oldestSeconds([`${ago(-5000)}#a`], NOW_MS)).toBe(0);
  });

  it('passes over a position that is no time', () => {
    expect(oldestSeconds(['zzz', `${ago(3000)}#a`], NOW_MS)).toBe(3);
  });
});

describe('lagSeconds', () => {
  it('is the median and the longest way from an entry to its checkpoint', () => {
    expect(lagSeconds([ago(1000), ago(9000), ago(3000)], NOW_MS)).toEqual({ median: 3, max: 9 });
    expect(lagSeconds([ago(500)], NOW_MS)).toEqual({ median: 0.5, max: 0.5 });
  });

  it('is nothing when nothing was sealed', () => {
    expect(lagSeconds([], NOW_MS)).toBeUndefined();
  });
});
