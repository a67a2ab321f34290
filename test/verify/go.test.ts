// Our notes, trees and proofs, checked by golang.org/x/mod/sumdb: the reference, which did not come from us.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkpointName } from '../../lambdas/core/ledger/log-layout.ts';
import { consistencyProof, inclusionProof, leafHashOf } from '../../lambdas/core/ledger/merkle.ts';
import { sealedLog } from '../support/sealed-log.ts';

const GO_MODULE = join(import.meta.dirname, 'go');
const hasGo = spawnSync('go', ['version']).status === 0;
if (!hasGo)
  process.stderr.write('Skipped: no `go` on this machine, so the Go reference implementation checks nothing.\n');

const log = sealedLog({ sessions: 3, callsPerSession: 12 }, 50);
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

const crossCheck = (over: object = {}) => {
  const checkpoint = Buffer.from(log.files.get(checkpointName(size)) ?? '').toString('utf8');
  const input = JSON.stringify({ vkey: log.key.vkey, checkpoint, leaves, inclusion, consistency, ...over });
  return spawnSync('go', ['run', '.'], { cwd: GO_MODULE, input, encoding: 'utf8', timeout: 120_000 });
};

describe.skipIf(!hasGo)('golang.org/x/mod/sumdb', () => {
  it('accepts our checkpoint, computes our root, and checks our proofs', { timeout: 150_000 }, () => {
    const { stdout, stderr, status } = crossCheck();
    expect(stderr.replaceAll(/^go: downloading .*\n/gm, '')).toBe('');
    expect(stdout.trim().split('\n')).toEqual([
      'note',
      'root',
      `inclusion ${inclusion.length}`,
      `consistency ${consistency.length}`,
    ]);
    expect(status).toBe(0);
  });

  it('refuses one leaf changed', { timeout: 150_000 }, () => {
    const changed = leaves.with(20, leaves[20]?.replace('"v":1', '"v":2') ?? '');
    expect(crossCheck({ leaves: changed })).toMatchObject({ status: 1, stdout: 'note\n' });
  });

  it('refuses our checkpoint under another key', { timeout: 150_000 }, () => {
    expect(crossCheck({ vkey: log.key.vkey.replace(/.$/, 'A') })).toMatchObject({ status: 1, stdout: '' });
  });
});
