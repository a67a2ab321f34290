// A locked log of short lines that grows as a test says, the tiles bucket beside it, and the model that tiles are held
// against: the formula of the C2SP tlog-tiles text, on all leaves at once.

import { checkpointName, segmentName } from '../../lambdas/core/ledger/log-layout.ts';
import { type Hash, leafHashOf, rootOf } from '../../lambdas/core/ledger/merkle.ts';
import { packLines } from '../../lambdas/core/ledger/packing.ts';
import { publishTiles } from '../../lambdas/sealer/publish-tiles.ts';
import { type Fault, type MemoryLog, makeMemoryLog } from './memory-log.ts';
import { ORIGIN } from './sealed-entries.ts';
import { checkpointOf, logKey } from './sealed-log.ts';

const WIDTH = 256;
export const KEY = logKey();

export interface TiledLog {
  readonly memory: MemoryLog;
  readonly tiles: Map<string, Uint8Array>;
  readonly lines: string[];
  readonly leaves: Hash[];
  /** Sizes with a checkpoint. */
  readonly sizes: number[];
  /** What the writer told the operators. */
  readonly told: string[];
  /** Seals that many more entries as segments of at most `segment`, with a checkpoint at the end. */
  seal(entries: number, segment?: number): void;
  /** Writes the tiles of the last checkpoint; the clock says 0. */
  publish(options?: { readonly fault?: Fault; readonly deadlineAt?: number; readonly size?: number }): Promise<number>;
}

export const makeTiledLog = (): TiledLog => {
  const memory = makeMemoryLog([]);
  const log: TiledLog = {
    memory,
    tiles: memory.tiles,
    lines: [],
    leaves: [],
    sizes: [],
    told: [],
    seal: (entries, segment = 500) => {
      for (let left = entries; left > 0; left -= segment) sealSegment(log, Math.min(left, segment));
      const size = log.lines.length;
      log.sizes.push(size);
      memory.objects.set(checkpointName(size), checkpointOf(KEY, { size, root: rootOf(log.leaves) }));
    },
    publish: async ({ fault, deadlineAt = 1, size = log.sizes.at(-1) ?? 0 } = {}) => {
      const { tiles, log: evidence, tileSteps } = memory.open(undefined, fault);
      const diagnostics = { error: (message: string) => log.told.push(message) };
      const ports = { origin: ORIGIN, log: evidence, tiles, clock: { now: () => 0 }, diagnostics };
      await publishTiles(ports, size, deadlineAt);
      return tileSteps();
    },
  };
  return log;
};

const sealSegment = ({ memory, lines, leaves }: TiledLog, entries: number): void => {
  const start = lines.length;
  const added = Array.from({ length: entries }, (_, n) => `entry ${start + n} ${'é'.repeat((start + n) % 7)}`);
  memory.objects.set(segmentName(start), packLines(added));
  for (const line of added) {
    lines.push(line);
    leaves.push(leafHashOf(line));
  }
};

const indexPath = (index: number): string => {
  const groups: string[] = [];
  for (let rest = index; groups.length === 0 || rest > 0; rest = Math.floor(rest / 1000)) {
    groups.unshift(`${groups.length === 0 ? '' : 'x'}${String(rest % 1000).padStart(3, '0')}`);
  }
  return groups.join('/');
};

/** Names of all tiles of a tree, and what each must hold. */
export function* modelTiles(log: Pick<TiledLog, 'lines' | 'leaves'>, size: number): Generator<[string, Uint8Array]> {
  const nameOf = (level: string, index: number, width: number): string =>
    `tile/${level}/${indexPath(index)}${width === WIDTH ? '' : `.p/${width}`}`;
  for (let level = 0, span = 1; span <= size; level += 1, span *= WIDTH) {
    // MTH(D[(n * 256 + i) * 256**l : (n * 256 + i + 1) * 256**l])
    const count = Math.floor(size / span);
    for (let index = 0; index * WIDTH < count; index += 1) {
      const width = Math.min(WIDTH, count - index * WIDTH);
      const hashes = Array.from({ length: width }, (_, i) => {
        const at = (index * WIDTH + i) * span;
        return rootOf(log.leaves.slice(at, at + span));
      });
      yield [nameOf(String(level), index, width), Buffer.concat(hashes)];
      if (level > 0) continue;
      const entries = log.lines.slice(index * WIDTH, index * WIDTH + width).flatMap((line) => {
        const bytes = Buffer.from(line, 'utf8');
        return [Buffer.of(bytes.length >> 8, bytes.length & 255), bytes];
      });
      yield [nameOf('entries', index, width), Buffer.concat(entries)];
    }
  }
}

/** The size of the published checkpoint, which must be one of the log's own; 0 without one. */
export const publishedSize = ({ tiles, memory }: TiledLog): number => {
  const published = tiles.get('checkpoint');
  if (published === undefined) return 0;
  const size = Number(Buffer.from(published).toString('utf8').split('\n')[1]);
  const locked = memory.objects.get(checkpointName(size));
  if (locked === undefined || Buffer.compare(locked, published) !== 0) throw new Error('a checkpoint of its own');
  return size;
};
