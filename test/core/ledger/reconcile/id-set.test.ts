import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdSet } from '../../../../lambdas/core/ledger/reconcile/id-set.ts';

describe('IdSet', () => {
  it('knows what was put in, with its flags, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.string({ maxLength: 3 }), fc.integer({ min: 0, max: 7 }))), (marks) => {
        const set = new IdSet();
        const model = new Map<string, number>();
        for (const [id, flags] of marks) {
          set.mark(id, flags);
          model.set(id, (model.get(id) ?? 0) | flags);
        }
        expect(set.size).toBe(model.size);
        for (const [id, flags] of model) expect(set.get(id)).toBe(flags);
        expect(set.get('not there')).toBeUndefined();
        expect(set.count(1, 2)).toBe([...model.values()].filter((flags) => (flags & 3) === 1).length);
      }),
    );
  });

  it('grows past its first size without losing one', () => {
    const set = new IdSet();
    for (let index = 0; index < 20_000; index += 1) set.mark(`id-${index}`, index % 2);
    expect(set.size).toBe(20_000);
    expect(set.count(1, 0)).toBe(10_000);
    for (let index = 0; index < 20_000; index += 97) expect(set.get(`id-${index}`)).toBe(index % 2);
  });
});
