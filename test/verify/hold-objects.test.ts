// What a legal hold covers follows from the locked bucket; the table only says where to begin.

import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { objectsOf } from '../../bin/commands/hold-objects.ts';
import type { EvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { manifestName, numberOf } from '../../lambdas/core/ledger/log-layout.ts';
import { ORIGIN } from '../support/sealed-entries.ts';
import { type FileMap, logKey, sealedLog, witnessKey } from '../support/sealed-log.ts';

const witness = witnessKey(7, 'witness.bank.example/audit');
const log = sealedLog({ sessions: 4, callsPerSession: 20 }, 20, logKey(), [witness]);
const sids = [...new Set(log.entries.flatMap(({ entry }) => ('sid' in entry ? [entry.sid] : [])))];
const sid = sids[1] ?? '';

const bucketOf = (files: FileMap): EvidenceLog => ({
  putOnce: () => Promise.reject(new Error('a hold writes no object')),
  get: (name) => Promise.resolve(files.get(name)),
  listAfter: (prefix, after) =>
    Readable.from([...files.keys()].filter((name) => name.startsWith(prefix) && name > after).sort()),
});

const segments = [...log.files.keys()].filter((name) => name.startsWith('seg/')).sort();
/** Starts of the segments that hold entries of the session. */
const starts = segments.flatMap((name, at) => {
  const start = numberOf(name) ?? 0;
  const end = numberOf(segments[at + 1] ?? '') ?? log.entries.length;
  const own = log.entries.slice(start, end).some(({ entry }) => 'sid' in entry && entry.sid === sid);
  return own ? [start] : [];
});

const held = (known: readonly number[], files: FileMap = log.files) =>
  objectsOf(bucketOf(files), sid, { places: { segments: known, waiting: 0 }, origin: ORIGIN });

describe('the objects of a session', () => {
  it('are its segments, what proves them and its manifest', async () => {
    const { names, whole } = await held(starts);
    expect(starts.length).toBeGreaterThan(1);
    expect(names.filter((name) => name.startsWith('seg/')).map(numberOf)).toEqual(starts);
    expect(names.filter((name) => name.startsWith('ckpt/'))).toHaveLength(1);
    expect(names.filter((name) => name.startsWith('cosig/'))).toHaveLength(1);
    expect(names).toContain(manifestName(sid));
    expect(names.every((name) => log.files.has(name))).toBe(true);
    expect(whole).toBe(true);
  });

  it.each([
    ['its beginning', starts.slice(1)],
    ['its end', starts.slice(0, 1)],
    ['all of it', []],
  ])('are the same where the table has lost %s', async (_, known) => {
    expect(await held(known)).toEqual(await held(starts));
  });

  it('are not whole as long as it has no manifest', async () => {
    const files = new Map(log.files);
    files.delete(manifestName(sid));
    expect((await held(starts, files)).whole).toBe(false);
  });

  it('cannot be held before they are signed', async () => {
    const files = new Map([...log.files].filter(([name]) => !name.startsWith('ckpt/')));
    await expect(held(starts, files)).rejects.toThrow('not signed yet');
  });
});
