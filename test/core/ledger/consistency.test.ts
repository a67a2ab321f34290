// Proofs from right edges, against the proofs that RFC 6962's own recursion makes from all leaves.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ConsistencyBuilder } from '../../../lambdas/core/ledger/consistency.ts';
import {
  consistencyProof,
  type Hash,
  isConsistent,
  leafHashOf,
  RightEdge,
  rootOf,
} from '../../../lambdas/core/ledger/merkle.ts';

const leaves: readonly Hash[] = Array.from({ length: 300 }, (_, index) => leafHashOf(`entry ${index}`));

const edgeOf = (size: number): RightEdge => {
  const edge = new RightEdge();
  for (const leaf of leaves.slice(0, size)) edge.append(leaf);
  return edge;
};
const prove = (older: RightEdge, newer: number, root = rootOf(leaves.slice(0, newer))) => {
  const builder = new ConsistencyBuilder(older, newer);
  for (const leaf of leaves.slice(builder.next, newer)) builder.append(leaf);
  return builder.proof(root);
};
const hex = (proof: readonly Hash[] | undefined) => proof?.map((hash) => Buffer.from(hash).toString('hex'));

describe('ConsistencyBuilder', () => {
  it('makes the proof of RFC 6962, for every pair of sizes up to 40', () => {
    for (let newer = 1; newer <= 40; newer += 1) {
      for (let older = 1; older <= newer; older += 1) {
        expect(hex(prove(edgeOf(older), newer))).toEqual(hex(consistencyProof(older, leaves.slice(0, newer))));
      }
    }
  });

  it('and for larger ones at random, as a witness accepts it', () => {
    const sizes = fc.tuple(fc.integer({ min: 1, max: 300 }), fc.integer({ min: 1, max: 300 }));
    fc.assert(
      fc.property(sizes, ([one, two]) => {
        const [older, newer] = [Math.min(one, two), Math.max(one, two)];
        const root = rootOf(leaves.slice(0, newer));
        const proof = prove(edgeOf(older), newer) ?? [];
        expect(isConsistent({ size: older, root: edgeOf(older).root() }, { size: newer, root }, proof)).toBe(true);
      }),
    );
  });

  it('proves nothing from the empty tree', () => {
    expect(prove(new RightEdge(), 7)).toEqual([]);
  });

  it('gives no proof from an edge that is of another tree', () => {
    const wrong = new RightEdge(6, edgeOf(6).roots.with(1, leafHashOf('other')));
    expect(prove(wrong, 11)).toBeUndefined();
    expect(prove(edgeOf(6), 11)).toBeDefined();
  });

  it('gives no proof to a root that the leaves do not lead to', () => {
    expect(prove(edgeOf(6), 11, leafHashOf('other'))).toBeUndefined();
    expect(prove(edgeOf(0), 11, leafHashOf('other'))).toBeUndefined();
    expect(prove(edgeOf(11), 11, leafHashOf('other'))).toBeUndefined();
  });

  it('refuses to be asked too early, too late or backwards', () => {
    const builder = new ConsistencyBuilder(edgeOf(3), 4);
    expect(() => builder.proof(leafHashOf(''))).toThrow('Leaf 3 of 4 comes next');
    builder.append(leafHashOf('x'));
    expect(() => builder.append(leafHashOf('x'))).toThrow('The newer tree has 4 leaves');
    expect(() => new ConsistencyBuilder(edgeOf(5), 4)).toThrow('does not continue');
  });
});
