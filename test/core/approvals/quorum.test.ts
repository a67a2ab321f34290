// Who still has to agree, against a model that tries every way of seating the approvers.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Approving } from '../../../lambdas/core/approvals/approval.ts';
import { missingOf } from '../../../lambdas/core/approvals/quorum.ts';

const by = (subject: string, ...groups: string[]): Approving => ({ issuer: 'i', subject, name: null, groups, at: 0 });
const need = (groups: readonly string[], quorum: number) => ({ groups, quorum });

/** How many places can be filled, by trying them all. */
const mostFilled = (places: readonly (readonly string[])[], approvals: readonly Approving[]): number => {
  const [place, ...rest] = places;
  if (place === undefined) return 0;
  const without = mostFilled(rest, approvals);
  const withOne = approvals
    .filter(({ groups }) => groups.some((one) => place.includes(one)))
    .map(
      (taken) =>
        1 +
        mostFilled(
          rest,
          approvals.filter((other) => other !== taken),
        ),
    );
  return Math.max(without, ...withOne);
};

describe('missingOf', () => {
  it('names what is missing, policy by policy', () => {
    const demands = [need(['payments'], 2), need(['compliance'], 1)];
    expect(missingOf(demands, [by('paul', 'payments')], [])).toEqual([
      { groups: ['payments'], people: 1 },
      { groups: ['compliance'], people: 1 },
    ]);
    expect(missingOf(demands, [by('p', 'payments'), by('q', 'payments'), by('c', 'compliance')], [])).toEqual([]);
  });

  it('moves one who fits elsewhere, so that the order of approvals does not matter', () => {
    const demands = [need(['payments'], 1), need(['compliance'], 1)];
    const both = by('petra', 'payments', 'compliance');
    expect(missingOf(demands, [both, by('paul', 'payments')], [])).toEqual([]);
    expect(missingOf(demands, [by('paul', 'payments'), both], [])).toEqual([]);
    expect(missingOf(demands, [both], [])).toHaveLength(1);
  });

  it('lets the group that stands in fill any place, and counts its members once', () => {
    const demands = [need(['payments'], 2)];
    expect(missingOf(demands, [by('d', 'duty')], ['duty'])).toEqual([{ groups: ['payments'], people: 1 }]);
    expect(missingOf(demands, [by('d', 'duty')], [])).toEqual([{ groups: ['payments'], people: 2 }]);
    expect(missingOf(demands, [by('d', 'duty'), by('e', 'duty')], ['duty'])).toEqual([]);
  });

  it('fills as many places as any seating could', () => {
    const group = fc.constantFrom('a', 'b', 'c');
    const demand = fc.record({
      groups: fc.uniqueArray(group, { minLength: 1, maxLength: 2 }),
      quorum: fc.integer({ min: 1, max: 2 }),
    });
    const groups = fc.uniqueArray(group, { maxLength: 3 });
    fc.assert(
      fc.property(fc.array(demand, { maxLength: 3 }), fc.array(groups, { maxLength: 4 }), (demands, people) => {
        const approvals = people.map((memberOf, at) => by(String(at), ...memberOf));
        const places = demands.flatMap(({ groups: of, quorum }) => Array.from({ length: quorum }, () => of));
        const missing = missingOf(demands, approvals, []).reduce((sum, { people: count }) => sum + count, 0);
        expect(missing).toBe(places.length - mostFilled(places, approvals));
      }),
    );
  });
});
