import { describe, expect, it } from 'vitest';
import { lockOf } from '../../../lambdas/core/ledger/retention.ts';

const YEARS = { mode: 'COMPLIANCE', days: 2557 } as const;
const MONTHS = { mode: 'COMPLIANCE', days: 90 } as const;
const DAY_MS = 24 * 3600 * 1000;

describe('lockOf', () => {
  it.each(['body/ab', 'bodies/0000000000000000-ab.jsonl.gz'])('names the lock of content for %s', (name) => {
    expect(lockOf(name, { log: YEARS, content: MONTHS }, 1000)).toEqual({
      mode: 'COMPLIANCE',
      until: 1000 + 90 * DAY_MS,
    });
  });

  it.each(['seg/0000000000000000.jsonl.gz', 'ckpt/0000000000000001.note', 'keys/ab.json', 'bodyguard/x'])(
    'leaves %s to the default of the bucket',
    (name) => {
      expect(lockOf(name, { log: YEARS, content: MONTHS }, 1000)).toBeNull();
    },
  );

  it('leaves all to the default when there is one class', () => {
    expect(lockOf('body/ab', { log: YEARS, content: { ...YEARS } }, 1000)).toBeNull();
  });

  it('tells classes apart by their mode too', () => {
    const content = { mode: 'GOVERNANCE', days: 2557 } as const;
    expect(lockOf('body/ab', { log: YEARS, content }, 0)?.mode).toBe('GOVERNANCE');
  });
});
