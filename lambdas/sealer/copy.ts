// The second copy: checkpoints and keys also lie in a bucket that no deletable key encrypts. Sealing never waits for it.
// Checkpoints are copied in their order, so the last one that is there says up to where the copy is whole; whatever
// failed, the next run finds out from the two buckets alone.

import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import { COPIED_PREFIXES } from '../contract.ts';
import { CHECKPOINT_PREFIX, checkpointName, numberOf } from '../core/ledger/log-layout.ts';
import type { SealerPorts } from './ports.ts';

/**
 * Objects that are compared as a whole, name by name, because their names do not follow the order of the log. Few: a
 * process compares them once, and again after a failure; between, it copies what it wrote.
 */
const WHOLE_PREFIXES = COPIED_PREFIXES.filter((prefix) => prefix !== CHECKPOINT_PREFIX);

/**
 * Copies what a run wrote, and before it whatever is missing. `openedAt` and `size`: under the last checkpoint when the
 * run began, and now. Answers whether the copy is whole; never throws.
 */
type Copying = (
  run: { readonly openedAt: number; readonly size: number; readonly written: readonly string[] },
  until: number,
) => Promise<boolean>;

export const makeCopying = (ports: Pick<SealerPorts, 'log' | 'copies' | 'clock' | 'diagnostics'>): Copying => {
  /** Size up to which this process knows the copy to be whole. */
  let wholeUpTo: number | undefined;
  return async ({ openedAt, size, written }, until) => {
    try {
      if (wholeUpTo === openedAt) await copyAll(ports, written);
      else await catchUp(ports, size, until);
      wholeUpTo = size;
      return true;
    } catch (cause) {
      wholeUpTo = undefined;
      // An alarm counts this message (lib/alarms.ts).
      ports.diagnostics.error('The second copy is behind', cause);
      return false;
    }
  };
};

type Buckets = Pick<SealerPorts, 'log' | 'copies'>;

const catchUp = async (
  ports: Pick<SealerPorts, 'log' | 'copies' | 'clock'>,
  size: number,
  until: number,
): Promise<void> => {
  for (const prefix of WHOLE_PREFIXES) await compare(ports, prefix);
  const copied = await lastCheckpoint(ports.copies, size);
  const after = copied === undefined ? CHECKPOINT_PREFIX : checkpointName(copied);
  for await (const name of ports.log.listAfter(CHECKPOINT_PREFIX, after)) {
    if (ports.clock.now() > until) throw new Error(`${name} and later checkpoints wait for the next run`);
    await copy(ports, name);
  }
};

const compare = async ({ log, copies }: Buckets, prefix: string): Promise<void> => {
  const there = new Set<string>();
  for await (const name of copies.listAfter(prefix, prefix)) there.add(name);
  for await (const name of log.listAfter(prefix, prefix)) if (!there.has(name)) await copy({ log, copies }, name);
};

/** In the order given: whoever wrote them put the checkpoint last. */
const copyAll = async (buckets: Buckets, names: readonly string[]): Promise<void> => {
  for (const name of names) await copy(buckets, name);
};

const copy = async ({ log, copies }: Buckets, name: string): Promise<void> => {
  const bytes = await log.get(name);
  if (bytes === undefined) throw new Error(`${name} is listed and cannot be read`);
  await copies.putOnce(name, bytes);
};

/** Size of the last checkpoint in a bucket, by halving: a list of all of them could be a million names long. */
const lastCheckpoint = async (bucket: EvidenceLog, atMost: number): Promise<number | undefined> => {
  let last: number | undefined;
  for (let low = 0, high = atMost; low <= high; ) {
    const middle = last === undefined ? 0 : Math.ceil((low + high) / 2);
    const found = await firstAfter(bucket, middle === 0 ? CHECKPOINT_PREFIX : checkpointName(middle - 1));
    if (found === undefined || found > atMost) high = middle - 1;
    else {
      last = Math.max(last ?? 0, found);
      low = found + 1;
    }
  }
  return last;
};

const firstAfter = async (bucket: EvidenceLog, after: string): Promise<number | undefined> => {
  for await (const name of bucket.listAfter(CHECKPOINT_PREFIX, after)) return numberOf(name);
  return undefined;
};
