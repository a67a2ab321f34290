// Finds where the log stands: the last head this sealer signed, believed only if the signed checkpoint in the locked
// bucket says the same, and then every segment after it. Without a usable head the log is read from its beginning.

import type { SealedHead } from '../adapters/dynamo-sealing.ts';
import { checkpointName, numberOf, SEGMENT_PREFIX, segmentName } from '../core/ledger/log-layout.ts';
import { leafHashOf, RightEdge } from '../core/ledger/merkle.ts';
import { parseCheckpoint, parseNote } from '../core/ledger/note.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import { keyOfNote, LogKeys } from './log-keys.ts';
import type { SealerPorts } from './ports.ts';
import { SealerError } from './sealer-error.ts';

export interface OpenLog {
  readonly edge: RightEdge;
  /** Size of the last checkpoint known to be signed; 0 when there is none. */
  signedSize: number;
  /** Epoch milliseconds of the last sealing. */
  sealedAt: number;
  /** Epoch milliseconds: what was written before is sealed. */
  checkedAt: number;
  /** Timestamps of the entries that this run sealed. */
  readonly sealed: string[];
  readonly keys: LogKeys;
}

/** A segment that lies in the bucket beyond the head: sealed, perhaps unsigned, its items perhaps not marked. */
export interface FoundSegment {
  readonly start: number;
  readonly lines: readonly string[];
}

export const openLog = async (
  ports: SealerPorts,
  onSegment: (segment: FoundSegment) => Promise<void>,
): Promise<OpenLog> => {
  const head = await ports.queue.loadHead();
  const trusted = head === undefined ? undefined : await trustedHead(ports, head);
  const log: OpenLog = {
    edge: trusted?.edge ?? new RightEdge(),
    signedSize: trusted?.edge.size ?? 0,
    sealedAt: head?.sealedAt ?? 0,
    checkedAt: head?.checkedAt ?? 0,
    sealed: [],
    keys: trusted?.keys ?? new LogKeys(),
  };
  await readOn(ports, log, onSegment);
  return log;
};

// The head lies in a table that more hands can reach than the bucket. A wrong one would make KMS sign a forked root.
const trustedHead = async (
  ports: SealerPorts,
  head: SealedHead,
): Promise<{ readonly edge: RightEdge; readonly keys: LogKeys } | undefined> => {
  const bytes = await ports.log.get(checkpointName(head.size));
  const note = bytes === undefined ? undefined : parseNote(bytes);
  if (note === undefined || !note.ok) return distrusted(ports, head);
  const inForce = await keyOfNote(ports, note.value);
  const checkpoint = parseCheckpoint(note.value.text, ports.origin);
  if (inForce === undefined || !checkpoint.ok || checkpoint.value.size !== head.size) return distrusted(ports, head);
  const edge = edgeOf(head);
  if (edge === undefined || Buffer.compare(edge.root(), checkpoint.value.root) !== 0) return distrusted(ports, head);
  return { edge, keys: new LogKeys(inForce) };
};

const edgeOf = ({ size, roots }: SealedHead): RightEdge | undefined => {
  try {
    const edge = new RightEdge(
      size,
      roots.map((root) => Buffer.from(root, 'base64')),
    );
    // Roots of another length fail here.
    edge.root();
    return edge;
  } catch {
    return undefined;
  }
};

const distrusted = (ports: SealerPorts, head: SealedHead): undefined => {
  ports.diagnostics.error(
    `The remembered head of size ${head.size} has no checkpoint that agrees; reading the log anew`,
    undefined,
  );
  return undefined;
};

/** One more entry, in the bucket already. */
export const append = (log: OpenLog, line: string): void => {
  log.keys.line(line, log.edge.size);
  log.edge.append(leafHashOf(line));
};

/** Appends every segment from the edge on; a hole in the names means that the log cannot be continued. */
export const readOn = async (
  ports: SealerPorts,
  log: OpenLog,
  onSegment: (segment: FoundSegment) => Promise<void>,
): Promise<void> => {
  // Names are ordered: everything after the name of the entry before the edge.
  const after = log.edge.size === 0 ? SEGMENT_PREFIX : segmentName(log.edge.size - 1);
  for await (const name of ports.log.listAfter(SEGMENT_PREFIX, after)) {
    const start = numberOf(name);
    if (start !== log.edge.size)
      throw new SealerError('LOG_BROKEN', `Expected ${segmentName(log.edge.size)}, found ${name}`);
    const packed = await ports.log.get(name);
    if (packed === undefined) throw new SealerError('LOG_BROKEN', `${name} is listed and cannot be read`);
    const lines = unpackLines(packed);
    for (const line of lines) append(log, line);
    await onSegment({ start, lines });
  }
};
