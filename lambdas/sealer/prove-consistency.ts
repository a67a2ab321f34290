// The consistency proof that a witness asks for, from an edge that the sealer remembers and the locked segments after it.
// What is remembered may be wrong: a proof that does not lead to the signed root is made again from the first segment.

import type { WitnessMemory } from '../adapters/dynamo-witness-memory.ts';
import { ConsistencyBuilder } from '../core/ledger/consistency.ts';
import { numberOf, SEGMENT_PREFIX, segmentName } from '../core/ledger/log-layout.ts';
import { type Hash, leafHashOf, RightEdge, type TreeHead } from '../core/ledger/merkle.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import type { SealerPorts } from './ports.ts';

/** Time ran out; the edge that was reached is where the next run goes on. */
export class ProofInterrupted extends Error {
  readonly reached: RightEdge;

  constructor(reached: RightEdge) {
    super(`The proof for a witness was interrupted at entry ${reached.size}; the next run goes on there`);
    this.reached = reached;
  }
}

interface Proving {
  /** Size of the tree that the witness knows. */
  readonly from: number;
  readonly to: TreeHead;
  readonly known: WitnessMemory['edge'] | undefined;
  /** Epoch milliseconds. */
  readonly deadlineAt: number;
}

export interface Proof {
  readonly hashes: readonly Hash[];
  /** Right edge of the newer tree, where the proof came past it. */
  readonly edge: RightEdge | undefined;
}

export const proveConsistency = async (ports: SealerPorts, proving: Proving): Promise<Proof> => {
  const { from, to, known } = proving;
  if (from === 0 || from === to.size) return { hashes: [], edge: undefined };
  const remembered = known === undefined || known.size > from ? undefined : edgeOf(known);
  const proof = remembered === undefined ? undefined : await proveFrom(ports, remembered, proving);
  const anew = proof ?? (await proveFrom(ports, new RightEdge(), proving));
  if (anew === undefined) throw new Error(`The segments do not lead to the checkpoint of ${to.size} entries`);
  return anew;
};

const edgeOf = ({ size, roots }: WitnessMemory['edge']): RightEdge | undefined => {
  try {
    return new RightEdge(
      size,
      roots.map((root) => Buffer.from(root, 'base64')),
    );
  } catch {
    return undefined;
  }
};

const proveFrom = async (
  ports: SealerPorts,
  start: RightEdge,
  { from, to, deadlineAt }: Proving,
): Promise<Proof | undefined> => {
  const edge = start.copy();
  let builder = edge.size === from ? new ConsistencyBuilder(edge, to.size) : undefined;
  for await (const leaf of leavesOf(ports, start.size, to.size)) {
    if (leaf === undefined) return undefined;
    if (builder === undefined) edge.append(leaf);
    else builder.append(leaf);
    if (builder === undefined && edge.size === from) builder = new ConsistencyBuilder(edge, to.size);
    if (ports.clock.now() > deadlineAt) throw new ProofInterrupted(edge);
  }
  const hashes = builder?.next === to.size ? builder.proof(to.root) : undefined;
  return hashes === undefined ? undefined : { hashes, edge: builder?.edge };
};

/** Hashes of leaves `from` to `to`; `undefined` when no segment begins at `from`, or there is a hole. */
async function* leavesOf(ports: SealerPorts, from: number, to: number): AsyncGenerator<Hash | undefined> {
  let index = from;
  const after = from === 0 ? SEGMENT_PREFIX : segmentName(from - 1);
  for await (const name of ports.log.listAfter(SEGMENT_PREFIX, after)) {
    const packed = numberOf(name) === index ? await ports.log.get(name) : undefined;
    if (packed === undefined) {
      yield undefined;
      return;
    }
    const lines = unpackLines(packed);
    yield* lines.slice(0, to - index).map(leafHashOf);
    index += lines.length;
    if (index >= to) return;
  }
}
