// Broken glass in a sealed log, made by the rules of core/approvals themselves: each is shown, whatever became of it, and
// each lie about it is named.

import { describe, expect, it } from 'vitest';
import { GlassBank, URGENT_DEMAND } from '../support/glass-entries.ts';
import { idOf } from '../support/sealed-entries.ts';
import { type FileMap, logKey, type SealedLog, seal } from '../support/sealed-log.ts';
import { examine, resign } from './attack.ts';
import { glassDay } from './glass-day.ts';
import { GLASS_LIES, SHOWN } from './glass-lies.ts';

const key = logKey();
const entries = glassDay(key.vkey);
// Entries of one transaction may be sealed in different segments, so each is one here.
const sealing = { key, segmentEntries: 1 };
const files: FileMap = new Map(seal(entries, sealing));
const log: SealedLog = { key, entries, files, sealing };

const examined = async (told: typeof entries) => {
  const copy: FileMap = new Map();
  resign(copy, log, told);
  const { verdict, reasons } = await examine(copy, key);
  return { verdict, reasons: [...new Set(reasons)].sort() };
};

describe('a day of broken glass', () => {
  it('is valid as it was, and shows each', async () => {
    expect(await examined(entries)).toEqual({ verdict: 'valid', reasons: [...SHOWN] });
  });

  it.each(GLASS_LIES)('$name: $found', async ({ tell, found, verdict }) => {
    const { reasons, verdict: said } = await examined(tell(entries));
    expect(reasons.filter((reason) => !SHOWN.some((shown) => shown === reason))).toEqual([...found].sort());
    expect(said).toBe(verdict ?? 'invalid');
  });

  const twins = GLASS_LIES.flatMap(({ name, twin }) => (twin === undefined ? [] : [{ lie: name, ...twin }]));
  it.each(twins)('is valid when it is told $name (not: $lie)', async ({ tell }) => {
    expect(await examined(tell(entries))).toEqual({ verdict: 'valid', reasons: [...SHOWN] });
  });
});

describe('one broken glass', () => {
  const broken = (afterwards: (bank: GlassBank, approval: ReturnType<GlassBank['break']>) => void, quiet = 0) => {
    const bank = new GlassBank(key.vkey);
    const held = bank.hold('freeze_card', { card: 1 }, URGENT_DEMAND);
    const approval = bank.break(held, URGENT_DEMAND, idOf(1, '7003'));
    bank.answer(held, 'result');
    afterwards(bank, approval);
    return examined(bank.close(quiet));
  };
  const paul = (bank: GlassBank) => bank.approver('paul', ['payments-approvers']);

  it('is shown when it was found justified in time', async () => {
    const told = await broken((bank, approval) => bank.review(approval, paul(bank), 'justified'), 4000);
    expect(told).toEqual({ verdict: 'valid', reasons: ['glass_broken'] });
  });

  it('is shown while there is time to look at it', async () => {
    expect(await broken(() => undefined, 3500)).toEqual({ verdict: 'valid', reasons: ['glass_broken'] });
  });

  it('is unreviewed once the time is over, also when nobody wrote so', async () => {
    const unreviewed = { verdict: 'valid', reasons: ['glass_broken', 'glass_unreviewed'] };
    expect(await broken(() => undefined, 3700)).toEqual(unreviewed);
    const written = (bank: GlassBank, approval: ReturnType<GlassBank['break']>) => {
      bank.pass(3601);
      bank.overdue(approval);
    };
    expect(await broken(written)).toEqual(unreviewed);
  });

  it('is unreviewed when the review came late', async () => {
    const late = async (seconds: number) =>
      broken((bank, approval) => {
        bank.pass(seconds);
        bank.review(approval, paul(bank), 'justified');
      });
    expect(await late(3700)).toEqual({ verdict: 'valid', reasons: ['glass_broken', 'glass_unreviewed'] });
    expect(await late(3590)).toEqual({ verdict: 'valid', reasons: ['glass_broken'] });
  });
});
