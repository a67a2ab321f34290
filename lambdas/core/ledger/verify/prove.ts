// Makes an inclusion proof from a copy of a log: one pass in the memory of one segment, plus one more to find an entry
// by its leaf hash. Checks that the copy has the root its checkpoint states; whether that is signed, a verifier says.

import { err, ok, type Result } from '../../result.ts';
import { leafHashOf, RightEdge, type TreeHead } from '../merkle.ts';
import { parseCheckpoint, parseNote } from '../note.ts';
import type { TrustPolicy } from '../trust-policy.ts';
import { newestCosigned, noteBytes } from './cosigned.ts';
import { leavesOf } from './entries.ts';
import { type Inventory, type LogFiles, takeInventory } from './inventory.ts';
import { formatProof } from './proof.ts';
import { Findings } from './report.ts';

export type Wanted = { readonly index: number } | { /** Hex. */ readonly leaf: string };

export interface ProveRefusal {
  readonly reason:
    | 'checkpoint_unusable'
    | 'log_unreadable'
    | 'entry_not_found'
    | 'entry_unsigned'
    | 'entry_unwitnessed'
    | 'root_differs';
  readonly detail: string;
}

export interface Proven {
  readonly text: string;
  readonly index: number;
  readonly size: number;
}

/** Which checkpoint a proof is made under. */
interface Under {
  /** Its quorum is asked for. @default none is */
  readonly policy?: TrustPolicy | null;
  /** Entries under the checkpoint that is wanted. @default the newest that witnesses cosigned, else the last */
  readonly size?: number | undefined;
}

/**
 * Under the newest checkpoint that witnesses cosigned, so that the proof carries what they saw; under the last one when
 * none over this entry was cosigned.
 */
export const proveEntry = async (
  files: LogFiles,
  wanted: Wanted,
  { policy = null, size }: Under = {},
): Promise<Result<Proven, ProveRefusal>> => {
  const inventory = takeInventory(await files.list(), new Findings());
  const checkpoint = await loadHead(files, inventory, size);
  if (!checkpoint.ok) return checkpoint;
  const { size: entries } = checkpoint.value.head;
  const index = 'index' in wanted ? wanted.index : await findLeaf(files, inventory, wanted.leaf);
  if (index === undefined) return err({ reason: 'entry_not_found', detail: 'no entry has this leaf hash' });
  if (index >= entries) {
    return err({ reason: 'entry_unsigned', detail: `the checkpoint covers entries 0 to ${entries - 1}` });
  }
  if (size !== undefined) return collect(files, inventory, { index, ...checkpoint.value });
  const cosigned = await newestCosigned(files, inventory, { index, policy });
  if (cosigned === undefined && policy !== null && policy.quorum.kind !== 'none') {
    return err({ reason: 'entry_unwitnessed', detail: 'no checkpoint over it has the cosignatures of the policy' });
  }
  const head = cosigned === undefined ? checkpoint : headOf(noteBytes(cosigned), 'a cosigned checkpoint');
  return head.ok ? collect(files, inventory, { index, ...head.value }) : head;
};

interface Head {
  readonly head: TreeHead;
  readonly note: Uint8Array;
}

const unusable = (detail: string): Result<never, ProveRefusal> => err({ reason: 'checkpoint_unusable', detail });

const loadHead = async (
  files: LogFiles,
  { checkpoints }: Inventory,
  size: number | undefined,
): Promise<Result<Head, ProveRefusal>> => {
  const chosen = size === undefined ? checkpoints.at(-1) : checkpoints.find(({ number }) => number === size);
  if (chosen === undefined) return unusable(`there is no checkpoint${size === undefined ? '' : ` of ${size} entries`}`);
  return headOf(await files.read(chosen.name), chosen.name);
};

const headOf = (bytes: Uint8Array, name: string): Result<Head, ProveRefusal> => {
  const note = parseNote(bytes);
  if (!note.ok) return unusable(`${name} is not a signed note`);
  const head = parseCheckpoint(note.value.text, note.value.text.split('\n')[0] ?? '');
  return head.ok ? ok({ head: head.value, note: bytes }) : unusable(`${name} is not a checkpoint`);
};

/** Ranges of leaves under the siblings of a path, from the leaf up (RFC 6962 section 2.1.1). */
export const siblingRanges = (index: number, size: number): readonly (readonly [number, number])[] => {
  const ranges: (readonly [number, number])[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    let half = 1;
    while (half * 2 < to - from) half *= 2;
    const middle = from + half;
    ranges.push(index < middle ? [middle, to] : [from, middle]);
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return ranges.reverse();
};

interface Task extends Head {
  readonly index: number;
}

const collect = async (
  files: LogFiles,
  inventory: Inventory,
  { index, head, note }: Task,
): Promise<Result<Proven, ProveRefusal>> => {
  const whole = new RightEdge();
  const siblings = siblingRanges(index, head.size).map(([from, to]) => ({ from, to, edge: new RightEdge() }));
  let line: Uint8Array | null = null;
  for await (const leaf of leavesOf(files, inventory)) {
    if (leaf === undefined || whole.size >= head.size) break;
    const at = whole.size;
    const hash = leafHashOf(leaf);
    if (at === index) line = Buffer.from(leaf);
    siblings.find(({ from, to }) => at >= from && at < to)?.edge.append(hash);
    whole.append(hash);
  }
  if (whole.size < head.size) {
    return err({ reason: 'log_unreadable', detail: `only ${whole.size} of ${head.size} entries can be read` });
  }
  if (Buffer.compare(whole.root(), head.root) !== 0) {
    return err({
      reason: 'root_differs',
      detail: 'the entries are not those of the checkpoint; run countersign verify',
    });
  }
  const hashes = siblings.map(({ edge }) => edge.root());
  return ok({ text: formatProof({ index, hashes, checkpoint: note, extra: line }), index, size: head.size });
};

const findLeaf = async (files: LogFiles, inventory: Inventory, wanted: string): Promise<number | undefined> => {
  let index = 0;
  for await (const leaf of leavesOf(files, inventory)) {
    if (leaf !== undefined && Buffer.from(leafHashOf(leaf)).toString('hex') === wanted) return index;
    index += 1;
  }
  return undefined;
};
