// Finding a day among years of segments by asking for few.

import { describe, expect, it } from 'vitest';
import type { LogTimes } from '../../lambdas/adapters/s3-log-times.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { checkpointName, segmentName } from '../../lambdas/core/ledger/log-layout.ts';
import { packLines } from '../../lambdas/core/ledger/packing.ts';
import { dayWindow } from '../../lambdas/core/ledger/reconcile/day-window.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { type NamingEntry, namingEntries, signedObjects } from '../../lambdas/reconciler/sealed-day.ts';
import { deniedEntry } from '../support/builders.ts';

const FIRST = Date.UTC(2024, 0, 1);
const EVERY_MS = 600_000;
const COUNT = 150_000;
const PER_SEGMENT = 7;
const window = dayWindow('2026-05-05') ?? expect.fail('a day');

/** Three years of segments and checkpoints, made when they are asked for. */
const years = (count = COUNT) => {
  let asked = 0;
  let read = 0;
  const at = (name: string, prefix: string, nameOf: (index: number) => string): number => {
    // The first whose name comes after `name`.
    let [low, high] = [0, count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (name === prefix || nameOf(middle) <= name) [low, high] = name === prefix ? [0, 0] : [middle + 1, high];
      else high = middle;
    }
    return low;
  };
  const nameOf = (prefix: string) => (index: number) =>
    prefix === 'seg/' ? segmentName(index * PER_SEGMENT) : checkpointName((index + 1) * PER_SEGMENT);
  const object = (prefix: string, index: number) => ({
    name: nameOf(prefix)(index),
    appearedAt: FIRST + index * EVERY_MS,
  });
  const times: LogTimes = {
    firstAfter: (prefix, after) => {
      asked += 1;
      const index = at(after, prefix, nameOf(prefix));
      return Promise.resolve(index < count ? object(prefix, index) : undefined);
    },
    listAfter: async function* (prefix, after) {
      if (prefix !== 'seg/' && prefix !== 'ckpt/') return;
      for (let index = at(after, prefix, nameOf(prefix)); index < count; index += 1)
        yield await Promise.resolve(object(prefix, index));
    },
  };
  const log = {
    get: (name: string) => {
      read += 1;
      const index = Number(name.slice(4, 20)) / PER_SEGMENT;
      const denied = deniedEntry({ ts: toTimestamp(FIRST + index * EVERY_MS - 5000) });
      const entry = { ...denied, req: { apigw: `r-${index}`, ip: '' } } as typeof denied;
      return Promise.resolve(packLines([toWalEntry(entry).line]));
    },
  };
  return { ports: { times, log }, asked: () => asked, read: () => read };
};

describe('namingEntries', () => {
  it('reads the segments of the day and a day after, and asks for few others', async () => {
    const { ports, asked, read } = years();
    const found: NamingEntry[] = [];
    for await (const entry of namingEntries(ports, window, () => undefined)) found.push(entry);
    const ofDay = found.filter(({ at }) => at >= window.core.from && at < window.core.to);
    expect(ofDay).toHaveLength(144);
    expect(found[0]?.at).toBeLessThan(window.core.from);
    expect(asked()).toBeLessThan(45);
    expect(read()).toBeLessThan(144 * 2 + 10);
  });

  it.each([0, 1, 2, 3])('reads a log of %i segments from its beginning', async (count) => {
    const { ports } = years(count);
    const first = dayWindow('2024-01-01') ?? expect.fail('a day');
    const found: NamingEntry[] = [];
    for await (const entry of namingEntries(ports, first, () => undefined)) found.push(entry);
    expect(found).toHaveLength(count);
  });
});

describe('signedObjects', () => {
  it('lists those of the span', async () => {
    const { ports, asked } = years();
    expect(await signedObjects(ports, window.core)).toHaveLength(144);
    expect(asked()).toBeLessThan(45);
  });
});
