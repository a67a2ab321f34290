// Names of a sealed log's objects, in the evidence bucket and in any folder copied from it. Pure.
//
//     seg/<start>.jsonl.gz            entries from index <start>: one canonical line each, the exact leaf bytes
//     ckpt/<size>.note                signed checkpoint of the first <size> entries
//     bodies/<start>-<digest>.jsonl.gz  ciphertexts that stood beside the entries of seg/<start>
//     body/<ct>                       larger ciphertexts, one object each
//
// Numbers are zero-padded to 16 digits, so that the order of names is the order of the log.

import { createHash } from 'node:crypto';

const DIGITS = 16;

const pad = (index: number): string => String(index).padStart(DIGITS, '0');

export const SEGMENT_PREFIX = 'seg/';
export const CHECKPOINT_PREFIX = 'ckpt/';
export const BODIES_PREFIX = 'bodies/';

export const segmentName = (start: number): string => `${SEGMENT_PREFIX}${pad(start)}.jsonl.gz`;

export const checkpointName = (size: number): string => `${CHECKPOINT_PREFIX}${pad(size)}.note`;

/** Bodies are named by their own digest too: two sealers that race for one start never meet under one name. */
export const bodiesName = (start: number, packed: Uint8Array): string =>
  `${BODIES_PREFIX}${pad(start)}-${createHash('sha256').update(packed).digest('hex')}.jsonl.gz`;

const NUMBERED = /^(?:seg|ckpt)\/(\d{16})\.(?:jsonl\.gz|note)$/;

/** The start of a segment or the size of a checkpoint, from its name; `undefined` for any other name. */
export const numberOf = (name: string): number | undefined => {
  const digits = NUMBERED.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
};

/** One ciphertext of a `bodies/` object, as its JSON line. */
export interface BodyLine {
  /** `sha256:<hex>` of `jwe`. */
  readonly ct: string;
  readonly jwe: string;
}
