// A sealed log in memory, sealed by the product's own functions and an Ed25519 key of this process.

import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import { bodiesName, checkpointName, OBJECT_BODY_PREFIX, segmentName } from '../../lambdas/core/ledger/log-layout.ts';
import { leafHashOf, RightEdge, type TreeHead } from '../../lambdas/core/ledger/merkle.ts';
import {
  formatCheckpoint,
  formatNote,
  formatVerifierKey,
  keyIdOf,
  rawPublicKey,
  type Verifier,
} from '../../lambdas/core/ledger/note.ts';
import { bodyLine, packLines } from '../../lambdas/core/ledger/packing.ts';
import type { LogFiles } from '../../lambdas/core/ledger/verify/inventory.ts';
import { entriesOf, ORIGIN, type SealedEntry } from './sealed-entries.ts';

export interface LogKey {
  readonly vkey: string;
  readonly verifier: Verifier;
  /** A signed note over a text. */
  note(text: string): string;
}

/** The same key for the same number. */
export const logKey = (seed = 1, name = ORIGIN): LogKey => {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const raw = rawPublicKey(publicKey.export({ format: 'der', type: 'spki' }));
  if (raw === undefined) throw new TypeError('an Ed25519 key');
  const keyId = keyIdOf(name, raw);
  return {
    vkey: formatVerifierKey(name, raw),
    verifier: { name, keyId, publicKey },
    note: (text) => formatNote(text, name, keyId, sign(null, Buffer.from(text, 'utf8'), privateKey)),
  };
};

export type FileMap = Map<string, Uint8Array>;

export const checkpointOf = (key: LogKey, head: TreeHead, origin = ORIGIN): Uint8Array =>
  Buffer.from(key.note(formatCheckpoint(origin, head)), 'utf8');

export interface Sealing {
  readonly key: LogKey;
  readonly segmentEntries: number;
  /** A checkpoint after every so many segments, and one at the end. @default 1 */
  readonly segmentsPerCheckpoint?: number;
}

/** Seals entries segment by segment; yields each object as it would be written. */
export function* seal(entries: Iterable<SealedEntry>, sealing: Sealing): Generator<[string, Uint8Array]> {
  const { key, segmentEntries, segmentsPerCheckpoint = 1 } = sealing;
  const edge = new RightEdge();
  let waiting: SealedEntry[] = [];
  let segments = 0;
  const checkpoint = (): [string, Uint8Array] => [
    checkpointName(edge.size),
    checkpointOf(key, { size: edge.size, root: edge.root() }),
  ];
  for (const entry of entries) {
    waiting.push(entry);
    if (waiting.length < segmentEntries) continue;
    yield* segment(edge, waiting);
    waiting = [];
    segments += 1;
    if (segments % segmentsPerCheckpoint === 0) yield checkpoint();
  }
  if (waiting.length > 0) yield* segment(edge, waiting);
  yield checkpoint();
}

function* segment(edge: RightEdge, entries: readonly SealedEntry[]): Generator<[string, Uint8Array]> {
  const start = edge.size;
  const bodies = entries.flatMap(({ body }) => (body === null ? [] : [body]));
  const inline = bodies.filter(({ at }) => at === 'inline').map(({ ct, jwe }) => bodyLine({ ct, jwe }));
  if (inline.length > 0) {
    const packed = packLines(inline);
    yield [bodiesName(start, packed), packed];
  }
  for (const { ct, jwe, at } of bodies) {
    if (at === 'object') yield [`${OBJECT_BODY_PREFIX}${ct.slice('sha256:'.length)}`, Buffer.from(jwe, 'utf8')];
  }
  yield [segmentName(start), packLines(entries.map(({ line }) => line))];
  for (const { line } of entries) edge.append(leafHashOf(line));
}

export interface SealedLog {
  readonly key: LogKey;
  readonly entries: readonly SealedEntry[];
  readonly files: FileMap;
  readonly sealing: Sealing;
}

export const sealedLog = (
  shape: Parameters<typeof entriesOf>[0],
  segmentEntries = 250,
  key: LogKey = logKey(),
): SealedLog => {
  const entries = [...entriesOf(shape, key.vkey)];
  const sealing = { key, segmentEntries };
  return { key, entries, files: new Map(seal(entries, sealing)), sealing };
};

/** A map of files, as the verifier reads one. */
export const filesOf = (files: FileMap): LogFiles => ({
  list: () => Promise.resolve([...files].map(([name, bytes]) => ({ name, bytes: bytes.length }))),
  read: (name) => {
    const bytes = files.get(name);
    return bytes === undefined ? Promise.reject(new Error(`no ${name}`)) : Promise.resolve(bytes);
  },
});
