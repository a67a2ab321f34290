// Brings the tiles up to the signed log, for monitors. The tiles are derived: the locked bucket is the truth, and the
// tiles bucket is only asked how far it got. Its right edge is believed where it has the root of the locked checkpoint
// of that size; otherwise the tiles are built anew from the segments.
//
//     read the edge -> append segments -> entry bundles and hash tiles -> CHECKPOINT
//
// The checkpoint is written last, so that every tile it needs is there. Died before it: the next run begins where this
// one did and writes the same bytes. A run out of time leaves `progress` at a checkpoint's size and goes on there.

import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { TileStore } from '../adapters/s3-tiles.ts';
import { CHECKPOINT_PREFIX, checkpointName, segmentName } from '../core/ledger/log-layout.ts';
import type { TreeHead } from '../core/ledger/merkle.ts';
import { parseCheckpoint, parseNote } from '../core/ledger/note.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import { edgeTiles, fullAt, TILES_CHECKPOINT, TileBuilder, tileName } from '../core/ledger/tiles.ts';
import type { Clock } from '../core/time.ts';
import { CheckpointSizes, TileWriter } from './tile-writer.ts';

export interface TilePorts {
  readonly origin: string;
  readonly log: EvidenceLog;
  readonly tiles: TileStore;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

class TilesError extends Error {
  readonly code = 'LOG_BROKEN';
}

/** Size up to which the tiles were written by a run that had no time for the rest; a hint, checked like any other. */
const PROGRESS = 'progress';

/** Writes the tiles of the first `signedSize` entries. Never throws: sealing does not depend on them. */
export const publishTiles = async (ports: TilePorts, signedSize: number, deadlineAt: number): Promise<void> => {
  try {
    await publish(ports, signedSize, deadlineAt);
  } catch (cause) {
    // lib/alarms.ts counts this very text.
    ports.diagnostics.error('The tiles were not written', cause);
  }
};

const publish = async (ports: TilePorts, signedSize: number, deadlineAt: number): Promise<void> => {
  const published = await ports.tiles.get(TILES_CHECKPOINT);
  const target = await loadCheckpoint(ports, signedSize);
  if (target === undefined) throw new TilesError(`${checkpointName(signedSize)} cannot be read`);
  if (published !== undefined && (await isUpToDate(ports, published.bytes, target))) return;
  const builder = await resume(ports, published?.bytes, signedSize);
  const writer = new TileWriter(ports.tiles);
  const reached = await grow(ports, { builder, writer, targetSize: signedSize, deadlineAt });
  if (!reached) return;
  if (Buffer.compare(builder.root(), target.head.root) !== 0) {
    throw new TilesError(`The segments do not have the root of ${checkpointName(signedSize)}`);
  }
  // `overtaken`: another sealer has published in the meantime, and its checkpoint stands.
  await ports.tiles.replace(TILES_CHECKPOINT, target.note, published?.etag ?? null);
};

/** Whether this checkpoint is published, or, by another sealer, a later one. */
const isUpToDate = async (ports: TilePorts, published: Uint8Array, target: LockedCheckpoint): Promise<boolean> => {
  if (Buffer.compare(published, target.note) === 0) return true;
  const size = statedSize(published);
  const later = size > target.head.size ? await loadCheckpoint(ports, size) : undefined;
  return later !== undefined && Buffer.compare(published, later.note) === 0;
};

interface LockedCheckpoint {
  readonly note: Uint8Array;
  readonly head: TreeHead;
}

/** A checkpoint from the locked bucket; `undefined` when there is none of this size. */
const loadCheckpoint = async ({ log, origin }: TilePorts, size: number): Promise<LockedCheckpoint | undefined> => {
  // Listed first: a role that may list some prefixes only is told "forbidden" of an object that is not there.
  for await (const name of log.listAfter(CHECKPOINT_PREFIX, checkpointName(size - 1))) {
    if (name !== checkpointName(size)) return undefined;
    const bytes = await log.get(name);
    const note = bytes === undefined ? undefined : parseNote(bytes);
    const head = note?.ok === true ? parseCheckpoint(note.value.text, origin) : undefined;
    return bytes !== undefined && head?.ok === true ? { note: bytes, head: head.value } : undefined;
  }
  return undefined;
};

/** The tiles as far as they stand and can be proven. */
const resume = async (
  ports: TilePorts,
  published: Uint8Array | undefined,
  signedSize: number,
): Promise<TileBuilder> => {
  const progress = await ports.tiles.get(PROGRESS);
  const sizes = [statedSize(published), sizeOf(textOf(progress?.bytes))];
  const hints = sizes.filter((size) => size > 0 && size <= signedSize).sort((a, b) => b - a);
  for (const size of new Set(hints)) {
    const builder = await resumeAt(ports, size);
    if (builder !== undefined) return builder;
    ports.diagnostics.error(`The tiles of ${size} entries are not those of the log; building them anew`, undefined);
  }
  return new TileBuilder();
};

const textOf = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString('utf8');

const statedSize = (note: Uint8Array | undefined): number => sizeOf(textOf(note).split('\n')[1]);

const sizeOf = (text: string | undefined): number => (/^[1-9]\d{0,14}$/.test(text ?? '') ? Number(text) : 0);

const resumeAt = async (ports: TilePorts, size: number): Promise<TileBuilder | undefined> => {
  const checkpoint = await loadCheckpoint(ports, size);
  if (checkpoint === undefined) return undefined;
  const names = edgeTiles(size).map(tileName);
  const stored = await Promise.all(names.map(async (name) => [name, (await ports.tiles.get(name))?.bytes] as const));
  const found = stored.flatMap(([name, bytes]) => (bytes === undefined ? [] : [[name, bytes] as const]));
  return TileBuilder.resume(checkpoint.head, new Map(found));
};

interface Growth {
  readonly builder: TileBuilder;
  readonly writer: TileWriter;
  readonly targetSize: number;
  readonly deadlineAt: number;
}

/** Appends the segments after the edge and writes the tiles. `false`: out of time. */
const grow = async (ports: TilePorts, growth: Growth): Promise<boolean> => {
  const { builder, writer, targetSize } = growth;
  const checkpoints = new CheckpointSizes(ports.log, builder.size);
  while (builder.size < targetSize) {
    await appendSegment(ports, growth);
    await writer.flushIfFull();
    if (await checkpoints.has(builder.size)) {
      addEdge(growth);
      if (await stopsHere(ports, growth)) return false;
    }
  }
  await writer.flush();
  return true;
};

/** A checkpoint's partial tiles are served until the full ones are there (tlog-tiles, "Partial Tiles"). */
const addEdge = ({ builder, writer, targetSize }: Growth): void => {
  for (const tile of builder.edge()) if (fullAt(tile) > targetSize) writer.add(tile);
};

const stopsHere = async ({ tiles, clock }: TilePorts, growth: Growth): Promise<boolean> => {
  const { builder, writer, targetSize, deadlineAt } = growth;
  if (builder.size === targetSize || clock.now() < deadlineAt) return false;
  for (const tile of builder.edge()) writer.add(tile);
  await writer.flush();
  await tiles.put(PROGRESS, Buffer.from(String(builder.size)));
  return true;
};

const appendSegment = async ({ log }: TilePorts, { builder, writer }: Growth): Promise<void> => {
  const name = segmentName(builder.size);
  const packed = await log.get(name);
  if (packed === undefined) throw new TilesError(`${name} cannot be read`);
  for (const line of unpackLines(packed)) {
    for (const tile of builder.append(Buffer.from(line, 'utf8'))) writer.add(tile);
  }
};
