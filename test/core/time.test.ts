import { describe, expect, it } from 'vitest';
import { fromTimestamp, toDay, toTimestamp } from '../../lambdas/core/time.ts';
import { NOW_MS } from '../support/builders.ts';

describe('toTimestamp', () => {
  it('writes UTC with milliseconds', () => {
    expect(toTimestamp(NOW_MS + 7)).toBe('2026-11-22T10:00:00.007Z');
  });
});

describe('toDay', () => {
  it('is the UTC day, to its last millisecond', () => {
    expect(toDay(Date.UTC(2026, 10, 22, 23, 59, 59, 999))).toBe('2026-11-22');
    expect(toDay(Date.UTC(2026, 10, 23))).toBe('2026-11-23');
  });
});

describe('fromTimestamp', () => {
  it('reads back what toTimestamp wrote', () => {
    expect(fromTimestamp(toTimestamp(NOW_MS))).toBe(NOW_MS);
  });

  it('is NaN for anything else', () => {
    expect(fromTimestamp('yesterday')).toBeNaN();
  });
});
