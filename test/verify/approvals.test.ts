// Approvals in a sealed log, made by the rules of core/approvals themselves: honest histories are valid whatever happens in
// them, and each lie is named.

import { describe, expect, it } from 'vitest';
import { type FileMap, logKey, type SealedLog, seal } from '../support/sealed-log.ts';
import { approvalDay } from './approval-day.ts';
import { APPROVAL_LIES } from './approval-lies.ts';
import { examine, resign } from './attack.ts';

const key = logKey();
const entries = approvalDay(key.vkey);
// Entries of one transaction may be sealed in different segments, so each is one here.
const sealing = { key, segmentEntries: 1 };
const files: FileMap = new Map(seal(entries, sealing));
const log: SealedLog = { key, entries, files, sealing };

const examined = (told: typeof entries) => {
  const copy: FileMap = new Map();
  resign(copy, log, told);
  return examine(copy, key);
};

describe('a day of approvals', () => {
  it('is valid as it was', async () => {
    expect(await examine(files, key)).toMatchObject({ verdict: 'valid', reasons: [] });
  });

  it.each(APPROVAL_LIES)('$name: $found', async ({ tell, found, verdict }) => {
    const result = await examined(tell(entries));
    expect([...result.reasons].sort()).toEqual([...found].sort());
    expect(result.verdict).toBe(verdict ?? 'invalid');
  });

  const twins = APPROVAL_LIES.flatMap(({ name, twin }) => (twin === undefined ? [] : [{ lie: name, ...twin }]));
  it.each(twins)('is valid with $name (not: $lie)', async ({ tell }) => {
    expect(await examined(tell(entries))).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});
