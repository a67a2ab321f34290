// docs/verify.md is followed to the letter by people who have nothing else: its table is the verifier's, and its shell
// commands are run here as they stand.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { proveEntry } from '../../lambdas/core/ledger/verify/prove.ts';
import { CHECKS, REASONS } from '../../lambdas/core/ledger/verify/reasons.ts';
import { filesOf, logKey, sealedLog, witnessKey } from '../support/sealed-log.ts';

const page = readFileSync(join(import.meta.dirname, '..', '..', 'docs', 'verify.md'), 'utf8');
const folder = mkdtempSync(join(tmpdir(), 'countersign-by-hand-'));
afterAll(() => rmSync(folder, { recursive: true }));

const EFFECTS = { failed: 'invalid', gap: 'shown', blocked: 'could not check', skipped: 'left out' };

it('lists every check and every finding', () => {
  const checks = Object.entries(CHECKS).map(([check, means]) => `| \`${check}\` | ${means} |`);
  const reasons = Object.entries(REASONS).map(
    ([reason, [check, effect, means]]) => `| \`${reason}\` | \`${check}\` | ${EFFECTS[effect]} | ${means} |`,
  );
  const rows = page.split('\n').map((row) => row.replaceAll(/ +\|/g, ' |'));
  for (const row of [...checks, ...reasons]) expect(rows).toContain(row);
});

/** The shell blocks of the section on checking by hand, in their order, as one script. */
const byHand = (): string => {
  const section = page.slice(page.indexOf('\n## By hand'));
  return [...section.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block).join('\n');
};

const witness = witnessKey(7, 'witness.bank.example/audit');
const log = sealedLog({ sessions: 3, callsPerSession: 12 }, 40, logKey(), [witness]);
const missing = ['openssl', 'sha256sum', 'gzip'].filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
if (missing.length > 0) process.stderr.write(`Skipped: no ${missing.join(', ')} on this machine.\n`);

const prepare = async (vkey: string, witnessVkey = witness.vkey): Promise<void> => {
  for (const [name, bytes] of log.files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  writeFileSync(join(folder, 'log.vkey'), `${vkey}\n`);
  writeFileSync(join(folder, 'witness.vkey'), `${witnessVkey}\n`);
  const proven = await proveEntry(filesOf(log.files), { index: 57 });
  writeFileSync(join(folder, 'entry-57.tlog-proof'), proven.ok ? proven.value.text : '');
};
const run = () => spawnSync('sh', ['-eu'], { cwd: folder, input: byHand(), encoding: 'utf8' });

describe.skipIf(missing.length > 0)('by hand', () => {
  it('the commands of the page check a checkpoint and an entry', async () => {
    await prepare(log.key.vkey);
    const { stdout, stderr, status } = run();
    expect(stderr).toBe('');
    expect(stdout.match(/Signature Verified Successfully/g)).toHaveLength(2);
    expect(stdout).toContain('the key id is right');
    expect(stdout).toMatch(/the witness saw it 17953\d{5} seconds after 1970 began/);
    expect(stdout).toContain('the entry is in the log');
    expect(status).toBe(0);
  });

  it('they refuse the key of another witness', async () => {
    const other = witnessKey(8, witness.cosigner.name);
    // The key id is the name of the file, so whoever passes another key off must pass off its id as well.
    await prepare(log.key.vkey, other.vkey.replace(other.cosigner.keyId, witness.cosigner.keyId));
    const { stdout, status } = run();
    expect(stdout).toContain('Signature Verification Failure');
    expect(stdout).not.toContain('the witness saw it');
    expect(status).not.toBe(0);
  });

  it('they refuse another key', async () => {
    await prepare(logKey(2).vkey);
    expect(run().stdout).toContain('Signature Verification Failure');
    expect(run().status).not.toBe(0);
  });

  it('they refuse another entry', async () => {
    await prepare(log.key.vkey);
    const proof = readFileSync(join(folder, 'entry-57.tlog-proof'), 'utf8').replace('index 57', 'index 58');
    writeFileSync(join(folder, 'entry-57.tlog-proof'), proof);
    const { stdout, status } = run();
    expect(stdout).not.toContain('the entry is in the log');
    expect(status).not.toBe(0);
  });
});
