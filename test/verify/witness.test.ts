// What cosignatures prove: a log under a policy of two witnesses out of three, and every attack on it named.

import { describe, expect, it } from 'vitest';
import { parseProof, verifyProof } from '../../lambdas/core/ledger/verify/proof.ts';
import { proveEntry } from '../../lambdas/core/ledger/verify/prove.ts';
import { filesOf, policyOf } from '../support/sealed-log.ts';
import { examine, flip, namesOf } from './attack.ts';
import { POLICY, WITNESS_ATTACKS, WITNESSED } from './witness-attacks.ts';

const log = WITNESSED;
const policy = policyOf(POLICY);

describe('a witnessed log', () => {
  it('is valid, with the newest checkpoint of the quorum named', async () => {
    const { report, reasons } = await examine(log.files, log.key, null, policy);
    expect(reasons).toEqual([]);
    expect(report.verdict).toBe('valid');
    expect(report.witnessed).toMatchObject({ entries: log.entries.length });
    expect([...(report.witnessed?.by ?? [])].sort()).toEqual(['audit', 'auditor', 'regulator']);
  });

  it('stays valid as long as two of three saw it', async () => {
    const files = new Map(log.files);
    const keyId = policy.witnesses[0]?.cosigner.keyId ?? '';
    for (const name of namesOf(files, 'cosig/')) if (name.includes(keyId)) files.delete(name);
    const { report, reasons } = await examine(files, log.key, null, policy);
    expect(reasons).toEqual([]);
    expect(report.witnessed?.by).not.toContain('audit');
  });

  it('says that no witness was asked when only the key is given', async () => {
    const { report } = await examine(log.files, log.key);
    const check = report.checks.find(({ check: id }) => id === 'witnesses');
    expect(check).toMatchObject({ status: 'not checked', counts: { policy_not_given: 1 } });
    expect(report.witnessed).toBeNull();
  });

  it('shows a fork by its cosigned checkpoints even without a policy', async () => {
    const files = new Map(log.files);
    WITNESS_ATTACKS.find(({ name }) => name.startsWith('forks the log and shows'))?.apply(files, log);
    expect((await examine(files, log.key)).reasons).toContain('cosignature_root');
  });
});

describe('an attack is named', () => {
  it.each(WITNESS_ATTACKS)('$name: $found', async ({ apply, found, verdict, policy: text }) => {
    const files = new Map(log.files);
    apply(files, log);
    const result = await examine(files, log.key, null, policyOf(text ?? POLICY));
    expect(result.reasons).toEqual(expect.arrayContaining([...found]));
    expect(result.verdict).toBe(verdict ?? 'invalid');
    if (verdict === 'valid') expect(result.reasons).toEqual([...found]);
  });
});

describe('a proof', () => {
  const prove = async (index: number, files = log.files) => {
    const proven = await proveEntry(filesOf(files), { index }, { policy });
    return proven.ok ? Buffer.from(proven.value.text, 'utf8') : proven.error.reason;
  };

  it('carries the cosignatures, and meets the policy', async () => {
    const report = verifyProof((await prove(57)) as Buffer, [log.key.verifier], policy);
    expect(report).toMatchObject({ verdict: 'valid', index: 57, witnesses: ['audit', 'regulator', 'auditor'] });
    expect(report.checks.map(({ status }) => status)).toEqual(['ok', 'ok']);
  });

  it('stands under the newest checkpoint that has the quorum', async () => {
    const files = new Map(log.files);
    const sizes = namesOf(files, 'ckpt/').map((name) => name.slice(5, 21));
    const kept = sizes.at(-2) ?? '';
    for (const name of namesOf(files, 'cosig/')) if (name.includes(sizes.at(-1) ?? '')) files.delete(name);
    const parsed = parseProof((await prove(57, files)) as Buffer);
    expect(parsed.ok && Buffer.from(parsed.value.checkpoint).toString().split('\n')[1]).toBe(String(Number(kept)));
    expect(await prove(log.entries.length - 1, files)).toBe('entry_unwitnessed');
  });

  it('is refused without the quorum, or with a wrong cosignature', async () => {
    const text = ((await prove(57)) as Buffer).toString('utf8');
    const lines = text.split('\n');
    const two = lines.filter((line) => !/^— witness\.(?:regulator|auditor)/.test(line)).join('\n');
    const one = verifyProof(Buffer.from(two), [log.key.verifier], policy);
    expect(one).toMatchObject({ verdict: 'invalid', witnesses: ['audit'] });
    expect(one.checks[1]?.counts).toEqual({ quorum_never: 1 });
    const files = new Map([['proof', Buffer.from(text)]]);
    flip(files, 'proof', 0.99);
    const wrong = verifyProof(files.get('proof') ?? new Uint8Array(), [log.key.verifier], policy);
    expect(wrong.checks[1]?.counts).toMatchObject({ cosignature_signature: 1 });
  });
});
