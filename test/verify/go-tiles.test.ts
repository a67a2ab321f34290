// A tree of tiles as the sealer writes it, read by golang.org/x/mod/sumdb as a monitor would: a log that grew in steps across
// every boundary, each of its checkpoints, and every entry.

import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkpointName } from '../../lambdas/core/ledger/log-layout.ts';
import { KEY, makeTiledLog } from '../support/tiled-log.ts';

const GO_MODULE = join(import.meta.dirname, 'go');
const hasGo = spawnSync('go', ['version']).status === 0;
const TIMEOUT = 150_000;

const log = makeTiledLog();
const folder = mkdtempSync(join(tmpdir(), 'countersign-tiles-'));
afterAll(() => rmSync(folder, { recursive: true }));

const save = (): void => {
  for (const [name, bytes] of log.tiles) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
};

const read = (sizes: readonly number[] = log.sizes) => {
  const heads = sizes.map((size) => Buffer.from(log.memory.objects.get(checkpointName(size)) ?? '').toString('utf8'));
  const input = JSON.stringify({ vkey: KEY.vkey, heads });
  return spawnSync('go', ['run', '.', 'tiles', folder], { cwd: GO_MODULE, input, encoding: 'utf8', timeout: TIMEOUT });
};

const flip = (name: string, at: number): void => {
  const bytes = readFileSync(join(folder, name));
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  writeFileSync(join(folder, name), bytes);
};

describe.skipIf(!hasGo)('golang.org/x/mod/sumdb, reading our tiles', () => {
  beforeAll(async () => {
    // 1, 255, 256, 257, 511, 512, 513, 65535, 65536, 65537, 66000, then one by one.
    for (const step of [1, 254, 1, 1, 254, 1, 1, 65_022, 1, 1, 463, 1, 1, 1]) {
      log.seal(step);
      await log.publish();
    }
    save();
  }, TIMEOUT);

  it('finds every checkpoint, proof and entry in them', { timeout: TIMEOUT }, () => {
    const { stdout, stderr, status } = read();
    expect(stderr.replaceAll(/^go: downloading .*\n/gm, '')).toBe('');
    expect(stdout).toBe('trees 14 proofs 42\nentries 66003\n');
    expect(status).toBe(0);
  });

  it.each([
    ['a hash', 'tile/0/100', 5000],
    ['a hash of the second level', 'tile/1/000', 40],
    ['an entry', 'tile/entries/003', 20],
  ])('refuses them with one bit of %s changed', { timeout: TIMEOUT }, (_what, name, at) => {
    flip(name, at);
    try {
      expect(read(log.sizes.slice(-1))).toMatchObject({ status: 1 });
    } finally {
      flip(name, at);
    }
  });
});
