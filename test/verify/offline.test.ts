// "Offline" by construction: what `verify` and `prove` load, followed import by import.

import { readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { describe, expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '..', '..');
const IMPORT = /^(?:import|export)\s(?!type\b)[^;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\('([^']+)'\)/gm;

/** Everything a file loads: files of ours by their path, the rest by name. Type-only imports load nothing. */
const loadedBy = (entry: string): readonly string[] => {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    const name = relative(ROOT, path).split(sep).join('/');
    if (seen.has(name)) return;
    seen.add(name);
    for (const [, first, second, third] of readFileSync(path, 'utf8').matchAll(IMPORT)) {
      const target = first ?? second ?? third ?? '';
      if (target.startsWith('.')) visit(join(dirname(path), target));
      else seen.add(target);
    }
  };
  visit(join(ROOT, entry));
  return [...seen];
};

const ALLOWED = [
  /^node:(?:buffer|crypto|fs\/promises|path|util|zlib)$/,
  /^lambdas\/core\/(?:ledger\/|result\.ts|time\.ts|mcp\/json\.ts)/,
  // Names of environment variables, objects and tables: constants only, and it imports nothing.
  /^lambdas\/contract\.ts$/,
  /^bin\/commands\/(?:verify|verify-text|prove|trust|log-folder|cli-error|text)\.ts$/,
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
