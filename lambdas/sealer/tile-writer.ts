// Parts of publish-tiles.ts: which sizes have a checkpoint, and tiles on their way into the bucket.

import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { TileStore } from '../adapters/s3-tiles.ts';
import { CHECKPOINT_PREFIX, checkpointName, numberOf } from '../core/ledger/log-layout.ts';
import { TILE_WIDTH, type Tile, tileName } from '../core/ledger/tiles.ts';

const WRITTEN_AT_ONCE = 16;
/** Full tiles held before they are written: some megabytes. */
const MAX_HELD = 32;

/** Sizes that have a checkpoint, asked for in rising order; listed as far as asked. */
export class CheckpointSizes {
  readonly #names: AsyncIterator<string>;
  #next = 0;

  constructor(log: EvidenceLog, after: number) {
    const from = after === 0 ? CHECKPOINT_PREFIX : checkpointName(after);
    this.#names = log.listAfter(CHECKPOINT_PREFIX, from)[Symbol.asyncIterator]();
  }

  async has(size: number): Promise<boolean> {
    while (this.#next < size) {
      const { value, done } = await this.#names.next();
      this.#next = done === true ? Number.POSITIVE_INFINITY : (numberOf(value) ?? this.#next);
    }
    return this.#next === size;
  }
}

/** Holds tiles and writes each once, several at a time: entries before the hashes over them. */
export class TileWriter {
  readonly #store: TileStore;
  #held = new Map<string, Tile>();
  /** Names of partial tiles; several checkpoints have the same ones above level 0. */
  readonly #partial = new Set<string>();

  constructor(store: TileStore) {
    this.#store = store;
  }

  add(tile: Tile): void {
    const name = tileName(tile);
    if (this.#partial.has(name)) return;
    if (tile.width < TILE_WIDTH) this.#partial.add(name);
    this.#held.set(name, tile);
  }

  async flushIfFull(): Promise<void> {
    if (this.#held.size >= MAX_HELD) await this.flush();
  }

  async flush(): Promise<void> {
    const tiles = [...this.#held];
    this.#held = new Map();
    await this.#write(tiles.filter(([, { level }]) => level === 'entries'));
    await this.#write(tiles.filter(([, { level }]) => level !== 'entries'));
  }

  async #write(tiles: readonly (readonly [string, Tile])[]): Promise<void> {
    for (let at = 0; at < tiles.length; at += WRITTEN_AT_ONCE) {
      const slice = tiles.slice(at, at + WRITTEN_AT_ONCE);
      await Promise.all(slice.map(([name, { bytes }]) => this.#store.put(name, bytes)));
    }
  }
}
