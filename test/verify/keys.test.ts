// The life of a log's keys, as an auditor sees it: rotations that the old key endorsed, revocations, and forgeries of both.

import { describe, expect, it } from 'vitest';
import { checkpointName } from '../../lambdas/core/ledger/log-layout.ts';
import { verifyProof } from '../../lambdas/core/ledger/verify/proof.ts';
import { proveEntry } from '../../lambdas/core/ledger/verify/prove.ts';
import { filesOf, type LogKey } from '../support/sealed-log.ts';
import { examine } from './attack.ts';
import { K1, K2, K3, KEY_ATTACKS, ROTATED, ROTATED_AT } from './key-attacks.ts';

describe('a log with more than one key', () => {
  it.each(KEY_ATTACKS)('$name: $found', async ({ files, keys, found, verdict }) => {
    const result = await examine(files(), keys);
    expect([...result.reasons].sort()).toEqual([...found].sort());
    expect(result.verdict).toBe(verdict);
  });

  it('shows each key with the entry that put it in force', async () => {
    const { report } = await examine(ROTATED, K1);
    expect(report.keys).toMatchObject([
      { key: K1.vkey, since: 0, believed: true, revoked: null },
      { key: K2.vkey, since: ROTATED_AT, believed: true, revoked: null },
    ]);
  });
});

describe('a kept checkpoint', () => {
  const note = (size: number) => ROTATED.get(checkpointName(size)) ?? null;

  it.each([20, 40, 60])('of %i entries is continued across the rotation', async (size) => {
    expect(await examine(ROTATED, K1, note(size))).toMatchObject({ verdict: 'valid', reasons: [] });
    expect(await examine(ROTATED, K2, note(size))).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('the proof of one entry', () => {
  const check = async (index: number, keys: readonly LogKey[], size?: number) => {
    const proven = await proveEntry(filesOf(ROTATED), { index }, { size });
    if (!proven.ok) throw new Error(proven.error.detail);
    return verifyProof(
      Buffer.from(proven.value.text),
      keys.map(({ verifier }) => verifier),
      null,
    ).verdict;
  };

  it('of before the rotation holds under the new key, which signed all of it', async () => {
    expect(await check(5, [K2])).toBe('valid');
    expect(await check(5, [K1, K2])).toBe('valid');
  });

  it('holds under either key when it is made under the checkpoint that both signed', async () => {
    for (const index of [5, ROTATED_AT]) {
      expect(await check(index, [K1], 40)).toBe('valid');
      expect(await check(index, [K2], 40)).toBe('valid');
    }
  });

  it('is refused under a key that did not sign', async () => {
    expect(await check(5, [K1])).toBe('invalid');
    expect(await check(5, [K3], 40)).toBe('invalid');
  });

  it('is not made under a checkpoint that does not cover the entry, or is not there', async () => {
    const files = filesOf(ROTATED);
    expect(await proveEntry(files, { index: 25 }, { size: 20 })).toMatchObject({ error: { reason: 'entry_unsigned' } });
    expect(await proveEntry(files, { index: 5 }, { size: 21 })).toMatchObject({
      error: { reason: 'checkpoint_unusable' },
    });
  });
});
