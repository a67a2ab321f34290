// Names of a sealed log's objects, in the evidence bucket and in any folder copied from it. Pure.
//
//     seg/<start>.jsonl.gz            entries from index <start>: one canonical line each, the exact leaf bytes
//     ckpt/<size>.note                signed checkpoint of the first <size> entries
//     cosig/<size>/<key id>.note      the same checkpoint, cosigned by a witness: key id of the witness, 8 hex digits
//     bodies/<start>-<digest>.jsonl.gz  ciphertexts that stood beside the entries of seg/<start>
//     body/<ct>                       larger ciphertexts, one object each
//     intent/<call id>.dsse.json      signed intents of strict calls, written before the call
//     keys/<key id>.json, .pem        public keys of the log; .revoked.json when one was revoked
//     manifest/<sid>.dsse.json        signed manifest of an ended session
//
// Numbers are zero-padded to 16 digits, so that the order of names is the order of the log.

import { createHash } from 'node:crypto';
import { EVIDENCE_KEYS } from '../../contract.ts';

const DIGITS = 16;

const pad = (index: number): string => String(index).padStart(DIGITS, '0');

export const SEGMENT_PREFIX = EVIDENCE_KEYS.segmentPrefix;
export const CHECKPOINT_PREFIX = EVIDENCE_KEYS.checkpointPrefix;
export const COSIGNATURE_PREFIX = EVIDENCE_KEYS.cosignaturePrefix;
export const BODIES_PREFIX = EVIDENCE_KEYS.bodiesPrefix;
export const OBJECT_BODY_PREFIX = 'body/';
export const INTENT_PREFIX = EVIDENCE_KEYS.intentPrefix;
export const KEY_PREFIX = EVIDENCE_KEYS.keyPrefix;

/**
 * In which order a log that goes on growing is listed to be copied: what was written later first, so that everything the
 * copy has rests on something that it has too. At worst its last entries are not signed yet.
 */
export const COPY_ORDER: readonly string[] = [
  EVIDENCE_KEYS.manifestPrefix,
  EVIDENCE_KEYS.cosignaturePrefix,
  EVIDENCE_KEYS.checkpointPrefix,
  EVIDENCE_KEYS.keyPrefix,
  EVIDENCE_KEYS.segmentPrefix,
  EVIDENCE_KEYS.bodiesPrefix,
  EVIDENCE_KEYS.bodyPrefix,
  EVIDENCE_KEYS.intentPrefix,
];
export const MANIFEST_PREFIX = EVIDENCE_KEYS.manifestPrefix;

/** Largest line, the leaf bytes of an entry. C2SP tlog-tiles caps an entry at 65,535 bytes; the margin is for a future wrapper. */
export const MAX_LEAF_BYTES = 60_000;

export const segmentName = (start: number): string => `${SEGMENT_PREFIX}${pad(start)}.jsonl.gz`;

export const checkpointName = (size: number): string => `${CHECKPOINT_PREFIX}${pad(size)}.note`;

/** What the names of all cosigned checkpoints of a size begin with. */
export const cosignaturesPrefixOf = (size: number): string => `${COSIGNATURE_PREFIX}${pad(size)}/`;

export const cosignatureName = (size: number, keyId: string): string => `${cosignaturesPrefixOf(size)}${keyId}.note`;

/** What the names of all bodies of a segment begin with. */
export const bodiesPrefixOf = (start: number): string => `${BODIES_PREFIX}${pad(start)}-`;

/** Bodies are named by their own digest too: two sealers that race for one start never meet under one name. */
export const bodiesName = (start: number, packed: Uint8Array): string =>
  `${BODIES_PREFIX}${pad(start)}-${createHash('sha256').update(packed).digest('hex')}.jsonl.gz`;

export const intentName = (callId: string): string => `${INTENT_PREFIX}${callId}.dsse.json`;
export const manifestName = (sid: string): string => `${MANIFEST_PREFIX}${sid}.dsse.json`;

const NUMBERED = /^(?:seg\/(\d{16})\.jsonl\.gz|ckpt\/(\d{16})\.note)$/;
const COSIGNATURE = /^cosig\/(\d{16})\/([0-9a-f]{8})\.note$/;
const BODIES = /^bodies\/(\d{16})-([0-9a-f]{64})\.jsonl\.gz$/;
const MANIFEST = /^manifest\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.dsse\.json$/;
const OBJECT_BODY = /^body\/([0-9a-f]{64})$/;
const INTENT = /^intent\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\.dsse\.json$/;
const KEY_FILE = /^keys\/[0-9a-f]{8}\.(?:json|pem|revoked\.json)$/;

// Sixteen digits reach beyond the safe integers, where two names would have one number.
const indexOf = (digits: string | undefined): number | undefined => {
  const index = Number(digits);
  return digits !== undefined && Number.isSafeInteger(index) ? index : undefined;
};

/** The start of a segment or the size of a checkpoint, from its name; `undefined` for any other name. */
export const numberOf = (name: string): number | undefined => {
  const digits = NUMBERED.exec(name);
  return indexOf(digits?.[1] ?? digits?.[2]);
};

/** Size and witness key id in the name of a cosigned checkpoint; `undefined` for any other name. */
export const cosignatureOf = (name: string): { readonly size: number; readonly keyId: string } | undefined => {
  const [, digits, keyId] = COSIGNATURE.exec(name) ?? [];
  const size = indexOf(digits);
  return size === undefined || keyId === undefined ? undefined : { size, keyId };
};

/** Start and digest (hex) in the name of a `bodies/` object; `undefined` for any other name. */
export const bodiesOf = (name: string): { readonly start: number; readonly digest: string } | undefined => {
  const [, digits, digest] = BODIES.exec(name) ?? [];
  const start = indexOf(digits);
  return start === undefined || digest === undefined ? undefined : { start, digest };
};

/** Digest (hex) in the name of a `body/` object; `undefined` for any other name. */
export const objectBodyOf = (name: string): string | undefined => OBJECT_BODY.exec(name)?.[1];

/** Call id in the name of an `intent/` object; `undefined` for any other name. */
export const intentOf = (name: string): string | undefined => INTENT.exec(name)?.[1];
/** Session id in the name of a manifest; `undefined` for any other name. */
export const manifestOf = (name: string): string | undefined => MANIFEST.exec(name)?.[1];

/** Whether a name is one of a key's objects. */
export const isKeyFile = (name: string): boolean => KEY_FILE.test(name);

/** One ciphertext of a `bodies/` object, as its JSON line. */
export interface BodyLine {
  /** `sha256:<hex>` of `jwe`. */
  readonly ct: string;
  readonly jwe: string;
}
