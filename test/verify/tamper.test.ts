// The tamper matrix: one real sealed log, every attack on a copy of it, each named by the verifier.

import { describe, expect, it } from 'vitest';
import { formatPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { REASONS } from '../../lambdas/core/ledger/verify/reasons.ts';
import { type FileMap, logKey, policyOf, sealedLog, witnessKey } from '../support/sealed-log.ts';
import { APPROVAL_LIES } from './approval-lies.ts';
import { examine } from './attack.ts';
import { ATTACKS } from './attacks.ts';
import { GLASS_LIES, SHOWN } from './glass-lies.ts';
import { KEY_ATTACKS } from './key-attacks.ts';
import { LIES } from './lies.ts';
import { WITNESS_ATTACKS } from './witness-attacks.ts';

const witness = witnessKey(7, 'witness.bank.example/audit');
const log = sealedLog({ sessions: 50, callsPerSession: 49, stepMs: 200, quietMs: 2 * 3_600_000 }, 250, logKey(), [
  witness,
]);
const policy = policyOf(formatPolicy([log.key.vkey], [{ vkey: witness.vkey, url: null }]));

const keptOf = (files: FileMap): Uint8Array | null => files.get('ckpt/0000000000002500.note') ?? null;

describe('a log that nobody touched', () => {
  it('is valid, every check ok', async () => {
    const { report, reasons } = await examine(log.files, log.key, keptOf(log.files), policy);
    expect(report).toMatchObject({ verdict: 'valid', entries: log.entries.length, sessions: 50, manifests: 50 });
    expect(report.entries).toBeGreaterThanOrEqual(5000);
    expect(report.signed?.entries).toBe(log.entries.length);
    expect(report.witnessed).toMatchObject({ entries: log.entries.length, by: [witness.cosigner.name] });
    expect(reasons).toEqual([]);
    const notOk = report.checks.filter(({ status }) => status !== 'ok');
    expect(notOk.map(({ check, status }) => [check, status])).toEqual([['content', 'not checked']]);
  });

  it('stays valid without an inner checkpoint, which later ones cover', async () => {
    const files = new Map(log.files);
    files.delete('ckpt/0000000000002500.note');
    expect(await examine(files, log.key)).toMatchObject({ verdict: 'valid', reasons: [] });
  });
});

describe('an attack is named', () => {
  it.each(ATTACKS)('$name: $found', async ({ apply, found, verdict }) => {
    const files = new Map(log.files);
    const kept = apply(files, log) ?? null;
    const result = await examine(files, log.key, kept);
    expect(result.reasons).toEqual(expect.arrayContaining([...found]));
    expect(result.verdict).toBe(verdict ?? 'invalid');
  });

  it('by file and index', async () => {
    const files = new Map(log.files);
    ATTACKS.find(({ name }) => name === 'edits an entry')?.apply(files, log);
    const { report } = await examine(files, log.key);
    const [first] = report.checks.find(({ check }) => check === 'checkpoints')?.findings ?? [];
    expect(first).toMatchObject({ reason: 'checkpoint_root', detail: expect.stringMatching(/^entries \d+ to \d+$/) });
    const index = report.checks.find(({ check }) => check === 'sessions')?.findings[0]?.index ?? 0;
    expect(log.entries[index]?.entry.type).toBe('call.outcome');
    expect(first?.index).toBeLessThanOrEqual(index);
  });
});

/** Checks whose findings have a file of tests of their own, which counts them: proof.test.ts, content.test.ts. */
const OWN_TESTS: ReadonlySet<string> = new Set(['proof', 'content']);

it('has an attack or a lie for every finding that a log can have', () => {
  const all = [...ATTACKS, ...LIES, ...APPROVAL_LIES, ...GLASS_LIES, ...WITNESS_ATTACKS, ...KEY_ATTACKS];
  // What a day of broken glass always shows stands in no single lie.
  const shown = new Set<string>([...SHOWN, ...all.flatMap(({ found }) => [...found])]);
  const rest = Object.entries(REASONS).filter(([reason, [check]]) => !OWN_TESTS.has(check) && !shown.has(reason));
  expect(rest.map(([reason]) => reason)).toEqual(['kept_not_given', 'policy_not_given', 'cosignature_none']);
});
