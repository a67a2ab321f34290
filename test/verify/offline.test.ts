// "Offline" by construction: what `verify` and `prove` load, followed import by import.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { sealedLog } from '../support/sealed-log.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const IMPORT =
  /^(?:import|export)\s(?!type\b)[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)|\bnew URL\('([^']+)'/gm;
/** Loaded when the log to check is in S3, and then only: see the last case. */
const ONLINE = 'bin/commands/log-s3.ts';

/** Everything a file loads: files of ours by their path, the rest by name. Type-only imports load nothing. */
const loadedBy = (entry: string): readonly string[] => {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const name = relative(ROOT, path).split(sep).join('/');
    if (seen.has(name)) return;
    seen.add(name);
    if (name === ONLINE) return;
    for (const [, first, second, third, fourth] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
      const target = first ?? second ?? third ?? fourth ?? '';
      if (target.startsWith('.')) visit(join(dirname(path), target));
      else seen.add(target);
    }
  };
  visit(join(ROOT, entry));
  return [...seen];
};

const ALLOWED = [
  /^node:(?:buffer|crypto|fs(?:\/promises)?|path|util|worker_threads|zlib)$/,
  /^lambdas\/core\/(?:ledger\/|result\.ts|time\.ts|mcp\/json(?:-spans)?\.ts)/,
  // What is approved, and who is enough, has one rule: the one that the gateway follows.
  /^lambdas\/core\/approvals\/(?:approval|call-digest|decide|exact-call|justification|own-input|quorum)\.ts$/,
  // Names of environment variables, objects and tables: constants only, and it imports nothing.
  /^lambdas\/contract\.ts$/,
  /^bin\/commands\/(?:verify|verify-text|prove|trust|log-source|log-folder|log-zip|log-s3|work-thread|work-worker|cli-error|text)\.ts$/,
];

describe.each(['verify', 'prove'])('countersign %s', (command) => {
  it('loads core/ledger and Node’s own modules, no package and no network', () => {
    const loaded = loadedBy(`bin/commands/${command}.ts`);
    expect(loaded).toContain('node:zlib');
    expect(loaded.length).toBeGreaterThan(12);
    expect(loaded.filter((name) => !ALLOWED.some((allowed) => allowed.test(name)))).toEqual([]);
  });
});

it('sees a package when there is one', () => {
  expect(loadedBy('bin/commands/sessions.ts')).toContain('@aws-sdk/client-dynamodb');
});

it('is loaded on demand: the command itself names no package', () => {
  const imports = readFileSync(join(ROOT, 'bin/cli.ts'), 'utf8').matchAll(/^import .* from '([^']+)'/gm);
  expect([...imports].map(([, name]) => name)).toEqual(['./commands/cli-error.ts']);
});

describe('what a process really loads', () => {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-loads-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  // Worker threads get the same hook: they inherit the options of the process.
  writeFileSync(
    join(folder, 'hook.mjs'),
    `import { registerHooks } from 'node:module'; import { appendFileSync } from 'node:fs';
     registerHooks({ resolve: (name, context, next) => {
       const found = next(name, context); appendFileSync(process.env.LOADED, found.url + '\\n'); return found; } });`,
  );
  const log = sealedLog({ sessions: 1, callsPerSession: 2 }, 40);
  for (const [name, bytes] of log.files) {
    mkdirSync(dirname(join(folder, 'log', name)), { recursive: true });
    writeFileSync(join(folder, 'log', name), bytes);
  }

  const loaded = (source: string) => {
    const list = join(folder, 'loaded');
    writeFileSync(list, '');
    const args = ['--import', pathToFileURL(join(folder, 'hook.mjs')).href, join(ROOT, 'bin/cli.ts')];
    const { status } = spawnSync(process.execPath, [...args, 'verify', source, '--key', log.key.vkey], {
      env: { ...process.env, LOADED: list, AWS_ENDPOINT_URL: 'http://127.0.0.1:9', AWS_REGION: 'eu-west-1' },
    });
    return { status, urls: readFileSync(list, 'utf8').trim().split('\n') };
  };
  const NETWORK = /node_modules|^node:(?:net|tls|http|https|http2|dgram|dns)$/;

  it('is no package and no network module for a folder, in the thread for bodies too', () => {
    const { status, urls } = loaded(join(folder, 'log'));
    expect(status).toBe(0);
    expect(urls.some((url) => url.endsWith('work-worker.ts'))).toBe(true);
    expect(urls.some((url) => url.endsWith('body-job.ts'))).toBe(true);
    expect(urls.filter((url) => NETWORK.test(url))).toEqual([]);
  });

  it('is the AWS SDK for a prefix in S3', () => {
    const { status, urls } = loaded('s3://bucket/prefix');
    expect(status).toBe(2);
    expect(urls.filter((url) => NETWORK.test(url)).length).toBeGreaterThan(10);
  });
});
