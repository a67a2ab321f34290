import { describe, expect, it } from 'vitest';
import { compareSignatures } from '../../../../lambdas/core/ledger/reconcile/compare-signatures.ts';
import { dayWindow } from '../../../../lambdas/core/ledger/reconcile/day-window.ts';
import { reconciledEntry, verdictOf } from '../../../../lambdas/core/ledger/reconcile/reconciled-entry.ts';

const window = dayWindow('2026-11-22') ?? expect.fail('a day');
const NOON = window.core.from + 12 * 3600_000;
const signatures = (...seconds: number[]) => seconds.map((second) => ({ id: `e-${second}`, at: NOON + second * 1000 }));
const objects = (...seconds: number[]) => seconds.map((second) => NOON + second * 1000);
/** One signature and its object a second later, every five seconds. */
const busy = Array.from({ length: 1000 }, (_, run) => run * 5);

describe('compareSignatures', () => {
  it('agrees where each signature has its object, in the same second or minutes later', () => {
    expect(compareSignatures(window, signatures(0, 10, 20), objects(0, 11, 200))).toEqual({
      signed: 3,
      objects: 3,
      unexplained: { count: 0, ids: [] },
    });
  });

  it('names a signature for which nothing appeared', () => {
    const { unexplained } = compareSignatures(window, signatures(0, 1000, 2000), objects(1, 2001));
    expect(unexplained).toEqual({ count: 1, ids: ['e-1000'] });
  });

  it('finds the one too many in a busy day, where it was made', () => {
    const result = compareSignatures(window, signatures(...busy, 2502), objects(...busy.map((at) => at + 1)));
    expect(result.unexplained.count).toBe(1);
    expect(result.signed).toBe(result.objects + 1);
  });

  it('counts a repeated request as one too many', () => {
    expect(compareSignatures(window, signatures(0, 0), objects(1)).unexplained.count).toBe(1);
  });

  it('does not take an object long after for an explanation', () => {
    expect(compareSignatures(window, signatures(0), objects(301)).unexplained.count).toBe(1);
  });

  it('looks over the edges of the day, and counts what is of the day', () => {
    const { to } = window.core;
    const result = compareSignatures(
      window,
      [
        { id: 'last', at: to - 1000 },
        { id: 'next', at: to + 60_000 },
      ],
      [to + 1000],
    );
    expect(result).toEqual({ signed: 1, objects: 0, unexplained: { count: 0, ids: [] } });
  });

  it('has no complaint about objects without signature: CloudTrail may be late', () => {
    expect(compareSignatures(window, [], objects(1, 2))).toMatchObject({
      signed: 0,
      objects: 2,
      unexplained: { count: 0 },
    });
  });
});

describe('verdictOf', () => {
  const none = { count: 0, ids: [] };
  const counts = {
    logged: 1,
    alone: 0,
    entries: 1,
    missing: none,
    failed: none,
    invented: none,
    repeated: none,
    unreadable: 0,
  };
  const agreeing = { ok: true, result: counts } as const;
  const signed = { ok: true, result: { signed: 1, objects: 1, unexplained: none } } as const;
  const silent = { ok: false, reason: 'unavailable' } as const;
  const one = { count: 1, ids: ['x'] };

  it.each([
    ['agrees', agreeing, signed],
    ['agrees', { ok: true, result: { ...counts, failed: one, repeated: one } }, signed],
    ['differs', { ok: true, result: { ...counts, missing: one } }, signed],
    ['differs', { ok: true, result: { ...counts, invented: one } }, silent],
    ['differs', silent, { ok: true, result: { signed: 1, objects: 0, unexplained: one } }],
    ['not_checked', agreeing, silent],
    ['not_checked', silent, signed],
  ] as const)('%s', (verdict, requests, signatures) => {
    const comparison = { day: '2026-11-22', requests, signatures };
    expect(verdictOf(comparison)).toBe(verdict);
    expect(reconciledEntry({} as never, comparison)).toMatchObject({ verdict, day: '2026-11-22' });
  });
});
