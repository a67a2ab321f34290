// The tiles of a log that grows, is interrupted, and has its tiles damaged. After each: every tile is what the model says,
// and everything that the published checkpoint and the earlier ones need is there.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkpointName } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf } from '../../lambdas/core/ledger/merkle.ts';
import { formatCheckpoint } from '../../lambdas/core/ledger/note.ts';
import { edgeTiles, tileName } from '../../lambdas/core/ledger/tiles.ts';
import { ORIGIN } from '../support/sealed-entries.ts';
import { KEY, makeTiledLog, modelTiles, publishedSize, type TiledLog } from '../support/tiled-log.ts';

const FULL = /\.p\/\d+$/;

const checkTiles = (log: TiledLog): void => {
  const published = publishedSize(log);
  const tree = new Map(modelTiles(log, published));
  for (const [name, bytes] of tree) expect(log.tiles.get(name), name).toEqual(Buffer.from(bytes));
  // What earlier checkpoints need: their partial tiles, or the full ones that came of them.
  for (const size of log.sizes.filter((earlier) => earlier <= published)) {
    for (const place of edgeTiles(size)) {
      const name = tileName(place);
      const full = name.replace(FULL, '');
      const bytes = log.tiles.get(name);
      if (bytes === undefined) expect(log.tiles.get(full), `${name} or ${full}`).toBeDefined();
      else expect(bytes, name).toEqual(Buffer.from([...modelTiles(log, size)].find(([n]) => n === name)?.[1] ?? []));
    }
  }
};

const grownTo = async (...steps: readonly number[]): Promise<TiledLog> => {
  const log = makeTiledLog();
  for (const step of steps) {
    log.seal(step, 200);
    await log.publish();
  }
  return log;
};

describe('tiles of a growing log', () => {
  it.each([[[1]], [[255]], [[256]], [[257]], [[255, 1, 1]], [[511, 1, 1]], [[100, 156, 256, 300]]])(
    'are those of the model after steps of %j',
    async (steps) => {
      const log = await grownTo(...steps);
      expect(publishedSize(log)).toBe(log.lines.length);
      checkTiles(log);
      expect(log.told).toEqual([]);
    },
  );

  it('are those of the model across the second level', async () => {
    const log = makeTiledLog();
    for (const step of [65_535, 1, 1, 700]) {
      log.seal(step);
      await log.publish();
    }
    expect(log.told).toEqual([]);
    expect(publishedSize(log)).toBe(66_237);
    for (const [name, bytes] of modelTiles(log, 66_237)) expect(log.tiles.get(name)?.length, name).toBe(bytes.length);
    for (const name of ['tile/0/255', 'tile/1/000', 'tile/2/000.p/1', 'tile/1/001.p/2', 'tile/entries/258.p/189']) {
      const expected = [...modelTiles(log, 66_237)].find(([found]) => found === name)?.[1];
      expect(log.tiles.get(name), name).toEqual(Buffer.from(expected ?? []));
    }
  });

  it('are those of the model after many small steps, published now and then', async () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 1, max: 90 }), fc.boolean()), { minLength: 1, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (taken) => {
        const log = makeTiledLog();
        for (const [entries, publishes] of taken) {
          log.seal(entries, 40);
          if (publishes) await log.publish();
        }
        await log.publish();
        expect(publishedSize(log)).toBe(log.lines.length);
        checkTiles(log);
      }),
      { numRuns: 25 },
    );
  });

  it('are not written again when nothing was sealed', async () => {
    const log = await grownTo(300);
    expect(await log.publish()).toBe(1);
  });
});

describe('a writer that dies', () => {
  it('between any two writes leaves a published tree whole, and the next one finishes', async () => {
    const steps = await (async () => {
      const log = await grownTo(200);
      log.seal(200, 100);
      return log.publish();
    })();
    for (let step = 1; step <= steps; step += 1) {
      for (const when of ['before', 'after'] as const) {
        const log = await grownTo(200);
        log.seal(200, 100);
        await log.publish({ fault: { step, when } });
        expect(log.told, `${when} ${step}`).toEqual(['The tiles were not written']);
        checkTiles(log);
        await log.publish();
        expect(publishedSize(log)).toBe(400);
        checkTiles(log);
      }
    }
  });

  it('of time goes on where it stopped, at the size of a checkpoint', async () => {
    const log = makeTiledLog();
    for (let step = 0; step < 6; step += 1) log.seal(150, 50);
    for (const progress of ['150', '300', '450', '600', '750']) {
      await log.publish({ deadlineAt: 0 });
      expect(Buffer.from(log.tiles.get('progress') ?? '').toString()).toBe(progress);
      expect(publishedSize(log)).toBe(0);
    }
    await log.publish({ deadlineAt: 0 });
    expect(publishedSize(log)).toBe(900);
    expect(log.told).toEqual([]);
    checkTiles(log);
  });
});

const damages: Readonly<Record<string, (log: TiledLog) => void>> = {
  'a partial tile with one bit changed': ({ tiles }) => flip(tiles, 'tile/0/001.p/144'),
  'a partial bundle with one bit changed': ({ tiles }) => flip(tiles, 'tile/entries/001.p/144'),
  'a partial tile of a higher level with one bit changed': ({ tiles }) => flip(tiles, 'tile/1/000.p/1'),
  'a partial tile that is gone': ({ tiles }) => void tiles.delete('tile/0/001.p/144'),
  'everything gone but the checkpoint': ({ tiles }) => {
    for (const name of tiles.keys()) if (name !== 'checkpoint') tiles.delete(name);
  },
  'a checkpoint that is none': ({ tiles }) => void tiles.set('checkpoint', Buffer.from('hello')),
  'a checkpoint of a size that was never signed': ({ tiles }) =>
    void tiles.set('checkpoint', Buffer.from(KEY.note('mcp.bank.example/countersign\n399\nAAAA\n'))),
  'a checkpoint from the future': ({ tiles }) =>
    void tiles.set('checkpoint', Buffer.from(KEY.note('mcp.bank.example/countersign\n900000\nAAAA\n'))),
  'a progress that lies': ({ tiles }) => void tiles.set('progress', Buffer.from('450')),
  'a progress that is no number': ({ tiles }) => void tiles.set('progress', Buffer.from('1e3')),
};

const flip = (tiles: Map<string, Uint8Array>, name: string): void => {
  const bytes = Buffer.from(tiles.get(name) ?? '');
  expect(bytes.length, name).toBeGreaterThan(0);
  bytes[7] = (bytes[7] ?? 0) ^ 4;
  tiles.set(name, bytes);
};

describe('a tiles bucket that cannot be trusted', () => {
  it.each(Object.entries(damages))('%s: the tree is whole after the next run', async (_name, damage) => {
    const log = await grownTo(400);
    log.seal(50, 50);
    log.seal(50, 50);
    damage(log);
    await log.publish();
    expect(publishedSize(log)).toBe(500);
    checkTiles(log);
  });

  it('says so when it had to build anew', async () => {
    const log = await grownTo(400);
    log.seal(50);
    flip(log.tiles, 'tile/0/001.p/144');
    await log.publish();
    expect(log.told).toEqual(['The tiles of 400 entries are not those of the log; building them anew']);
  });

  it('is built anew when its checkpoint is removed, which is how an operator asks for it', async () => {
    const log = await grownTo(600);
    flip(log.tiles, 'tile/0/000');
    await log.publish();
    expect(() => checkTiles(log)).toThrow();
    log.tiles.delete('checkpoint');
    await log.publish();
    checkTiles(log);
  });
});

describe('two sealers', () => {
  it('do not take a later checkpoint back', async () => {
    const log = await grownTo(300, 100);
    await log.publish({ size: 300 });
    expect(publishedSize(log)).toBe(400);
    expect(log.told).toEqual([]);
    checkTiles(log);
  });

  it('that publish at once leave a whole tree', async () => {
    const log = await grownTo(300);
    log.seal(100);
    const first = log.publish();
    log.seal(100);
    await Promise.all([first, log.publish(), log.publish({ size: 400 })]);
    checkTiles(log);
    await log.publish();
    expect(publishedSize(log)).toBe(500);
    checkTiles(log);
  });
});

describe('a locked log that does not hold together', () => {
  it('is not published: the segments have another root than the checkpoint', async () => {
    const log = await grownTo(300);
    log.seal(100);
    const note = KEY.note(formatCheckpoint(ORIGIN, { size: 400, root: leafHashOf('another') }));
    log.memory.objects.set(checkpointName(400), Buffer.from(note));
    await log.publish();
    expect(log.told).toEqual(['The tiles were not written']);
    expect(publishedSize(log)).toBe(300);
  });

  it('is not published beyond a segment that is missing', async () => {
    const log = await grownTo(300);
    log.seal(100, 50);
    log.memory.objects.delete('seg/0000000000000350.jsonl.gz');
    await log.publish();
    expect(log.told).toEqual(['The tiles were not written']);
    expect(publishedSize(log)).toBe(300);
  });
});
