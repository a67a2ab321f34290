// The Merkle tree of RFC 6962 section 2 (unchanged in RFC 9162): roots, inclusion and consistency proofs. Pure.
// Hashes are 32-byte buffers. Proof checking follows RFC 9162 sections 2.1.3.2 and 2.1.4.2.

import { hash } from 'node:crypto';

export type Hash = Uint8Array;

const HASH_BYTES = 32;

// A log has as many nodes as leaves: hashing them in one call each, from two buffers that are made once, takes a third of
// the time that a hash object per node does. Nothing of them outlives a call.
const NODE = Buffer.alloc(1 + 2 * HASH_BYTES, 1);
const LEAF = Buffer.alloc(64 * 1024, 0);

/** By way of a string: its bytes come from a pool, where each buffer that `hash` makes is an allocation of its own. */
const sha256 = (bytes: Uint8Array): Hash => Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');

/** MTH({}) = SHA-256(). */
export const EMPTY_ROOT: Hash = hash('sha256', '', 'buffer');

/** MTH({d}) = SHA-256(0x00 || d). */
export const leafHashOf = (leaf: Uint8Array | string): Hash => {
  const bytes = typeof leaf === 'string' ? Buffer.from(leaf, 'utf8') : leaf;
  if (bytes.length >= LEAF.length) return sha256(Buffer.concat([Uint8Array.of(0), bytes]));
  LEAF.set(bytes, 1);
  return sha256(LEAF.subarray(0, bytes.length + 1));
};

/** SHA-256(0x01 || left || right). */
export const nodeHash = (left: Hash, right: Hash): Hash => {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES)
    throw new RangeError('A node has two hashes of 32 bytes');
  NODE.set(left, 1);
  NODE.set(right, 1 + HASH_BYTES);
  return sha256(NODE);
};

/**
 * The right edge of a tree: the roots of its maximal complete subtrees, largest first (a "compact range"). Leaves are
 * appended in O(log n) memory; this is all a sealer keeps of a log, and all a verifier needs to stream through one.
 */
export class RightEdge {
  #size: number;
  readonly #roots: Hash[];

  constructor(size = 0, roots: readonly Hash[] = []) {
    if (!Number.isSafeInteger(size) || size < 0 || roots.length !== countOnes(size)) {
      throw new RangeError(`A tree of ${size} leaves has ${countOnes(size)} complete subtrees, got ${roots.length}`);
    }
    this.#size = size;
    this.#roots = [...roots];
  }

  get size(): number {
    return this.#size;
  }

  /** Roots of the complete subtrees, largest first. */
  get roots(): readonly Hash[] {
    return this.#roots;
  }

  append(leaf: Hash): void {
    let hash = leaf;
    // Each trailing one bit of the size is a complete subtree as large as the one just finished.
    for (let size = this.#size; size % 2 === 1; size = Math.floor(size / 2)) {
      const left = this.#roots.pop();
      if (left !== undefined) hash = nodeHash(left, hash);
    }
    this.#roots.push(hash);
    this.#size += 1;
  }

  root(): Hash {
    return this.#roots.length === 0 ? EMPTY_ROOT : this.#roots.reduceRight((right, left) => nodeHash(left, right));
  }

  copy(): RightEdge {
    return new RightEdge(this.#size, this.#roots);
  }
}

const countOnes = (size: number): number => {
  let ones = 0;
  for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) ones += rest % 2;
  return ones;
};

/** Largest power of two below `size` (RFC 6962's k), for a size of at least 2. */
const splitPoint = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

/** MTH of leaf hashes. For whole logs use {@link RightEdge}; this is for ranges. */
export const rootOf = (leaves: readonly Hash[]): Hash => {
  const edge = new RightEdge();
  for (const leaf of leaves) edge.append(leaf);
  return edge.root();
};

/** PATH(index, leaves): the sibling hashes from the leaf up (RFC 6962 section 2.1.1). */
export const inclusionProof = (index: number, leaves: readonly Hash[]): readonly Hash[] => {
  if (index < 0 || index >= leaves.length) throw new RangeError(`No leaf ${index} in a tree of ${leaves.length}`);
  if (leaves.length === 1) return [];
  const split = splitPoint(leaves.length);
  return index < split
    ? [...inclusionProof(index, leaves.slice(0, split)), rootOf(leaves.slice(split))]
    : [...inclusionProof(index - split, leaves.slice(split)), rootOf(leaves.slice(0, split))];
};

/** PROOF(oldSize, leaves): shows that the first `oldSize` leaves are a prefix (RFC 6962 section 2.1.2). */
export const consistencyProof = (oldSize: number, leaves: readonly Hash[]): readonly Hash[] => {
  if (oldSize < 1 || oldSize > leaves.length) throw new RangeError(`No tree of ${oldSize} in one of ${leaves.length}`);
  return subProof(oldSize, leaves, true);
};

const subProof = (oldSize: number, leaves: readonly Hash[], complete: boolean): readonly Hash[] => {
  if (oldSize === leaves.length) return complete ? [] : [rootOf(leaves)];
  const split = splitPoint(leaves.length);
  return oldSize <= split
    ? [...subProof(oldSize, leaves.slice(0, split), complete), rootOf(leaves.slice(split))]
    : [...subProof(oldSize - split, leaves.slice(split), false), rootOf(leaves.slice(0, split))];
};

type Side = 'left' | 'right';

/**
 * On which side each sibling of a proof stands, from the leaf (or subtree) `index` up to the root of a tree whose last
 * one is `last`; `undefined` when a proof of this length does not fit. The loop of RFC 9162 sections 2.1.3.2, 2.1.4.2.
 */
const sidesOf = (index: number, last: number, length: number): readonly Side[] | undefined => {
  const sides: Side[] = [];
  let at = index;
  let end = last;
  const up = (): void => {
    at = Math.floor(at / 2);
    end = Math.floor(end / 2);
  };
  while (sides.length < length) {
    if (end === 0) return undefined;
    const left = at % 2 === 1 || at === end;
    sides.push(left ? 'left' : 'right');
    // A last node without a sibling rises unchanged until it is a right child.
    while (left && at % 2 === 0 && at !== 0) up();
    up();
  }
  return end === 0 ? sides : undefined;
};

const fold = (start: Hash, proof: readonly Hash[], sides: readonly Side[]): Hash =>
  proof.reduce(
    (hash, sibling, step) => (sides[step] === 'left' ? nodeHash(sibling, hash) : nodeHash(hash, sibling)),
    start,
  );

/** The root that an inclusion proof leads to; `undefined` when the proof has the wrong shape. RFC 9162, 2.1.3.2. */
export const rootFromInclusion = (
  leaf: Hash,
  index: number,
  size: number,
  proof: readonly Hash[],
): Hash | undefined => {
  const sides = isIndex(index, size) ? sidesOf(index, size - 1, proof.length) : undefined;
  return sides === undefined ? undefined : fold(leaf, proof, sides);
};

const isIndex = (index: number, size: number): boolean =>
  Number.isSafeInteger(index) && Number.isSafeInteger(size) && index >= 0 && index < size;

export interface TreeHead {
  readonly size: number;
  readonly root: Hash;
}

/** Whether `older` is a prefix of `newer` by this proof. RFC 9162, 2.1.4.2. */
export const isConsistent = (older: TreeHead, newer: TreeHead, proof: readonly Hash[]): boolean => {
  if (older.size === newer.size) return proof.length === 0 && equal(older.root, newer.root);
  if (!isIndex(older.size - 1, newer.size) || proof.length === 0) return false;
  const [first, ...rest] = isPowerOfTwo(older.size) ? [older.root, ...proof] : proof;
  // The largest complete subtree that ends at the older tree's last leaf is where both trees part.
  const shift = largestPowerDividing(older.size);
  const sides = sidesOf(older.size / shift - 1, Math.floor((newer.size - 1) / shift), rest.length);
  if (first === undefined || sides === undefined) return false;
  // Only left siblings belong to the older tree.
  const inOlder = rest.filter((_, step) => sides[step] === 'left');
  const oldRoot = inOlder.reduce((hash, sibling) => nodeHash(sibling, hash), first);
  return equal(oldRoot, older.root) && equal(fold(first, rest, sides), newer.root);
};

const largestPowerDividing = (size: number): number => {
  let power = 1;
  while (size % (power * 2) === 0) power *= 2;
  return power;
};

const isPowerOfTwo = (size: number): boolean => countOnes(size) === 1;

const equal = (left: Hash, right: Hash): boolean => Buffer.compare(left, right) === 0;
