// Finds where the log stands: the last head this sealer signed, believed only if the signed checkpoint in the locked
// bucket says the same, and then every segment after it. Without a usable head the log is read from its beginning.

import { createPublicKey } from 'node:crypto';
import type { SealedHead } from '../adapters/dynamo-sealing.ts';
import { checkpointName, numberOf, SEGMENT_PREFIX, segmentName } from '../core/ledger/log-layout.ts';
import { leafHashOf, RightEdge } from '../core/ledger/merkle.ts';
import { keyIdOf, parseCheckpoint, parseNote, rawPublicKey, type Verifier, verifyNote } from '../core/ledger/note.ts';
import { unpackLines } from '../core/ledger/packing.ts';
import type { SealerPorts } from './ports.ts';

class SealerError extends Error {
  readonly code: 'KEY_UNUSABLE' | 'LOG_BROKEN';

  constructor(code: 'KEY_UNUSABLE' | 'LOG_BROKEN', message: string) {
    super(message);
    this.code = code;
  }
}

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
  readonly verifier: Verifier;
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
  const verifier = await loadVerifier(ports);
  const head = await ports.queue.loadHead();
  const edge = head === undefined ? undefined : await trustedEdge(ports, verifier, head);
  const log: OpenLog = {
    edge: edge ?? new RightEdge(),
    signedSize: edge?.size ?? 0,
    sealedAt: head?.sealedAt ?? 0,
    checkedAt: head?.checkedAt ?? 0,
    sealed: [],
    verifier,
  };
  await readOn(ports, log, onSegment);
  return log;
};

const loadVerifier = async ({ signer, origin }: SealerPorts): Promise<Verifier> => {
  const spki = await signer.publicKey();
  const raw = rawPublicKey(spki);
  if (raw === undefined) throw new SealerError('KEY_UNUSABLE', 'The checkpoint key is not an Ed25519 key');
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return { name: origin, keyId: keyIdOf(origin, raw), publicKey };
};

// The head lies in a table that more hands can reach than the bucket. A wrong one would make KMS sign a forked root.
const trustedEdge = async (
  ports: SealerPorts,
  verifier: Verifier,
  head: SealedHead,
): Promise<RightEdge | undefined> => {
  const bytes = await ports.log.get(checkpointName(head.size));
  const note = bytes === undefined ? undefined : parseNote(bytes);
  if (note === undefined || !note.ok || !verifyNote(note.value, verifier).ok) return distrusted(ports, head);
  const checkpoint = parseCheckpoint(note.value.text, ports.origin);
  if (!checkpoint.ok || checkpoint.value.size !== head.size) return distrusted(ports, head);
  try {
    const edge = new RightEdge(
      head.size,
      head.roots.map((root) => Buffer.from(root, 'base64')),
    );
    return Buffer.compare(edge.root(), checkpoint.value.root) === 0 ? edge : distrusted(ports, head);
  } catch {
    return distrusted(ports, head);
  }
};

const distrusted = (ports: SealerPorts, head: SealedHead): undefined => {
  ports.diagnostics.error(
    `The remembered head of size ${head.size} has no checkpoint that agrees; reading the log anew`,
    undefined,
  );
  return undefined;
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
    for (const line of lines) log.edge.append(leafHashOf(line));
    await onSegment({ start, lines });
  }
};
