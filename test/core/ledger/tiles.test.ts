// Names, widths and bytes of tiles, with the examples of the C2SP tlog-tiles text.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { leafHashOf, rootOf } from '../../../lambdas/core/ledger/merkle.ts';
import {
  decodeEntries,
  edgeTiles,
  fullAt,
  headersOf,
  isShortLived,
  type Tile,
  TileBuilder,
  tileName,
} from '../../../lambdas/core/ledger/tiles.ts';
import { makeTiledLog, modelTiles } from '../../support/tiled-log.ts';

describe('tileName', () => {
  it.each([
    [{ level: 0, index: 0, width: 256 }, 'tile/0/000'],
    [{ level: 0, index: 1234067, width: 256 }, 'tile/0/x001/x234/067'],
    [{ level: 3, index: 1000, width: 1 }, 'tile/3/x001/000.p/1'],
    [{ level: 'entries', index: 999, width: 255 }, 'tile/entries/999.p/255'],
  ] as const)('of %j', (place, name) => {
    expect(tileName(place)).toBe(name);
  });
});

describe('edgeTiles', () => {
  it.each([
    // The two examples of the text.
    [70_000, ['tile/entries/273.p/112', 'tile/0/273.p/112', 'tile/1/001.p/17', 'tile/2/000.p/1']],
    [256, ['tile/1/000.p/1']],
    [0, []],
    [1, ['tile/entries/000.p/1', 'tile/0/000.p/1']],
    [255, ['tile/entries/000.p/255', 'tile/0/000.p/255']],
    [65_536, ['tile/2/000.p/1']],
    [65_537, ['tile/entries/256.p/1', 'tile/0/256.p/1', 'tile/2/000.p/1']],
  ])('of a tree of %i', (size, names) => {
    expect(edgeTiles(size).map(tileName)).toEqual(names);
  });

  it('are full when the tree says so', () => {
    expect(edgeTiles(70_000).map(fullAt)).toEqual([70_144, 70_144, 131_072, 16_777_216]);
  });
});

const grown = (lines: readonly string[]) => {
  const builder = new TileBuilder();
  const tiles = new Map<string, Uint8Array>();
  const keep = (tile: Tile) => tiles.set(tileName(tile), tile.bytes);
  for (const line of lines) builder.append(Buffer.from(line)).forEach(keep);
  builder.edge().forEach(keep);
  return { builder, tiles };
};

describe('TileBuilder', () => {
  it.each([1, 2, 255, 256, 257, 511, 512, 513, 1000])('makes the tiles of a tree of %i', (size) => {
    const log = makeTiledLog();
    log.seal(size);
    const { builder, tiles } = grown(log.lines);
    expect(new Map([...tiles].sort())).toEqual(new Map([...modelTiles(log, size)].sort()));
    expect(builder.root()).toEqual(rootOf(log.leaves));
  });

  it('goes on from any size as if it had never stopped', () => {
    const log = makeTiledLog();
    log.seal(1200);
    const all = new Map(modelTiles(log, 1200));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1200 }), (size) => {
        const root = rootOf(log.leaves.slice(0, size));
        const resumed = TileBuilder.resume({ size, root }, new Map(modelTiles(log, size)));
        const tiles: Tile[] = [];
        for (const line of log.lines.slice(size)) tiles.push(...(resumed?.append(Buffer.from(line)) ?? []));
        tiles.push(...(resumed?.edge() ?? []));
        expect(resumed?.root()).toEqual(rootOf(log.leaves));
        for (const tile of tiles) expect(Buffer.compare(all.get(tileName(tile)) ?? Buffer.of(), tile.bytes)).toBe(0);
      }),
      { numRuns: 40 },
    );
  });

  it('goes on from no tile that was changed in one bit, is missing, or is of another size', () => {
    const log = makeTiledLog();
    log.seal(700);
    const head = { size: 700, root: rootOf(log.leaves) };
    const names = edgeTiles(700).map(tileName);
    const good = new Map([...modelTiles(log, 700)].filter(([name]) => names.includes(name)));
    expect(TileBuilder.resume(head, good)?.size).toBe(700);
    fc.assert(
      fc.property(fc.constantFrom(...names), fc.nat(), fc.integer({ min: 0, max: 7 }), (name, at, bit) => {
        const bytes = Buffer.from(good.get(name) ?? '');
        bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ (1 << bit);
        expect(TileBuilder.resume(head, new Map(good).set(name, bytes))).toBeUndefined();
      }),
    );
    for (const name of names) {
      const without = new Map(good);
      without.delete(name);
      expect(TileBuilder.resume(head, without)).toBeUndefined();
      const bytes = Buffer.from(good.get(name) ?? '');
      const longer = new Map(good).set(name, Buffer.concat([bytes, bytes.subarray(-32)]));
      expect(TileBuilder.resume(head, longer)).toBeUndefined();
    }
    expect(TileBuilder.resume({ ...head, root: leafHashOf('x') }, good)).toBeUndefined();
  });

  it('takes the longest entry that a bundle can hold, and refuses a longer one', () => {
    const fill = (last: Uint8Array) => {
      const builder = new TileBuilder();
      for (let at = 0; at < 255; at += 1) builder.append(Buffer.from('x'));
      return builder.append(last);
    };
    const [bundle] = fill(Buffer.alloc(65_535, 0x61));
    expect(decodeEntries(bundle?.bytes ?? Buffer.of())?.at(-1)).toHaveLength(65_535);
    expect(() => fill(Buffer.alloc(65_536, 0x61))).toThrow(RangeError);
  });
});

describe('decodeEntries', () => {
  it.each([['00'], ['0001'], ['000161ff'], ['0002 61']])('refuses %s, whose lengths do not add up', (hex) => {
    expect(decodeEntries(Buffer.from(hex.replace(' ', ''), 'hex'))).toBeUndefined();
  });

  it('reads empty entries and none', () => {
    expect(decodeEntries(Buffer.from('00000000', 'hex'))).toHaveLength(2);
    expect(decodeEntries(Buffer.of())).toEqual([]);
  });
});

describe('headersOf', () => {
  it('lets a tile be kept for ever and a checkpoint not at all', () => {
    expect(headersOf('checkpoint')).toEqual({ contentType: 'text/plain; charset=utf-8', cacheControl: 'no-cache' });
    expect(headersOf('tile/0/000')).toEqual({
      contentType: 'application/octet-stream',
      cacheControl: 'max-age=31536000, immutable',
    });
    expect(headersOf('tile/entries/000').contentEncoding).toBe('gzip');
  });

  it('counts partial tiles of level 0 as short-lived, and no other', () => {
    const names = ['tile/0/x001/000.p/3', 'tile/entries/000.p/3', 'tile/1/000.p/3', 'tile/0/000', 'checkpoint'];
    expect(names.map(isShortLived)).toEqual([true, true, false, false, false]);
  });
});
