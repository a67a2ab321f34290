// The tree of RFC 6962, against the vectors of the Certificate Transparency project (merkle_tree_test of
// google/certificate-transparency, carried on by transparency-dev/merkle): eight leaves, their roots and proofs.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  consistencyProof,
  EMPTY_ROOT,
  type Hash,
  inclusionProof,
  isConsistent,
  leafHashOf,
  nodeHash,
  RightEdge,
  rootFromInclusion,
  rootOf,
} from '../../../lambdas/core/ledger/merkle.ts';

const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];
const NODE_00 = '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7';
const NODE_23 = '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e';
const NODE_47 = '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4';
const LEAF_4 = 'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b';
const NODE_45 = '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a';
const NODE_67 = 'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0';

const hex = (hash: Uint8Array | undefined): string => Buffer.from(hash ?? '').toString('hex');
const hashes = LEAVES.map((leaf) => leafHashOf(Buffer.from(leaf, 'hex')));
const upTo = (size: number): readonly Hash[] => hashes.slice(0, size);

describe('roots', () => {
  it.each(ROOTS.map((root, size) => [size, root] as const))('of %i leaves', (size, root) => {
    const edge = new RightEdge();
    for (const hash of upTo(size)) edge.append(hash);
    expect(hex(edge.root())).toBe(root);
    expect(hex(rootOf(upTo(size)))).toBe(root);
  });

  it('of no leaf is the hash of nothing', () => {
    expect(hex(EMPTY_ROOT)).toBe(ROOTS[0]);
  });

  it('hash a leaf of any length, text and bytes alike', () => {
    expect(hex(leafHashOf('€'))).toBe(hex(leafHashOf(Buffer.from('€', 'utf8'))));
    const long = Buffer.alloc(70_000, 0x61);
    expect(hex(leafHashOf(long))).not.toBe(hex(leafHashOf(long.subarray(1))));
  });

  it('refuse a node that is not two hashes', () => {
    expect(() => nodeHash(EMPTY_ROOT, EMPTY_ROOT.subarray(1))).toThrow(RangeError);
    expect(nodeHash(EMPTY_ROOT, EMPTY_ROOT)).toHaveLength(32);
  });
});

describe('RightEdge', () => {
  it('goes on from the roots of its complete subtrees', () => {
    const edge = new RightEdge();
    for (const hash of upTo(5)) edge.append(hash);
    const resumed = new RightEdge(edge.size, edge.roots);
    const copy = edge.copy();
    for (const hash of hashes.slice(5)) resumed.append(hash);
    expect(hex(resumed.root())).toBe(ROOTS[8]);
    expect(hex(copy.root())).toBe(ROOTS[5]);
  });

  it('refuses as many roots as no tree of its size has', () => {
    expect(() => new RightEdge(5, [EMPTY_ROOT])).toThrow(RangeError);
    expect(() => new RightEdge(-1)).toThrow(RangeError);
    expect(new RightEdge(5, [EMPTY_ROOT, EMPTY_ROOT]).size).toBe(5);
  });
});

describe('inclusion proofs', () => {
  it.each([
    [0, 8, [NODE_00, NODE_23, NODE_47]],
    [5, 8, [LEAF_4, NODE_67, ROOTS[4]]],
    [2, 3, [ROOTS[2]]],
    [0, 1, []],
  ] as const)('of leaf %i in %i', (index, size, proof) => {
    expect(inclusionProof(index, upTo(size)).map(hex)).toEqual(proof);
  });

  it('lead to the root', () => {
    const proof = inclusionProof(5, hashes);
    expect(hex(rootFromInclusion(leafHashOf(Buffer.from(LEAVES[5] ?? '', 'hex')), 5, 8, proof))).toBe(ROOTS[8]);
  });

  it.each([
    ['an index beyond the tree', 8, 8, 3],
    ['a negative index', -1, 8, 3],
    ['one hash too few', 5, 8, 2],
    ['one hash too many', 5, 8, 4],
    ['a size that is no number', 5, Number.NaN, 3],
  ])('refuse %s', (_, index, size, length) => {
    expect(rootFromInclusion(EMPTY_ROOT, index, size, Array(length).fill(EMPTY_ROOT))).toBeUndefined();
    expect(rootFromInclusion(EMPTY_ROOT, 5, 8, Array(3).fill(EMPTY_ROOT))).toBeDefined();
  });

  it('are refused for a leaf that is not there', () => {
    expect(() => inclusionProof(8, hashes)).toThrow(RangeError);
  });
});

describe('consistency proofs', () => {
  it.each([
    [1, 8, [NODE_00, NODE_23, NODE_47]],
    [6, 8, [NODE_45, NODE_67, ROOTS[4]]],
    [2, 5, [NODE_23, LEAF_4]],
    [8, 8, []],
  ] as const)('from %i to %i leaves', (older, newer, proof) => {
    expect(consistencyProof(older, upTo(newer)).map(hex)).toEqual(proof);
  });

  it.each([0, 9])('are refused from %i leaves', (older) => {
    expect(() => consistencyProof(older, hashes)).toThrow(RangeError);
  });
});

const aTree = fc.integer({ min: 1, max: 70 }).chain((size) => fc.tuple(fc.constant(size), fc.nat(size - 1)));
const treeOf = (size: number): readonly Hash[] =>
  Array.from({ length: size }, (_, index) => leafHashOf(`leaf ${index}`));

describe('any tree', () => {
  it('proves each of its leaves at its index, and at no other', () => {
    fc.assert(
      fc.property(aTree, ([size, index]) => {
        const tree = treeOf(size);
        const proof = inclusionProof(index, tree);
        const leaf = tree[index] ?? EMPTY_ROOT;
        expect(hex(rootFromInclusion(leaf, index, size, proof))).toBe(hex(rootOf(tree)));
        const wrong = rootFromInclusion(leaf, (index + 1) % size, size, proof);
        expect(size > 1 && hex(wrong) === hex(rootOf(tree))).toBe(false);
      }),
    );
  });

  it('is consistent with each of its beginnings, and with nothing else', () => {
    fc.assert(
      fc.property(aTree, ([size, before]) => {
        const tree = treeOf(size);
        const older = { size: before + 1, root: rootOf(tree.slice(0, before + 1)) };
        const newer = { size, root: rootOf(tree) };
        const proof = consistencyProof(older.size, tree);
        expect(isConsistent(older, newer, proof)).toBe(true);
        expect(isConsistent({ ...older, root: EMPTY_ROOT }, newer, proof)).toBe(false);
        expect(isConsistent(older, { ...newer, root: EMPTY_ROOT }, proof)).toBe(false);
        expect(isConsistent(older, newer, [...proof, EMPTY_ROOT])).toBe(false);
        if (proof.length > 0) expect(isConsistent(older, newer, proof.slice(1))).toBe(false);
      }),
    );
  });
});
