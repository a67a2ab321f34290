// The import rules of the tree bite: each forbidden import is refused by the rule meant for it, its allowed twin is not.
// Then what biome cannot say (it knows deny-lists only): the allow-lists, read from the sources themselves.

import { execFileSync } from 'node:child_process';
import { cpSync, globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = resolve(import.meta.dirname, '../..');
const FIXTURES = join(ROOT, 'test/fixtures/lint');

interface Diagnostic {
  readonly category: string;
  readonly severity: string;
  readonly message: string;
  readonly location: { readonly path: string };
}

/** Copies the fixtures next to our biome.json and lints them; biome ends with 1 when it finds something. */
const lint = (root: string): readonly Diagnostic[] => {
  cpSync(FIXTURES, root, { recursive: true });
  cpSync(join(ROOT, 'biome.json'), join(root, 'biome.json'));
  const biome = join(ROOT, 'node_modules/.bin/biome');
  const options = ['lint', '--vcs-enabled=false', '--reporter=json', '--max-diagnostics=none', '.'];
  try {
    return JSON.parse(execFileSync(biome, options, { cwd: root, encoding: 'utf8', stdio: 'pipe' })).diagnostics;
  } catch (failure) {
    return JSON.parse((failure as { stdout: string }).stdout).diagnostics;
  }
};

const IMPORTS = 'lint/style/noRestrictedImports';
const GLOBALS = 'lint/style/noRestrictedGlobals';
const CYCLES = 'lint/suspicious/noImportCycles';

/** File, the one rule that refuses it, and words of its message. Every other fixture must pass. */
const FORBIDDEN: readonly (readonly [string, string, RegExp])[] = [
  ['lambdas/core/ledger/core-sdk.ts', IMPORTS, /core\/ is pure/],
  ['lambdas/core/ledger/core-fs.ts', IMPORTS, /core\/ is pure/],
  ['lambdas/core/ledger/core-adapter.ts', IMPORTS, /core\/ is pure/],
  ['lambdas/core/ledger/core-date.ts', GLOBALS, /variable Date/],
  ['lambdas/core/ledger/core-fetch.ts', GLOBALS, /variable fetch/],
  ['lambdas/core/ledger/core-process.ts', GLOBALS, /variable process/],
  ['lambdas/adapters/adapter-adapter.ts', IMPORTS, /imports no other adapter/],
  ['lambdas/adapters/adapter-handler.ts', IMPORTS, /do not know who uses them/],
  ['lambdas/middleware/middleware-sdk.ts', IMPORTS, /adapters as arguments/],
  ['lambdas/mcp/pipeline-sdk.ts', IMPORTS, /only handler.ts and wire.ts wire/],
  ['lambdas/authorizer/pipeline-env.ts', IMPORTS, /Only handler.ts and wire.ts read the environment/],
  ['lambdas/mcp/process-env.ts', 'lint/style/noProcessEnv', /./],
  ['lib/lib-runtime.ts', IMPORTS, /synth time/],
  ['lambdas/core/ledger/cycle.ts', CYCLES, /./],
  ['lambdas/core/ledger/cycle-other.ts', CYCLES, /./],
  ['lambdas/mcp/floating.ts', 'lint/nursery/noFloatingPromises', /./],
  ['lambdas/core/ledger/switch.ts', 'lint/nursery/useExhaustiveSwitchCases', /./],
  ['lambdas/core/ledger/barrel.ts', 'lint/performance/noBarrelFile', /./],
  ['lambdas/core/ledger/default-export.ts', 'lint/style/noDefaultExport', /./],
];

describe('biome', () => {
  const root = mkdtempSync(join(tmpdir(), 'countersign-lint-'));
  let found: readonly Diagnostic[] = [];
  beforeAll(() => {
    found = lint(root);
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  const of = (path: string) => found.filter(({ location }) => location.path === path);

  it.each(FORBIDDEN)('refuses %s by %s', (path, rule, message) => {
    expect(of(path)).toEqual([
      expect.objectContaining({ category: rule, severity: 'error', message: expect.stringMatching(message) }),
    ]);
  });

  const refused = new Set(FORBIDDEN.map(([path]) => path));
  const allowed = globSync('**/*.ts', { cwd: FIXTURES }).filter((path) => !refused.has(path));

  it.each(allowed)('lets %s pass', (path) => {
    expect(of(path)).toEqual([]);
  });

  it('has an allowed twin or counterpart for the forbidden', () => {
    expect(allowed.length).toBeGreaterThan(FORBIDDEN.length);
  });
});

interface Import {
  readonly file: string;
  /** Path from the root for a relative import, else the package. */
  readonly target: string;
}

const sources = (pattern: string): readonly string[] =>
  globSync(pattern, { cwd: ROOT }).map((file) => file.replaceAll('\\', '/'));

const importsOf = (pattern: string): readonly Import[] =>
  sources(pattern).flatMap((file) =>
    [...readFileSync(join(ROOT, file), 'utf8').matchAll(/(?<!\.)\b(?:from|import)\s*\(?\s*'([^']+)'/g)].map(
      ([, name = '']) => ({
        file,
        target: name.startsWith('.') ? relative(ROOT, resolve(ROOT, dirname(file), name)) : name,
      }),
    ),
  );

const outside = (imports: readonly Import[], ...allowed: RegExp[]): readonly Import[] =>
  imports.filter(({ target }) => !allowed.some((pattern) => pattern.test(target)));

describe('the sources', () => {
  it('of core/ import core/, the three shared vocabularies, Node’s own buffers, crypto and zlib, canonicalize, and nothing else', () => {
    const found = importsOf('lambdas/core/**/*.ts');
    expect(found.length).toBeGreaterThan(20);
    const shared = /^lambdas\/(contract|policy-contract|gateway-config)\.ts$/;
    const formats = /^(re2js|ibantools|credit-card-type|libphonenumber-js\/(core|min\/metadata))$/;
    const others = outside(found, /^lambdas\/core\//, shared, /^node:(buffer|crypto|zlib)$/, /^canonicalize$/);
    // Masking checks numbers with the libraries that know their formats; nothing else in core/ does.
    const isOfMasking = ({ file, target }: Import) => file.startsWith('lambdas/core/masking/') && formats.test(target);
    expect(others.filter((each) => !isOfMasking(each))).toEqual([]);
  });

  it('of core/ use no chance, no clock and no console, under any name', () => {
    const impure = /\b(Math\.random|random(Bytes|UUID|Int|FillSync)|performance\.|globalThis|console\.|crypto\.)/;
    const found = sources('lambdas/core/**/*.ts').filter((file) => impure.test(readFileSync(join(ROOT, file), 'utf8')));
    expect(found).toEqual([]);
  });

  it('of adapters import no adapter but what the DynamoDB adapters share and the signing of requests, by whatever path', () => {
    const toAdapters = importsOf('lambdas/adapters/*.ts').filter(({ target }) =>
      target.startsWith('lambdas/adapters/'),
    );
    expect(outside(toAdapters, /^lambdas\/adapters\/(?:dynamo-(?:approval-)?(?:items|conflicts)|sigv4)\.ts$/)).toEqual(
      [],
    );
  });

  it('of one function import no other function, but for two that are a part of another with a grant of their own', () => {
    // The worker makes calls as the mcp function does; the opener answers a form of the console.
    const parts = ['worker mcp', 'opener console'];
    const inFunction = /^lambdas\/(?!core\/|adapters\/|middleware\/)([^/]+)\//;
    const found = importsOf('lambdas/*/*.ts').filter(({ file, target }) => {
      const [, from] = inFunction.exec(file) ?? [];
      const [, to] = inFunction.exec(target) ?? [];
      return from !== undefined && to !== undefined && from !== to && !parts.includes(`${from} ${to}`);
    });
    expect(found).toEqual([]);
  });
});
