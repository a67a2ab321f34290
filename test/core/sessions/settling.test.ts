import { describe, expect, it } from 'vitest';
import { toWalEntry } from '../../../lambdas/core/ledger/line.ts';
import { callsOf, type SeenCall, type SeenPlace, stateOf } from '../../../lambdas/core/sessions/settling.ts';
import { gapEntry, intentEntry, outcomeEntry, segmentEntry, unknownEntry } from '../../support/builders.ts';

const seen = (...entries: Parameters<typeof toWalEntry>[0][]): SeenPlace[] =>
  entries
    .map(toWalEntry)
    .map(({ sort, type, leafHash }) => ({ sort, type, leaf: leafHash }))
    .toSorted((a, b) => (a.sort < b.sort ? -1 : 1));

async function* listed(places: readonly SeenPlace[]) {
  yield* places;
}

const calls = async (places: readonly SeenPlace[], from: number, to: number): Promise<SeenCall[]> => {
  const found: SeenCall[] = [];
  for await (const call of callsOf(listed(places), { from, to })) found.push(call);
  return found;
};

describe('callsOf', () => {
  it('puts the entries of each number together, and names numbers that left nothing', async () => {
    const second = { seq: '2' };
    const places = seen(
      intentEntry(),
      outcomeEntry(),
      intentEntry(second),
      segmentEntry(second),
      segmentEntry({ ...second, part: '2' }),
      unknownEntry(second),
      gapEntry({ seq: '5' }),
    );
    expect(await calls(places, 1, 6)).toMatchObject([
      { seq: 1, first: 'intent', intentLeaf: places[0]?.leaf, parts: 0, last: 'outcome' },
      { seq: 2, first: 'intent', parts: 2, last: 'unknown' },
      { seq: 3, first: null, parts: 0, last: null },
      { seq: 4, first: null },
      { seq: 5, first: 'gap', last: null },
      { seq: 6, first: null },
    ]);
  });

  it('begins where it is told to, and ends there', async () => {
    expect(await calls([], 7, 8)).toMatchObject([{ seq: 7 }, { seq: 8 }]);
    expect(await calls([], 7, 6)).toEqual([]);
  });

  it('passes over places that are none of a call', async () => {
    const places = [{ sort: 'entry#000000000001#0', type: 'session.open', leaf: '' }, ...seen(intentEntry())];
    expect(await calls(places, 1, 1)).toMatchObject([{ seq: 1, first: 'intent' }]);
  });
});

describe('stateOf', () => {
  const call = { seq: 1, first: 'intent', intentLeaf: '', parts: 0, last: 'outcome' } as const;
  it.each<[string, Partial<SeenCall>, string]>([
    ['an outcome', {}, 'settled'],
    ['a call.unknown', { last: 'unknown' }, 'settled'],
    ['a gap', { first: 'gap', last: null }, 'settled'],
    ['an intent alone', { last: null }, 'unanswered'],
    ['an intent with parts', { last: null, parts: 3 }, 'unanswered'],
    ['nothing', { first: null, last: null }, 'missing'],
    // A gap would say that no call went out, and one did.
    ['an outcome whose intent is gone', { first: null }, 'broken'],
    ['parts whose intent is gone', { first: null, last: null, parts: 1 }, 'broken'],
  ])('of %s', (_what, over, expected) => {
    expect(stateOf({ ...call, ...over })).toBe(expected);
  });
});
