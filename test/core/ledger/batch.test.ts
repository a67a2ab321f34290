import { describe, expect, it } from 'vitest';
import { predecessorsOf, toBatch } from '../../../lambdas/core/ledger/batch.ts';
import type { Entry } from '../../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../../lambdas/core/ledger/line.ts';
import { intentEntry, openEntry, outcomeEntry, segmentEntry } from '../../support/builders.ts';

const at = (entry: Entry, ts: string) => {
  const { partition, sort, position, line, leafHash } = toWalEntry({ ...entry, ts } as Entry);
  return { partition, sort, position, line, leaf: leafHash, body: null };
};
const T = (second: number) => `2026-11-22T10:00:0${second}.000Z`;
const typesOf = (items: ReturnType<typeof toBatch>) => items.items.map(({ entry }) => entry.type);

describe('predecessorsOf', () => {
  const sorts = (entry: Entry) => predecessorsOf(toWalEntry(entry)).map(({ sort }) => sort);

  it('has every intent rest on the opening of its session, and the rest on the intent', () => {
    expect(sorts(openEntry())).toEqual([]);
    expect(sorts(intentEntry({ seq: '7' }))).toEqual(['entry#000000000000#0']);
    expect(sorts(outcomeEntry({ seq: '7' }))).toEqual(['entry#000000000007#1']);
    expect(sorts(segmentEntry({ seq: '7', part: '1' }))).toEqual(['entry#000000000007#1']);
    expect(sorts(segmentEntry({ seq: '7', part: '2' }))).toEqual(['entry#000000000007#2#000001']);
  });

  it('has entries outside sessions rest on nothing', () => {
    expect(predecessorsOf({ partition: 'day#2026-11-22', sort: 'x' })).toEqual([]);
  });
});

describe('toBatch', () => {
  it('orders by stamp', () => {
    const batch = toBatch([at(outcomeEntry(), T(3)), at(openEntry(), T(1)), at(intentEntry(), T(2))]);
    expect(typesOf(batch)).toEqual(['session.open', 'call.intent', 'call.outcome']);
    expect(batch.deferred).toBe(0);
  });

  it('leaves for the next segment what clocks put before that on which it rests', () => {
    const skewed = [at(openEntry(), T(2)), at(intentEntry(), T(1)), at(outcomeEntry(), T(3))];
    const first = toBatch(skewed);
    expect(typesOf(first)).toEqual(['session.open']);
    expect(first.deferred).toBe(2);
    expect(typesOf(toBatch(skewed.slice(1)))).toEqual(['call.intent', 'call.outcome']);
  });

  it('sets aside a line that does not have its leaf hash, and one that is no entry', () => {
    const good = at(openEntry(), T(1));
    const edited = { ...at(intentEntry(), T(2)), line: '{"v":1}' };
    const batch = toBatch([good, edited]);
    expect(typesOf(batch)).toEqual(['session.open']);
    expect(batch.damaged).toMatchObject([{ sort: edited.sort, storedLeaf: edited.leaf, detail: 'leaf_mismatch' }]);
  });
});
