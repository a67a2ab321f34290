// Asks every entry of a log whether a value was among those that masking removed. The commitment to the value under each
// session's key is made by the caller; the log holds no value to compare with. Pure.

import { leavesOf } from './entries.ts';
import { type LogFiles, takeInventory } from './inventory.ts';
import type { ReadMask } from './mask.ts';
import { type ReadCall, type ReadEntry, readLine } from './read-line.ts';
import { Findings } from './report.ts';

interface MaskedHit extends Pick<ReadCall, 'sid' | 'seq' | 'callId'> {
  /** Index of the entry in the log. */
  readonly index: number;
  readonly ts: string;
  readonly path: string;
  readonly rule: string;
  /** The exception by which the caller saw it; `null` when it was masked. */
  readonly shown: string | null;
}

export interface MaskedSearch {
  readonly hits: readonly MaskedHit[];
  /** Entries that masking had a part in, and of them those under none of the keys. */
  readonly asked: number;
  readonly withoutKey: number;
  /** Values of the asked entries that stand in them by number only. */
  readonly unlisted: number;
  /** Whether every entry of the copy could be read. */
  readonly isWhole: boolean;
}

/** `commits`: the commitment to the value under each key, by `kid`. */
export const findMasked = async (
  files: LogFiles,
  origin: string,
  commits: ReadonlyMap<string, string>,
): Promise<MaskedSearch> => {
  const inventory = takeInventory(await files.list(), new Findings());
  const hits: MaskedHit[] = [];
  const counts = { asked: 0, withoutKey: 0, unlisted: 0 };
  let isWhole = true;
  let index = 0;
  for await (const leaf of leavesOf(files, inventory)) {
    const entry = leaf === undefined ? undefined : readLine(Buffer.from(leaf).toString('utf8'), leaf.length, origin);
    if (entry?.ok !== true) isWhole = false;
    else if ('mask' in entry.value && entry.value.mask !== null) look(entry.value, entry.value.mask, index);
    index += 1;
  }
  return { hits, ...counts, isWhole };

  function look({ ts, sid, seq, callId }: ReadEntry & ReadCall, mask: ReadMask, at: number): void {
    const commit = commits.get(mask.kid);
    if (commit === undefined) counts.withoutKey += 1;
    else counts.asked += 1;
    if (commit === undefined) return;
    counts.unlisted += mask.omitted;
    for (const { path, rule, shown, commits: listed } of mask.values)
      if (listed.includes(commit)) hits.push({ index: at, ts, sid, seq, callId, path, rule, shown });
  }
};
