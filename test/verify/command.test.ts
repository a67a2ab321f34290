// The command as an examiner runs it: a process of its own, files on disk, exit codes.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { formatPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import type { LogReport } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { type FileMap, logKey, sealedLog, witnessKey } from '../support/sealed-log.ts';
import { flip, nameAt } from './attack.ts';

const CLI = join(import.meta.dirname, '..', '..', 'bin', 'cli.ts');
const folder = mkdtempSync(join(tmpdir(), 'countersign-verify-'));
afterAll(() => rmSync(folder, { recursive: true }));

const witness = witnessKey(7, 'witness.bank.example/audit');
const log = sealedLog({ sessions: 2, callsPerSession: 12 }, 40, logKey(), [witness]);

const save = (name: string, files: FileMap): string => {
  for (const [path, bytes] of files) {
    const target = join(folder, name, path);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, bytes);
  }
  return join(folder, name);
};

const run = (...args: readonly string[]) =>
  spawnSync(process.execPath, [CLI, ...args], { encoding: 'utf8', cwd: folder });

const good = save('good', log.files);
writeFileSync(join(folder, 'log.vkey'), `${log.key.vkey}\n`);
writeFileSync(join(folder, 'policy.txt'), formatPolicy([log.key.vkey], [{ vkey: witness.vkey, url: null }]));
writeFileSync(join(folder, 'kept.note'), log.files.get(nameAt(log.files, 'ckpt/', 0)) ?? '');

describe('countersign verify', () => {
  it('says valid, with the key as a file and a kept checkpoint', () => {
    const { stdout, stderr, status } = run('verify', good, '--key', 'log.vkey', '--checkpoint', 'kept.note');
    expect(stderr).toBe('');
    expect(stdout).toContain('\nVALID. ');
    expect(stdout.match(/^ok {2}/gm)).toHaveLength(20);
    expect(status).toBe(0);
  });

  it('asks for the witnesses of a policy, and says which saw what', () => {
    const { stdout, stderr, status } = run('verify', good, '--policy', 'policy.txt', '--checkpoint', 'kept.note');
    expect(stderr).toBe('');
    expect(stdout).toMatch(/ {2}witnessed the first \d+ entries, at 2026-.*Z, by witness\.bank\.example\/audit/);
    expect(stdout.match(/^ok {2}/gm)).toHaveLength(22);
    expect(status).toBe(0);
  });

  it('says invalid when the policy’s witness saw nothing of this log', () => {
    const files = new Map([...log.files].filter(([name]) => !name.startsWith('cosig/')));
    const { stdout, status } = run('verify', save('unwitnessed', files), '--policy', 'policy.txt');
    expect(stdout).toMatch(/FAILED +witnesses/);
    expect(status).toBe(1);
  });

  it('refuses a policy it does not understand, by its line, and a key the policy does not name', () => {
    writeFileSync(join(folder, 'bad.txt'), `log ${log.key.vkey}\nquorum two\n`);
    const bad = run('verify', good, '--policy', 'bad.txt');
    expect(bad.stderr).toContain('--policy bad.txt, line 2: no witness or group "two" on a line before this one');
    expect(bad.status).toBe(2);
    const other = run('verify', good, '--policy', 'policy.txt', '--key', logKey(2).vkey);
    expect(other.stderr).toContain('--key is none of the logs that the policy names');
    expect(other.status).toBe(2);
  });

  it('asks which log to verify when a policy names several, or none', () => {
    const lines = `witness w ${witness.vkey}\nquorum w\n`;
    writeFileSync(
      join(folder, 'two.txt'),
      `log ${logKey(2, 'mcp.other.example/log').vkey}\nlog ${log.key.vkey}\n${lines}`,
    );
    writeFileSync(join(folder, 'none.txt'), lines);
    for (const [file, count] of [
      ['two.txt', 2],
      ['none.txt', 0],
    ] as const) {
      const asked = run('verify', good, '--policy', file);
      expect(asked.stderr).toContain(`The policy names ${count} logs; say which one to verify`);
      expect(asked.status).toBe(2);
      expect(run('verify', good, '--policy', file, '--key', 'log.vkey').status).toBe(0);
    }
  });

  it('takes several keys of one log, from a policy, a file or options, and of two logs none', () => {
    const two = `# filed in advance\n${logKey(2).vkey}\n\n# signs now\n${log.key.vkey}\n`;
    writeFileSync(join(folder, 'two.vkey'), two);
    writeFileSync(join(folder, 'keys.txt'), `log ${logKey(2).vkey}\nlog ${log.key.vkey}\nquorum none\n`);
    for (const given of [
      ['--policy', 'keys.txt'],
      ['--key', 'two.vkey'],
      ['--key', logKey(2).vkey, '--key', 'log.vkey'],
    ]) {
      const { stdout, status } = run('verify', good, ...given);
      expect(stdout).toContain(`key_not_named: ${logKey(2).vkey}`);
      expect(status).toBe(0);
    }
    const mixed = run('verify', good, '--key', 'log.vkey', '--key', logKey(2, 'mcp.other.example/log').vkey);
    expect(mixed.stderr).toContain('--key names keys of two logs');
    expect(mixed.status).toBe(2);
  });

  it('says invalid, with file and index', () => {
    const files = new Map(log.files);
    flip(files, nameAt(files, 'seg/', 1));
    const { stdout, status } = run('verify', save('bad', files), '--key', log.key.vkey);
    expect(stdout).toMatch(/FAILED +segments/);
    expect(stdout).toContain('segment_packing at seg/0000000000000040.jsonl.gz: ');
    expect(status).toBe(1);
  });

  it('says that it could not check an unsigned tail, as JSON', () => {
    const files = new Map(log.files);
    files.delete(nameAt(files, 'ckpt/', -1));
    const { stdout, status } = run('verify', save('tail', files), '--key', log.key.vkey, '--json');
    const report = JSON.parse(stdout) as LogReport;
    expect(report).toMatchObject({ verdict: 'unchecked', entries: log.entries.length, signed: { entries: 40 } });
    expect(status).toBe(2);
  });

  it.each([
    ['no key', ['verify', good]],
    ['a key that is none', ['verify', good, '--key', 'hello']],
    ['no folder', ['verify', '--key', log.key.vkey]],
    ['a folder that is not there', ['verify', 'nowhere', '--key', log.key.vkey]],
    ['a file that is no zip archive', ['verify', 'log.vkey', '--key', log.key.vkey]],
    ['a name in S3 that is none', ['verify', 's3://', '--key', log.key.vkey]],
    ['content keys that are none', ['verify', good, '--key', log.key.vkey, '--content-keys', 'log.vkey']],
    ['a folder and a proof', ['verify', good, '--proof', 'x', '--key', log.key.vkey]],
    ['a kept checkpoint that is not there', ['verify', good, '--key', log.key.vkey, '--checkpoint', 'none']],
    ['an option it does not have', ['verify', good, '--trust-me']],
    ['an entry that is no number', ['prove', good, '--entry', 'last']],
    ['no entry', ['prove', good]],
  ])('ends with 2 on %s', (_, args) => {
    const { status, stderr } = run(...args);
    expect(stderr).toMatch(/^countersign: .+\n$/);
    expect(status).toBe(2);
  });

  it('shows no control character of the files it reads', () => {
    const files = new Map(log.files).set('seg/\u001b[2Jgone', new Uint8Array());
    expect(run('verify', save('control', files), '--key', log.key.vkey).stdout).not.toContain('\u001b[2J');
  });
});

describe('countersign prove', () => {
  it('writes a proof that verify accepts without the log', () => {
    expect(run('prove', good, '--entry', '17', '--out', 'e.tlog-proof').status).toBe(0);
    expect(readFileSync(join(folder, 'e.tlog-proof'), 'utf8')).toMatch(/^c2sp\.org\/tlog-proof@v1\nextra /);
    const { stdout, status } = run('verify', '--proof', 'e.tlog-proof', '--key', 'log.vkey');
    expect(stdout).toContain(log.entries[17]?.line);
    expect(status).toBe(0);
  });
});
