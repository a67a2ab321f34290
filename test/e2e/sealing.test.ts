// From a call to a log that proves itself: sealed, copied out, verified without AWS.

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { DeleteObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { unwrapKeys } from '../../bin/commands/keys-unwrap.ts';
import { makeTileStore } from '../../lambdas/adapters/s3-tiles.ts';
import { ENV } from '../../lambdas/contract.ts';
import { edgeTiles, TileBuilder, tileName } from '../../lambdas/core/ledger/tiles.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { openLedger } from '../support/ledger.ts';
import { type LogCopies, makeLogCopies, useGateway } from '../support/log-copies.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let folder: string;
let copies: LogCopies;

beforeAll(async () => {
  stack = await startTestStack();
  Object.assign(process.env, resourceEnvironment(stack.resources), { [LOG_ORIGIN_VARIABLE]: stack.config.log.origin });
  folder = await mkdtemp(join(tmpdir(), 'countersign-log-'));
  copies = await makeLogCopies(stack, folder);
});
afterAll(async () => {
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

const copyOf = (name: string): Promise<string> => copies.copyOf(name);
const verified = (log: string, ...more: string[]) => copies.verified(log, ...more);

/** Changes a bit of the last character but one of a text, in the first segment that holds it. */
const flipIn = async (log: string, text: string): Promise<boolean> => {
  for (const name of (await readdir(join(log, 'seg'))).sort()) {
    const lines = gunzipSync(await readFile(join(log, 'seg', name)));
    const at = lines.indexOf(text);
    if (at < 0) continue;
    const last = at + text.length - 2;
    lines[last] = (lines[last] ?? 0) ^ 1;
    await writeFile(join(log, 'seg', name), gzipSync(lines));
    return true;
  }
  return false;
};

describe('the sealed log', () => {
  it('verifies without AWS: entries, sessions, bodies and signatures', async () => {
    await useGateway(stack);
    const { code, text } = await verified(await copyOf('first'));
    expect(text).toContain('VALID.');
    expect(text).not.toMatch(/^FAILED/m);
    expect(code).toBe(0);
  });

  it('goes on from the checkpoint that an auditor kept', async () => {
    const kept = (await readdir(join(folder, 'first', 'ckpt'))).sort().at(-1) ?? '';
    await useGateway(stack);
    const log = await copyOf('second');
    const { code, text } = await verified(log, '--checkpoint', join(folder, 'first', 'ckpt', kept));
    expect(text).toMatch(/^ok +kept-checkpoint/m);
    expect(code).toBe(0);
  });

  it('shows one changed bit in a copy', async () => {
    const log = await copyOf('flipped');
    expect(await flipIn(log, '"sub":"ana"')).toBe(true);
    const { code, text } = await verified(log);
    expect(text).toMatch(/^FAILED +checkpoints/m);
    expect(code).toBe(1);
  });

  it('shows entries that were left out', async () => {
    const log = await copyOf('shortened');
    const last = (await readdir(join(log, 'seg'))).sort().at(-1) ?? '';
    await rm(join(log, 'seg', last));
    expect((await verified(log)).code).toBe(1);
  });
});

describe('other ways to the same log', () => {
  it('is one zip file, the same bytes each time', async () => {
    await waitUntilSealed(stack);
    const [first, second] = [join(folder, 'first.zip'), join(folder, 'second.zip')];
    // A deployed log grows by itself between the two: sessions run out.
    await vi.waitFor(
      async () => {
        await exportLog(['--zip', first]);
        await exportLog(['--zip', second]);
        expect((await readFile(first)).equals(await readFile(second))).toBe(true);
      },
      { timeout: 30_000, interval: 1000 },
    );
    const { code, text } = await verified(first);
    expect(text).toContain('VALID.');
    expect(code).toBe(0);
  });

  it('is read where it was sealed', async () => {
    await waitUntilSealed(stack);
    const { code, text } = await verified(`s3://${stack.resources.evidenceBucket}`);
    expect(text).toContain('VALID.');
    expect(code).toBe(0);
  });
});

describe('recorded content', () => {
  it('opens with keys that were unwrapped on the record, to what was committed to', async () => {
    // A deployed ledger is read from here on, and AWS's time, with which a reading is stamped, is in whole seconds.
    const ledger = openLedger(stack.resources, stack.config.log.origin);
    await setTimeout(1100);
    const log = await copyOf('with-content');
    const file = join(folder, 'keys.json');
    process.env[ENV.configDigest] ??= `sha256:${'0'.repeat(64)}`;
    expect(await unwrapKeys(['--all', '--reason', 'case 2026-114', '--out', file])).toBe(0);
    const { code, text } = await verified(log, '--content-keys', file);
    expect(text).toMatch(/^ok +content /m);
    expect(text).toMatch(/ bodies \([\d,]+ opened\)/);
    expect(code).toBe(0);
    const readings = (await ledger.all()).flatMap(({ entry }) => (entry.type === 'evidence.read' ? [entry] : []));
    const { keys } = JSON.parse(await readFile(file, 'utf8')) as { keys: Record<string, { sid: string }> };
    expect(readings.at(-1)).toMatchObject({
      reason: 'case 2026-114',
      reader: { arn: expect.stringMatching(/^arn:aws:/) },
      sessions: [...new Set(Object.values(keys).map(({ sid }) => sid))].sort(),
    });
    // And the record of it is sealed like any other entry.
    expect((await verified(await copyOf('after-reading'))).code).toBe(0);
  });
});

describe('the tiles bucket', () => {
  it('holds the tree of the log under the checkpoint that was signed last', async () => {
    await copyOf('for-tiles');
    const names = (await readdir(join(folder, 'for-tiles', 'ckpt'))).sort();
    const signed = await readFile(join(folder, 'for-tiles', 'ckpt', names.at(-1) ?? ''), 'utf8');
    const tiles = makeTileStore(new S3Client(), stack.resources.tilesBucket);
    await expect
      .poll(async () => Buffer.from((await tiles.get('checkpoint'))?.bytes ?? []).toString('utf8'), { timeout: 60_000 })
      .toBe(signed);
    const size = Number(signed.split('\n')[1]);
    const stored = await Promise.all(
      edgeTiles(size).map(async (place) => [tileName(place), (await tiles.get(tileName(place)))?.bytes] as const),
    );
    const found = new Map(stored.map(([name, bytes]) => [name, bytes ?? Buffer.of()]));
    const root = Buffer.from(signed.split('\n')[2] ?? '', 'base64');
    expect(TileBuilder.resume({ size, root }, found)?.size).toBe(size);
  });
});

describe('the evidence bucket', () => {
  it('gives up no version of a sealed object, and lets none be replaced', async () => {
    const s3 = new S3Client();
    const Bucket = stack.resources.evidenceBucket;
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'ckpt/' }));
    const [{ Key, VersionId } = {}] = Versions;
    await expect(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))).rejects.toThrow(/[Dd]enied|lock/);
    await expect(s3.send(new PutObjectCommand({ Bucket, Key, Body: 'forged', IfNoneMatch: '*' }))).rejects.toThrow();
  });
});
