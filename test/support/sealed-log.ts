// A sealed log in memory, sealed by the product's own functions and an Ed25519 key of this process.

import { createPrivateKey, createPublicKey, type KeyObject, sign } from 'node:crypto';
import type { Signer } from '../../lambdas/adapters/kms-signer.ts';
import {
  type Cosigner,
  cosignedMessage,
  cosignerKeyId,
  formatCosignature,
  formatCosignerKey,
} from '../../lambdas/core/ledger/cosignature.ts';
import { formatEnvelope, preAuthEncoding } from '../../lambdas/core/ledger/dsse.ts';
import { keyFilesOf } from '../../lambdas/core/ledger/key-files.ts';
import {
  bodiesName,
  checkpointName,
  cosignatureName,
  manifestName,
  OBJECT_BODY_PREFIX,
  segmentName,
} from '../../lambdas/core/ledger/log-layout.ts';
import { manifestPayload } from '../../lambdas/core/ledger/manifest.ts';
import { leafHashOf, RightEdge, type TreeHead } from '../../lambdas/core/ledger/merkle.ts';
import {
  formatCheckpoint,
  formatNote,
  formatSignature,
  formatVerifierKey,
  keyIdOf,
  rawPublicKey,
  type Verifier,
} from '../../lambdas/core/ledger/note.ts';
import { bodyLine, packLines } from '../../lambdas/core/ledger/packing.ts';
import { intentKeyName } from '../../lambdas/core/ledger/strict-intent.ts';
import { parsePolicy, type TrustPolicy } from '../../lambdas/core/ledger/trust-policy.ts';
import type { LogFiles } from '../../lambdas/core/ledger/verify/inventory.ts';
import { readLine } from '../../lambdas/core/ledger/verify/read-line.ts';
import { Findings } from '../../lambdas/core/ledger/verify/report.ts';
import { SessionCheck } from '../../lambdas/core/ledger/verify/sessions.ts';
import { fromTimestamp } from '../../lambdas/core/time.ts';
import { entriesOf, ORIGIN, type SealedEntry } from './sealed-entries.ts';

export interface LogKey {
  readonly vkey: string;
  readonly verifier: Verifier;
  sign(text: string): Uint8Array;
  /** A signed note over a text. */
  note(text: string): string;
  /** A note with this key's signature too. */
  cosign(note: string): string;
  /** A signed DSSE envelope around a payload. */
  envelope(payload: string): Uint8Array;
}

interface KeyPair {
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  readonly raw: Uint8Array;
}

const keyPair = (seed: number): KeyPair => {
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), Buffer.alloc(32, seed)]);
  const privateKey: KeyObject = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey(privateKey);
  const raw = rawPublicKey(publicKey.export({ format: 'der', type: 'spki' }));
  if (raw === undefined) throw new TypeError('an Ed25519 key');
  return { privateKey, publicKey, raw };
};

/** The same key for the same number. */
export const logKey = (seed = 1, name = ORIGIN): LogKey => {
  const { privateKey, publicKey, raw } = keyPair(seed);
  const keyId = keyIdOf(name, raw);
  const signText = (text: string): Uint8Array => sign(null, Buffer.from(text, 'utf8'), privateKey);
  return {
    vkey: formatVerifierKey(name, raw),
    verifier: { name, keyId, publicKey },
    sign: signText,
    note: (text) => formatNote(text, name, keyId, signText(text)),
    cosign: (note) => {
      const signature = signText(note.slice(0, note.indexOf('\n\n') + 1));
      return `${note}${formatSignature({ name, keyId, signature })}`;
    },
    envelope: (payload) => Buffer.from(formatEnvelope(payload, keyId, signText(preAuthEncoding(payload))), 'utf8'),
  };
};

export interface WitnessKey {
  readonly vkey: string;
  readonly cosigner: Cosigner;
  /** What KMS does for a deployed witness. */
  readonly signer: Signer;
  /** The checkpoint with this witness's cosignature behind its signatures. */
  cosign(checkpoint: Uint8Array, seconds: number): Uint8Array;
}

export const witnessKey = (seed: number, name: string): WitnessKey => {
  const { privateKey, publicKey, raw } = keyPair(seed);
  const cosigner: Cosigner = { kind: 'cosigner', name, keyId: cosignerKeyId(name, raw), publicKey };
  return {
    vkey: formatCosignerKey(name, raw),
    cosigner,
    signer: {
      publicKey: () => Promise.resolve(publicKey.export({ format: 'der', type: 'spki' })),
      sign: (text) => Promise.resolve(sign(null, Buffer.from(text, 'utf8'), privateKey)),
    },
    cosign: (checkpoint, seconds) => {
      const note = Buffer.from(checkpoint).toString('utf8');
      const text = note.slice(0, note.indexOf('\n\n') + 1);
      const signature = sign(null, Buffer.from(cosignedMessage(seconds, text), 'utf8'), privateKey);
      return Buffer.from(`${note}${formatCosignature(cosigner, seconds, signature)}`, 'utf8');
    },
  };
};

export const policyOf = (text: string): TrustPolicy => {
  const policy = parsePolicy(Buffer.from(text, 'utf8'));
  if (!policy.ok) throw new TypeError(`line ${policy.error.line}: ${policy.error.detail}`);
  return policy.value;
};

export type FileMap = Map<string, Uint8Array>;

export const ORIGIN_OF_LOG = ORIGIN;

export const rootOfEntries = (entries: readonly SealedEntry[]): Uint8Array => {
  const edge = new RightEdge();
  for (const { line } of entries) edge.append(leafHashOf(line));
  return edge.root();
};

export const checkpointOf = (key: LogKey, head: TreeHead, origin = ORIGIN): Uint8Array =>
  Buffer.from(key.note(formatCheckpoint(origin, head)), 'utf8');

export interface Sealing {
  readonly key: LogKey;
  readonly segmentEntries: number;
  /** A checkpoint after every so many segments, and one at the end. @default 1 */
  readonly segmentsPerCheckpoint?: number;
  /** Each cosigns every checkpoint two seconds after its last entry. @default none */
  readonly witnesses?: readonly WitnessKey[];
  /** Keys that the log may rotate to. @default none */
  readonly laterKeys?: readonly LogKey[];
}

/** Seals entries segment by segment; yields each object as it would be written. */
export function* seal(entries: Iterable<SealedEntry>, sealing: Sealing): Generator<[string, Uint8Array]> {
  const { segmentEntries, segmentsPerCheckpoint = 1, witnesses = [] } = sealing;
  const edge = new RightEdge();
  let waiting: SealedEntry[] = [];
  const sessions = new SessionCheck(new Findings());
  let segments = 0;
  let index = 0;
  let seconds = 0;
  const keys = new SigningKeys(sealing);
  function* checkpoint(): Generator<[string, Uint8Array]> {
    const note = keys.sign(formatCheckpoint(ORIGIN, { size: edge.size, root: edge.root() }));
    yield [checkpointName(edge.size), note];
    for (const { cosigner, cosign } of witnesses) {
      yield [cosignatureName(edge.size, cosigner.keyId), cosign(note, seconds + 2)];
    }
  }
  for (const entry of entries) {
    waiting.push(entry);
    noteEntry(sessions, entry.line, index);
    index += 1;
    seconds = Math.floor(fromTimestamp(entry.entry.ts) / 1000);
    if (waiting.length < segmentEntries) continue;
    yield* segment(edge, waiting);
    yield* keys.take(edge.size - waiting.length, waiting);
    waiting = [];
    segments += 1;
    if (segments % segmentsPerCheckpoint === 0) yield* checkpoint();
  }
  if (waiting.length > 0) {
    yield* segment(edge, waiting);
    yield* keys.take(edge.size - waiting.length, waiting);
  }
  for (const [sid, payload] of manifests(sessions)) yield [manifestName(sid), keys.envelope(payload)];
  yield* checkpoint();
}

const hasKeyFiles = (entry: SealedEntry['entry']) =>
  entry.type === 'key.genesis' ||
  entry.type === 'key.registered' ||
  entry.type === 'key.rotated' ||
  entry.type === 'key.revoked';

/** Signs as a sealer does: with the key in force, and once with the one before it, unless that was revoked. */
class SigningKeys {
  readonly #all: readonly LogKey[];
  #inForce: LogKey;
  #before: LogKey[] = [];
  readonly #revoked = new Set<string>();
  readonly #written = new Set<string>();

  constructor({ key, laterKeys = [] }: Sealing) {
    this.#inForce = key;
    this.#all = [key, ...laterKeys];
  }

  /** Learns of the keys in a segment, and yields the objects that belong to them. */
  *take(start: number, entries: readonly SealedEntry[]): Generator<[string, Uint8Array]> {
    for (const [at, { entry }] of entries.entries()) {
      if (entry.type === 'key.revoked') this.#revoked.add(entry.key);
      const next = entry.type === 'key.rotated' ? this.#all.find(({ vkey }) => vkey === entry.next) : undefined;
      if (next !== undefined) {
        this.#before.push(this.#inForce);
        this.#inForce = next;
      }
      if (!hasKeyFiles(entry)) continue;
      for (const { name, text } of keyFilesOf(entry, start + at)) {
        // Objects are written once: the first one stays.
        if (!this.#written.has(name)) yield [name, Buffer.from(text, 'utf8')];
        this.#written.add(name);
      }
    }
  }

  envelope(payload: string): Uint8Array {
    return this.#inForce.envelope(payload);
  }

  sign(text: string): Uint8Array {
    const before = this.#before.filter(({ vkey }) => !this.#revoked.has(vkey));
    this.#before = [];
    return Buffer.from(
      before.reduce((note, key) => key.cosign(note), this.#inForce.note(text)),
      'utf8',
    );
  }
}

/** What the manifests of all ended sessions say. */
function* manifests(sessions: SessionCheck): Generator<[string, string]> {
  for (const { sid } of sessions.settled()) {
    const totals = sessions.find(sid)?.summary.totals();
    if (totals !== undefined) yield [sid, manifestPayload(ORIGIN, sid, totals)];
  }
}

/** Takes an entry into account as far as it is one. */
const noteEntry = (sessions: SessionCheck, line: string, index: number): void => {
  const entry = readLine(line, Buffer.byteLength(line, 'utf8'), ORIGIN);
  if (entry.ok) sessions.entry(entry.value, leafHashOf(line), { index });
};

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
  for (const { locked } of entries) if (locked !== undefined) yield [locked.name, Buffer.from(locked.envelope, 'utf8')];
  yield [segmentName(start), packLines(entries.map(({ line }) => line))];
  for (const { line } of entries) edge.append(leafHashOf(line));
}

export interface SealedLog {
  readonly key: LogKey;
  readonly entries: readonly SealedEntry[];
  readonly files: FileMap;
  readonly sealing: Sealing;
}

/** Signs intents of strict calls, in every log made here. */
export const INTENT_KEY = logKey(3, intentKeyName(ORIGIN));

export const sealedLog = (
  shape: Parameters<typeof entriesOf>[0],
  segmentEntries = 250,
  key: LogKey = logKey(),
  witnesses: readonly WitnessKey[] = [],
): SealedLog => {
  const entries = [...entriesOf(shape, key.vkey, INTENT_KEY)];
  const sealing = { key, segmentEntries, witnesses };
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
