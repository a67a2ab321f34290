// Consistency proofs (RFC 6962 section 2.1.2) for whoever keeps only right edges: the nodes of a proof are complete
// subtrees of the older tree, which its edge has, and roots over leaves that came later, which are streamed past. Pure.

import { type Hash, isConsistent, RightEdge, type TreeHead } from './merkle.ts';

/** Leaves from `from` up to, not including, `to`. */
type Range = readonly [from: number, to: number];

/** The ranges whose roots make up PROOF(older, D[newer]), in the order of the proof. */
const proofRanges = (older: number, newer: number): readonly Range[] => {
  const ranges: Range[] = [];
  let [from, to] = [0, newer];
  // RFC 6962's SUBPROOF, from the root down to where the older tree ends.
  while (older < to) {
    const middle = from + splitPoint(to - from);
    if (older <= middle) {
      ranges.push([middle, to]);
      to = middle;
    } else {
      ranges.push([from, middle]);
      from = middle;
    }
  }
  // The subtree that ends where the older tree does is left out when it is the whole older tree.
  if (from > 0) ranges.push([from, to]);
  return ranges.reverse();
};

/** Largest power of two below `size`. */
const splitPoint = (size: number): number => {
  let split = 1;
  while (split * 2 < size) split *= 2;
  return split;
};

/** Where the complete subtrees of a tree lie, largest first. */
const peakRanges = (size: number): readonly Range[] => {
  const ranges: Range[] = [];
  let from = 0;
  let power = 1;
  while (power * 2 <= size) power *= 2;
  for (; power >= 1; power /= 2) {
    if (size - from < power) continue;
    ranges.push([from, from + power]);
    from += power;
  }
  return ranges;
};

/** Builds the proof from an older tree to a newer one while the leaves between them go by. */
export class ConsistencyBuilder {
  readonly #older: RightEdge;
  readonly #newerSize: number;
  readonly #ranges: readonly Range[];
  readonly #later: readonly { readonly range: Range; readonly edge: RightEdge }[];
  readonly #whole: RightEdge;

  constructor(older: RightEdge, newerSize: number) {
    if (older.size > newerSize) throw new RangeError(`A tree of ${newerSize} does not continue one of ${older.size}`);
    this.#older = older.copy();
    this.#whole = older.copy();
    this.#newerSize = newerSize;
    // From the empty tree there is nothing to prove.
    this.#ranges = older.size === 0 ? [] : proofRanges(older.size, newerSize);
    this.#later = this.#ranges
      .filter(([from]) => from >= older.size)
      .map((range) => ({ range, edge: new RightEdge() }));
  }

  /** Index of the leaf that comes next. */
  get next(): number {
    return this.#whole.size;
  }

  /** The right edge of the newer tree, once all leaves have gone by. */
  get edge(): RightEdge {
    return this.#whole.copy();
  }

  append(leaf: Hash): void {
    const at = this.#whole.size;
    if (at >= this.#newerSize) throw new RangeError(`The newer tree has ${this.#newerSize} leaves`);
    this.#later.find(({ range: [from, to] }) => at >= from && at < to)?.edge.append(leaf);
    this.#whole.append(leaf);
  }

  /** The proof, once all leaves have gone by; `undefined` when they do not lead to `root`. */
  proof(root: Hash): readonly Hash[] | undefined {
    if (this.#whole.size !== this.#newerSize) {
      throw new RangeError(`Leaf ${this.#whole.size} of ${this.#newerSize} comes next`);
    }
    const hashes = this.#ranges.map((range) => this.#rootOf(range));
    if (this.#older.size === 0) return Buffer.compare(this.#whole.root(), root) === 0 ? [] : undefined;
    const older: TreeHead = { size: this.#older.size, root: this.#older.root() };
    return isConsistent(older, { size: this.#newerSize, root }, hashes) ? hashes : undefined;
  }

  #rootOf(range: Range): Hash {
    const later = this.#later.find((one) => one.range === range);
    if (later !== undefined) return later.edge.root();
    const peak = peakRanges(this.#older.size).findIndex(([from, to]) => from === range[0] && to === range[1]);
    const root = this.#older.roots[peak];
    if (root === undefined) throw new RangeError(`The older tree has no subtree of leaves ${range[0]} to ${range[1]}`);
    return root;
  }
}
