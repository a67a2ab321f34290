// Half a million sealed entries with their bodies in a folder, made by the product's own functions.

import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { entriesOf } from '../test/support/sealed-entries.ts';
import { INTENT_KEY, logKey, seal } from '../test/support/sealed-log.ts';

/** About 500,000 entries: sessions of 100 calls, 20 of them side by side. */
const SHAPE = { sessions: 2260, callsPerSession: 100, sideBySide: 20, stepMs: 7 };
const SEGMENT_ENTRIES = 500;

export interface LargeLog {
  readonly folder: string;
  readonly vkey: string;
  readonly entries: number;
}

export const makeLargeLog = async (shape = SHAPE): Promise<LargeLog> => {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-large-'));
  const key = logKey();
  let entries = 0;
  const counted = function* () {
    for (const entry of entriesOf(shape, key.vkey, INTENT_KEY)) {
      entries += 1;
      yield entry;
    }
  };
  const folders = new Set<string>();
  for (const [name, bytes] of seal(counted(), { key, segmentEntries: SEGMENT_ENTRIES, segmentsPerCheckpoint: 10 })) {
    const file = join(folder, name);
    if (!folders.has(dirname(file))) await mkdir(dirname(file), { recursive: true });
    folders.add(dirname(file));
    await writeFile(file, bytes);
  }
  return { folder, vkey: key.vkey, entries };
};
