import { describe, expect, it } from 'vitest';
import { newId, systemClock } from '../../lambdas/adapters/clock.ts';

describe('newId', () => {
  it('makes UUIDs of version 7, in order of time', () => {
    const ids = Array.from({ length: 1000 }, newId);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(ids).toEqual(ids.toSorted());
    expect(new Set(ids).size).toBe(1000);
  });
});

describe('systemClock', () => {
  it('says epoch milliseconds', () => {
    const before = Date.now();
    expect(systemClock.now()).toBeGreaterThanOrEqual(before);
  });
});
