// Entries that contradict each other under valid signatures; and the gaps that an honest log shows and stays valid with.

import { describe, expect, it } from 'vitest';
import { type SealedLog, sealedLog } from '../support/sealed-log.ts';
import { examine, resign } from './attack.ts';
import { LIES } from './lies.ts';

const log: SealedLog = sealedLog({ sessions: 2, callsPerSession: 12 }, 1000);

describe('a signed log that contradicts itself', () => {
  it.each(LIES)('$name: $found', async ({ tell, found, verdict }) => {
    const files = new Map(log.files);
    resign(files, log, tell(log.entries));
    const result = await examine(files, log.key);
    expect([...result.reasons].sort()).toEqual([...found].sort());
    expect(result.verdict).toBe(verdict ?? 'invalid');
  });

  it('is valid when it does not', async () => {
    const files = new Map(log.files);
    resign(files, log, log.entries);
    expect(await examine(files, log.key)).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});
