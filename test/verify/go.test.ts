// Our notes, trees and proofs, checked by golang.org/x/mod/sumdb, and our cosignatures, policies and tlog-proofs, checked by
// github.com/transparency-dev/formats: reference implementations that did not come from us.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkpointName, cosignatureName } from '../../lambdas/core/ledger/log-layout.ts';
import { consistencyProof, inclusionProof, leafHashOf } from '../../lambdas/core/ledger/merkle.ts';
import { formatPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import { proveEntry } from '../../lambdas/core/ledger/verify/prove.ts';
import { filesOf, logKey, sealedLog, witnessKey } from '../support/sealed-log.ts';
import { K1, K2, ROTATED, ROTATED_LINES } from './key-attacks.ts';

const GO_MODULE = join(import.meta.dirname, 'go');
const hasGo = spawnSync('go', ['version']).status === 0;
if (!hasGo)
  process.stderr.write('Skipped: no `go` on this machine, so the Go reference implementation checks nothing.\n');

const witness = witnessKey(7, 'witness.bank.example/audit');
const log = sealedLog({ sessions: 3, callsPerSession: 12 }, 50, logKey(), [witness]);
const leaves = log.entries.map(({ line }) => line);
const size = leaves.length;
const hashes = leaves.map(leafHashOf);
const base64 = (proof: readonly Uint8Array[]) => proof.map((hash) => Buffer.from(hash).toString('base64'));

const sizes = [1, 2, 3, 4, 7, 8, 21, 32, 63, 64, 65, size];
const inclusion = sizes.flatMap((treeSize) =>
  [...new Set([0, 1, treeSize >> 1, treeSize - 2, treeSize - 1])]
    .filter((index) => index >= 0 && index < treeSize)
    .map((index) => ({
      index,
      size: treeSize,
      hashes: base64(inclusionProof(index, hashes.slice(0, treeSize))),
    })),
);
const consistency = sizes.flatMap((newer) =>
  sizes
    .filter((older) => older <= newer)
    .map((older) => ({ old: older, size: newer, hashes: base64(consistencyProof(older, hashes.slice(0, newer))) })),
);

const textOf = (name: string): string => Buffer.from(log.files.get(name) ?? '').toString('utf8');
const lastAt = Date.parse(log.entries.at(-1)?.entry.ts ?? '');
const proven = await proveEntry(filesOf(log.files), { index: 57 });
const witnessed = {
  witness: witness.vkey,
  cosigned: textOf(cosignatureName(size, witness.cosigner.keyId)),
  seconds: Math.floor(lastAt / 1000) + 2,
  policy: formatPolicy([log.key.vkey], [{ vkey: witness.vkey, url: 'https://witness.bank.example/' }]),
  proof: proven.ok ? proven.value.text : '',
  proofIndex: 57,
};

const crossCheck = (over: object = {}) => {
  const checkpoint = textOf(checkpointName(size));
  const whole = { vkey: log.key.vkey, checkpoint, leaves, inclusion, consistency, ...witnessed, ...over };
  const input = JSON.stringify(whole);
  return spawnSync('go', ['run', '.'], { cwd: GO_MODULE, input, encoding: 'utf8', timeout: 120_000 });
};

describe.skipIf(!hasGo)('the Go reference implementations', () => {
  it('accept our checkpoint, compute our root, check our proofs, our cosignature, our policy', {
    timeout: 150_000,
  }, () => {
    const { stdout, stderr, status } = crossCheck();
    expect(stderr.replaceAll(/^go: downloading .*\n/gm, '')).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'note',
      'root',
      `inclusion ${inclusion.length}`,
      `consistency ${consistency.length}`,
      'cosignature',
      'policy',
      'proof',
    ]);
    expect(status).toBe(0);
  });

  it.each([
    ['old', K1],
    ['new', K2],
  ])('accepts the checkpoint that two keys signed, by the %s key', { timeout: 150_000 }, (_, { vkey }) => {
    const rotated = ROTATED_LINES.slice(0, 40);
    const checkpoint = Buffer.from(ROTATED.get(checkpointName(40)) ?? '').toString('utf8');
    const { stdout, stderr, status } = crossCheck({
      vkey,
      checkpoint,
      leaves: rotated,
      inclusion: [],
      consistency: [],
      witness: '',
    });
    expect(stderr.replaceAll(/^go: downloading .*\n/gm, '')).toBe('');
    expect(stdout).toBe('note\nroot\ninclusion 0\nconsistency 0\n');
    expect(status).toBe(0);
  });

  it('refuse one leaf changed', { timeout: 150_000 }, () => {
    const changed = leaves.with(20, leaves[20]?.replace('"v":1', '"v":2') ?? '');
    expect(crossCheck({ leaves: changed })).toMatchObject({ status: 1, stdout: 'note\n' });
  });

  it('refuse our checkpoint under another key', { timeout: 150_000 }, () => {
    expect(crossCheck({ vkey: log.key.vkey.replace(/.$/, 'A') })).toMatchObject({ status: 1, stdout: '' });
  });

  it('refuse a cosignature by another witness, or at another time', { timeout: 150_000 }, () => {
    const other = crossCheck({ witness: witnessKey(8, 'witness.bank.example/audit').vkey });
    expect(other.stderr).toContain('cosignature: ');
    expect(other.status).toBe(1);
    expect(crossCheck({ seconds: 1 })).toMatchObject({ status: 1, stdout: expect.not.stringContaining('cosignature') });
  });
});
