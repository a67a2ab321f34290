import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RequestComparison } from '../../../../lambdas/core/ledger/reconcile/compare-requests.ts';
import { dayWindow } from '../../../../lambdas/core/ledger/reconcile/day-window.ts';
import { type AccessFacts, accessLine } from '../../../../local/api-gateway/access-log.ts';

const DAY = '2026-11-22';
const MINUTE = 60_000;
const windowOf = (day: string) => dayWindow(day) ?? expect.fail('a day');
const { from: MIDNIGHT, to: NEXT } = windowOf(DAY).core;
const NOON = MIDNIGHT + 720 * MINUTE;

type Entry = readonly [id: string, at: number];
type Request = readonly [id: string, at: number, facts?: AccessFacts];

const line = ([requestId, at, facts = {}]: Request): string =>
  accessLine({
    requestId,
    time: String(at),
    resourcePath: '/mcp/{server}',
    authorizerStatus: '200',
    status: '200',
    ...facts,
  });

const compare = (entries: readonly Entry[], requests: readonly Request[], day = DAY) => {
  const comparison = new RequestComparison(windowOf(day));
  for (const [id, at] of entries) comparison.entry(id, at);
  for (const request of requests) comparison.line(line(request));
  if (comparison.hasInvented) for (const [id] of entries) comparison.nameInvented(id);
  return comparison.result();
};
const NONE = { count: 0, ids: [] };

describe('RequestComparison', () => {
  it('agrees where every request has its entry', () => {
    const entries: Entry[] = [
      ['a', NOON + 5],
      ['b', NOON + 50],
    ];
    const requests: Request[] = [
      ['a', NOON],
      ['b', NOON + 40],
      ['c', NOON, { errorType: 'THROTTLED', authorizerStatus: '-' }],
    ];
    expect(compare(entries, requests)).toEqual({
      logged: 3,
      alone: 1,
      entries: 2,
      missing: NONE,
      failed: NONE,
      invented: NONE,
      repeated: NONE,
      unreadable: 0,
    });
  });

  it('names a request that no entry names', () => {
    expect(
      compare(
        [['a', NOON]],
        [
          ['a', NOON],
          ['lost', NOON],
        ],
      ),
    ).toMatchObject({ missing: { count: 1, ids: ['lost'] } });
  });

  it('names an entry whose request was never logged', () => {
    expect(
      compare(
        [
          ['a', NOON],
          ['made-up', NOON],
        ],
        [['a', NOON]],
      ),
    ).toMatchObject({
      missing: NONE,
      invented: { count: 1, ids: ['made-up'] },
    });
  });

  it('names a request that two entries name', () => {
    expect(
      compare(
        [
          ['a', NOON],
          ['a', NOON + 9],
        ],
        [['a', NOON]],
      ),
    ).toMatchObject({ repeated: { count: 1, ids: ['a'] } });
  });

  it('keeps requests apart that were refused with an error of ours', () => {
    expect(compare([], [['a', NOON, { status: '503' }]])).toMatchObject({
      missing: NONE,
      failed: { count: 1, ids: ['a'] },
    });
  });

  it('counts a line once, however often it is delivered', () => {
    const requests: Request[] = [
      ['a', NOON],
      ['a', NOON],
      ['lost', NOON],
      ['lost', NOON],
    ];
    expect(compare([['a', NOON]], requests)).toMatchObject({ logged: 2, missing: { count: 1 } });
  });

  it('keeps 50 names and counts all', () => {
    const lost = Array.from({ length: 200 }, (_, index): Request => [`lost-${index}`, NOON]);
    const { missing } = compare([], lost);
    expect(missing.count).toBe(200);
    expect(missing.ids).toHaveLength(50);
  });

  it('repeats no id that API Gateway would not have made, and counts lines that it did not write', () => {
    const comparison = new RequestComparison(windowOf(DAY));
    comparison.line(line(['Ms Silva, account 12345678', NOON]));
    comparison.line('not a line');
    expect(comparison.result()).toMatchObject({ missing: { count: 1, ids: ['‹string 26›'] }, unreadable: 1 });
  });

  it('looks over the edges of the day, and judges each request on one day only', () => {
    const entries: Entry[] = [
      ['late', NEXT + 2000],
      ['early', MIDNIGHT + 3000],
    ];
    const requests: Request[] = [
      ['late', NEXT - 1000],
      ['early', MIDNIGHT - 4000],
    ];
    for (const day of ['2026-11-21', DAY, '2026-11-23']) {
      expect(compare(entries, requests, day)).toMatchObject({ missing: NONE, invented: NONE });
    }
    expect(compare([], requests, '2026-11-21')).toMatchObject({ missing: { ids: ['early'] } });
    expect(compare([], requests)).toMatchObject({ missing: { ids: ['late'] } });
    expect(compare([], requests, '2026-11-23')).toMatchObject({ missing: NONE });
    expect(compare(entries, [])).toMatchObject({ invented: { ids: ['early'] } });
    expect(compare(entries, [], '2026-11-23')).toMatchObject({ invented: { ids: ['late'] } });
  });

  it('finds exactly what was left out or added, whatever else happened', () => {
    // API Gateway writes a dash where there is nothing to write.
    const id = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => text !== '-');
    const ids = fc.uniqueArray(id, { minLength: 1, maxLength: 60 });
    fc.assert(
      fc.property(ids, fc.infiniteStream(fc.integer({ min: 0, max: 5 })), (all, roll) => {
        const fate = new Map(all.map((id) => [id, roll.next().value]));
        const entries = all.filter((id) => fate.get(id) !== 0).map((id): Entry => [id, NOON + 10]);
        const requests = all.filter((id) => fate.get(id) !== 1).map((id): Request => [id, NOON]);
        const result = compare(entries, requests);
        expect(result.missing.count).toBe(all.filter((id) => fate.get(id) === 0).length);
        expect(result.invented.count).toBe(all.filter((id) => fate.get(id) === 1).length);
        expect(result.logged).toBe(requests.length);
      }),
    );
  });
});

describe('dayWindow', () => {
  it.each(['2026-13-01', '2026-11-2', 'today', ''])('is none for %j', (day) => {
    expect(dayWindow(day)).toBeUndefined();
  });
});
