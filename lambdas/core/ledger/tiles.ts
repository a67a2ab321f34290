// The tree of a log as C2SP tlog-tiles: what standard monitors read. Pure.
//
//     checkpoint                        the latest signed note
//     tile/<level>/<index>[.p/<width>]  256 hashes of a level, fewer in a partial tile at the right edge
//     tile/entries/<index>[.p/<width>]  the 256 entries under a tile of level 0
//
// A tile of level n + 1 holds the roots of full tiles of level n. Tiles are derived: the log is its segments.

import { type Hash, leafHashOf, RightEdge, rootOf, type TreeHead } from './merkle.ts';

/** Hashes of a full tile. */
export const TILE_WIDTH = 256;
const HASH_BYTES = 32;
const LENGTH_BYTES = 2;
/** What a two-byte length can say. */
const MAX_ENTRY_BYTES = 65_535;

export const TILES_CHECKPOINT = 'checkpoint';

/** Largest entry bundle, before it is packed. */
export const MAX_BUNDLE_BYTES = TILE_WIDTH * (MAX_ENTRY_BYTES + LENGTH_BYTES);

export interface TilePlace {
  readonly level: number | 'entries';
  readonly index: number;
  /** 1 to 256. */
  readonly width: number;
}

export interface Tile extends TilePlace {
  readonly bytes: Uint8Array;
}

/** 1234067 is `x001/x234/067`: no folder holds more than a thousand files, and none has the name of a file. */
const indexPath = (index: number): string => {
  const digits = String(index);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/\d{3}/g) ?? [];
  return groups.map((group, at) => (at < groups.length - 1 ? `x${group}` : group)).join('/');
};

export const tileName = ({ level, index, width }: TilePlace): string =>
  `tile/${level}/${indexPath(index)}${width === TILE_WIDTH ? '' : `.p/${width}`}`;

/** Leaves under one hash of a level. */
const spanOf = (level: TilePlace['level']): number => (level === 'entries' ? 1 : TILE_WIDTH ** level);

/** Size of the tree that first has this tile in full. */
export const fullAt = ({ level, index }: TilePlace): number => (index + 1) * TILE_WIDTH * spanOf(level);

/** The partial tiles at the right edge of a tree, entries first. */
export const edgeTiles = (size: number): readonly TilePlace[] => {
  const hashes: TilePlace[] = [];
  for (let level = 0; spanOf(level) <= size; level += 1) {
    const count = Math.floor(size / spanOf(level));
    if (count % TILE_WIDTH > 0)
      hashes.push({ level, index: Math.floor(count / TILE_WIDTH), width: count % TILE_WIDTH });
  }
  const entries = hashes.filter(({ level }) => level === 0).map((tile) => ({ ...tile, level: 'entries' as const }));
  return [...entries, ...hashes];
};

/** Entries, each behind its length in two bytes, big-endian. */
const encodeEntries = (entries: readonly Uint8Array[]): Uint8Array =>
  Buffer.concat(
    entries.flatMap((entry) => {
      if (entry.length > MAX_ENTRY_BYTES)
        throw new RangeError(`An entry of ${entry.length} bytes does not fit a bundle`);
      const length = Buffer.alloc(LENGTH_BYTES);
      length.writeUInt16BE(entry.length);
      return [length, entry];
    }),
  );

/** The entries of a bundle; `undefined` when its lengths do not add up. */
export const decodeEntries = (bytes: Uint8Array): readonly Uint8Array[] | undefined => {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at + LENGTH_BYTES <= buffer.length) {
    const end = at + LENGTH_BYTES + buffer.readUInt16BE(at);
    if (end > buffer.length) return undefined;
    entries.push(buffer.subarray(at + LENGTH_BYTES, end));
    at = end;
  }
  return at === buffer.length ? entries : undefined;
};

const decodeHashes = (bytes: Uint8Array): readonly Hash[] =>
  Array.from({ length: bytes.length / HASH_BYTES }, (_, at) =>
    Buffer.from(bytes.subarray(at * HASH_BYTES, (at + 1) * HASH_BYTES)),
  );

/** Grows the tiles of a tree, entry by entry. Holds its right edge: at most 255 hashes of each level and 255 entries. */
export class TileBuilder {
  #size = 0;
  /** Hashes since the last full tile, by level. */
  readonly #levels: Hash[][] = [];
  #entries: Uint8Array[] = [];

  get size(): number {
    return this.#size;
  }

  /** Adds an entry; returns the tiles that it filled. */
  append(entry: Uint8Array): readonly Tile[] {
    const filled: Tile[] = [];
    this.#size += 1;
    this.#entries.push(entry);
    if (this.#entries.length === TILE_WIDTH) {
      filled.push({ ...this.#placeOf('entries'), bytes: encodeEntries(this.#entries) });
      this.#entries = [];
    }
    this.#push(0, leafHashOf(entry), filled);
    return filled;
  }

  #push(level: number, hash: Hash, filled: Tile[]): void {
    const hashes = this.#level(level);
    hashes.push(hash);
    if (hashes.length < TILE_WIDTH) return;
    filled.push({ ...this.#placeOf(level), bytes: Buffer.concat(hashes) });
    this.#levels[level] = [];
    this.#push(level + 1, rootOf(hashes), filled);
  }

  #level(level: number): Hash[] {
    this.#levels[level] ??= [];
    return this.#levels[level];
  }

  /** The tile that the last entry filled. */
  #placeOf(level: TilePlace['level']): TilePlace {
    return { level, index: this.#size / TILE_WIDTH / spanOf(level) - 1, width: TILE_WIDTH };
  }

  /** The partial tiles of the tree as it stands. */
  edge(): readonly Tile[] {
    return edgeTiles(this.#size).map((place) => ({
      ...place,
      bytes: place.level === 'entries' ? encodeEntries(this.#entries) : Buffer.concat(this.#level(place.level)),
    }));
  }

  root(): Hash {
    // The complete subtrees of a tree, largest first: those of the hashes of its highest level, then of the next.
    const roots = this.#levels.toReversed().flatMap((hashes) => {
      const range = new RightEdge();
      for (const hash of hashes) range.append(hash);
      return range.roots;
    });
    return new RightEdge(this.#size, roots).root();
  }

  /**
   * Goes on from partial tiles that somebody stored; `undefined` unless they are, hash by hash and entry by entry, the
   * right edge of the tree that `head` states.
   */
  static resume({ size, root }: TreeHead, stored: ReadonlyMap<string, Uint8Array>): TileBuilder | undefined {
    const builder = new TileBuilder();
    builder.#size = size;
    for (const place of edgeTiles(size)) {
      const bytes = stored.get(tileName(place));
      if (bytes === undefined || !builder.#take(place, bytes)) return undefined;
    }
    const leaves = builder.#levels[0] ?? [];
    const entriesHold = builder.#entries.every((entry, at) => equal(leafHashOf(entry), leaves[at]));
    return entriesHold && equal(builder.root(), root) ? builder : undefined;
  }

  #take({ level, width }: TilePlace, bytes: Uint8Array): boolean {
    if (level === 'entries') {
      this.#entries = [...(decodeEntries(bytes) ?? [])];
      return this.#entries.length === width;
    }
    if (bytes.length !== width * HASH_BYTES) return false;
    for (let below = this.#levels.length; below < level; below += 1) this.#level(below);
    this.#levels[level] = [...decodeHashes(bytes)];
    return true;
  }
}

const equal = (left: Hash, right: Hash | undefined): boolean =>
  right !== undefined && Buffer.compare(left, right) === 0;

/** How an object of the tree is served (tlog-tiles, "APIs"). */
export interface TileHeaders {
  readonly contentType: string;
  readonly cacheControl: string;
  readonly contentEncoding?: 'gzip';
}

const FOR_EVER = 'max-age=31536000, immutable';

export const headersOf = (name: string): TileHeaders => {
  if (!name.startsWith('tile/')) return { contentType: 'text/plain; charset=utf-8', cacheControl: 'no-cache' };
  const tile = { contentType: 'application/octet-stream', cacheControl: FOR_EVER };
  return name.startsWith('tile/entries/') ? { ...tile, contentEncoding: 'gzip' } : tile;
};

/** Partial tiles of level 0 are full within days, and then nobody needs them any more; higher ones are few. */
export const isShortLived = (name: string): boolean => /^tile\/(?:0|entries)\/.*\.p\/\d+$/.test(name);
