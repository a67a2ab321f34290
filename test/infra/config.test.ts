import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { configDigest, configFile, deployedConfig, readConfig } from '../../lib/config.ts';
import type { Json } from '../../lib/config-yaml.ts';
import { at, edited, folder, lineOf, problemsOf, SAMPLE_TEXT, withOverlay, write } from './config-support.ts';
import { SAMPLE } from './support.ts';

describe('readConfig', () => {
  it('accepts the sample and fills in the defaults', () => {
    const config = readConfig(SAMPLE);
    expect(config.sessions).toEqual({ idleSeconds: 1800, maxSeconds: 43_200 });
    expect(config.servers['core-banking']).toMatchObject({
      standaloneStream: 'refuse',
      limits: { responseBytes: 4_194_304, headersSeconds: 120, idleSeconds: 240, streamSeconds: 840 },
    });
    const years = { mode: 'COMPLIANCE', days: 2557 };
    expect(config.retention).toEqual({ log: years, content: years });
  });

  it('waits no longer than API Gateway does when answers are buffered', () => {
    const config = readConfig(SAMPLE, { overlay: { endpoint: { responseTransfer: 'buffered' } } });
    expect(config.servers['everything']?.limits).toMatchObject({ headersSeconds: 20, streamSeconds: 23 });
  });

  it('freezes every level', () => {
    const config = readConfig(SAMPLE) as unknown as { identity: { groups: string[] }; servers: object };
    expect(() => config.identity.groups.push('everyone')).toThrow(TypeError);
    expect(() => Object.assign(config.servers, { rogue: {} })).toThrow(TypeError);
  });

  it('lists every error at once, in file order', () => {
    const file = write(
      SAMPLE_TEXT.replace('https://login.sample-bank.example\n', 'http://login.sample-bank.example\n')
        .replace('scopes: [mcp]', 'scopes: []')
        .replace('maxHours: 12', 'maxHours: 99')
        .replace('mode: COMPLIANCE', 'mode: COMPLIANT')
        .replace('idleMinutes: 30', 'idleMinute: 30'),
    );
    const problems = problemsOf(() => readConfig(file));
    expect(problems.map(({ path }) => path)).toEqual([
      'identity.issuer',
      'identity.scopes',
      'sessions.idleMinute',
      'sessions.maxHours',
      'retention.mode',
    ]);
  });

  it('lists errors between fields together with errors in them', () => {
    const file = write(SAMPLE_TEXT.replace('audiences: []', 'audiences: null').replace('days: 2557', 'days: 0'));
    expect(problemsOf(() => readConfig(file)).map(({ path }) => path)).toEqual(['identity.clients', 'retention.days']);
  });

  it('says where, what was expected, what it got and what to do', () => {
    const file = edited('days: 2557', 'days: 0');
    const [problem] = problemsOf(() => readConfig(file));
    const line = lineOf(SAMPLE_TEXT, 'days: 2557');
    expect(problem).toEqual({
      file,
      line,
      column: 9,
      path: 'retention.days',
      expected: 'a whole number of days from 1 to 36500',
      got: '0',
      advice: 'Change the number',
    });
    expect(() => readConfig(file)).toThrow(
      `${file}:${line}:9 retention.days: expected a whole number of days from 1 to 36500, got 0.`,
    );
  });

  it('reports a missing value at the mapping that should have it', () => {
    const [problem] = problemsOf(() => readConfig(edited('  tokenUse: null\n', '')));
    expect(problem).toMatchObject({
      path: 'identity.tokenUse',
      line: lineOf(SAMPLE_TEXT, 'identity:'),
      got: 'nothing (the key is missing)',
      advice: 'Write it, or null to skip the check',
    });
  });

  it('names the nearest known key for an unknown one', () => {
    const [problem] = problemsOf(() => readConfig(edited('    owner: payments', '    ownr: payments')));
    const unknown = problemsOf(() => readConfig(edited('    owner: payments', '    ownr: payments'))).find(
      ({ path }) => path === 'servers.core-banking.ownr',
    );
    expect(problem?.path).toBe('servers.core-banking.owner');
    expect(unknown).toMatchObject({
      line: lineOf(SAMPLE_TEXT, 'owner: payments'),
      column: 5,
      advice: 'Did you mean "owner"? Else remove it',
    });
  });

  it('offers no key when none is near', () => {
    const [problem] = problemsOf(() => readConfig(edited('allowedOrigins: []', 'allowedOrigins: []\nxyzzy: 1')));
    expect(problem).toMatchObject({ path: 'xyzzy', advice: 'Remove it' });
  });

  it('refuses a key written twice', () => {
    const [problem] = problemsOf(() => readConfig(edited('  days: 2557', '  days: 2557\n  days: 1')));
    expect(problem).toMatchObject({ expected: 'each key once', line: lineOf(SAMPLE_TEXT, 'days: 2557') + 1 });
  });

  it('refuses an alias, which hides a value from the line it applies to', () => {
    const file = write(
      SAMPLE_TEXT.replace('groups: [analysts,', 'groups: &g [analysts,').replace('[reconciliation]', '*g'),
    );
    expect(problemsOf(() => readConfig(file)).map(({ got }) => got)).toContain('the alias *g');
  });

  it('refuses a second document, broken YAML, an empty file and a missing one', () => {
    expect(problemsOf(() => readConfig(write(`${SAMPLE_TEXT}\n---\nversion: 1\n`)))).not.toEqual([]);
    expect(problemsOf(() => readConfig(write('version: [1')))).not.toEqual([]);
    expect(problemsOf(() => readConfig(write('')))[0]).toMatchObject({ path: '(file)', line: 1, column: 1 });
    expect(problemsOf(() => readConfig(join(folder, 'none.yaml')))[0]?.got).toContain('ENOENT');
  });
});

describe('secrets in the file', () => {
  it.each([
    `-----BEGIN ${'PRIVATE'} KEY-----`,
    ['eyJhbGciOiJIUzI1NiJ9', 'eyJzdWIiOiIxMjMifQ', 'c2lnbmF0dXJl'].join('.'),
    ['ghp', 'abcdefghijklmnopqrstuvwxyz0123456789'].join('_'),
    'Bearer 0123456789abcdef',
    ['https://user', 'hunter2@a.example'].join(':'),
  ])('are refused and never repeated (%#)', (secret) => {
    const problems = withOverlay('servers.everything.title', secret);
    expect(problems).toHaveLength(1);
    expect(JSON.stringify(problems)).not.toContain(secret);
  });
});

describe('the overlay', () => {
  it('merges mappings, replaces lists and scalars, and is validated', () => {
    const overlay = { servers: { everything: { url: 'http://127.0.0.1:9' } }, identity: { announcedScopes: ['x'] } };
    const config = readConfig(SAMPLE, { overlay });
    expect(config.servers['everything']).toMatchObject({
      url: 'http://127.0.0.1:9',
      title: 'MCP reference server',
    });
    expect(config.identity.announcedScopes).toEqual(['x']);
    expect(config.servers['core-banking']).toEqual(readConfig(SAMPLE).servers['core-banking']);
    expect(withOverlay('servers.everything.url', 'ftp://a.example')).toHaveLength(1);
  });

  it('replaces a credential of another kind as a whole', () => {
    const overlay = at('servers.everything.credential', { kind: 'none' });
    expect(readConfig(SAMPLE, { overlay }).servers['everything']?.credential).toEqual({ kind: 'none' });
  });

  it('cannot reach a prototype', () => {
    const overlay = JSON.parse('{"servers":{"__proto__":{"polluted":true}}}') as Json;
    expect(readConfig(SAMPLE, { overlay }).servers).toEqual(readConfig(SAMPLE).servers);
    expect({}).not.toHaveProperty('polluted');
  });
});

describe('configDigest', () => {
  it('names the deployed bytes', () => {
    const config = readConfig(SAMPLE);
    expect(configDigest(config)).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(JSON.parse(deployedConfig(config))).toEqual(config);
    const other = readConfig(SAMPLE, { overlay: { retention: { days: 2558 } } });
    expect(configDigest(other)).not.toBe(configDigest(config));
  });

  it('does not depend on the order of keys', () => {
    const config = readConfig(SAMPLE);
    const shuffle = (value: unknown, order: readonly number[]): unknown => {
      if (Array.isArray(value)) return value.map((item) => shuffle(item, order));
      if (typeof value !== 'object' || value === null) return value;
      const ranked = Object.entries(value).map(([key, inner], index) => ({
        rank: order[index % order.length] ?? 0,
        entry: [key, shuffle(inner, order)] as const,
      }));
      return Object.fromEntries(ranked.sort((a, b) => a.rank - b.rank).map(({ entry }) => entry));
    };
    fc.assert(
      fc.property(fc.array(fc.nat(), { minLength: 1, maxLength: 12 }), (order) => {
        const shuffled = shuffle(config, order) as typeof config;
        expect(configDigest(shuffled)).toBe(configDigest(config));
      }),
    );
  });
});

describe('configFile', () => {
  const context = (value: unknown) => ({ tryGetContext: () => value });

  afterEach(() => vi.unstubAllEnvs());

  it('prefers the context, then the environment, then the sample', () => {
    vi.stubEnv('COUNTERSIGN_CONFIG', 'env.yaml');
    expect(configFile(context('context.yaml'))).toBe('context.yaml');
    expect(configFile(context(undefined))).toBe('env.yaml');
    vi.unstubAllEnvs();
    expect(configFile(context(undefined))).toBe('config/countersign.yaml');
  });
});
