// Bodies of the witness protocol's add-checkpoint call (C2SP tlog-witness): what a log sends, what a witness answers. Pure.
//
//     old 20852014
//     PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
//     …
//
//     <checkpoint, verbatim>
//
// A witness answers 200 with signature lines, or 409 with the size that it cosigned last.

import { isUtf8 } from 'node:buffer';
import { err, ok, type Result } from '../result.ts';
import type { Hash } from './merkle.ts';
import { MAX_NOTE_BYTES, strictBase64 } from './note.ts';

const MAX_HASHES = 63;
const HASH_BYTES = 32;
/** A note of the largest size we read, 63 hashes, and the line before them. */
export const MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + 4096;

export interface AddCheckpoint {
  /** Size of the tree that the witness cosigned last. */
  readonly oldSize: number;
  readonly proof: readonly Hash[];
  /** The signed note, verbatim. */
  readonly checkpoint: Uint8Array;
}

export interface RequestFault {
  readonly reason: 'request_malformed';
  readonly detail: string;
}

export const formatAddCheckpoint = ({ oldSize, proof, checkpoint }: AddCheckpoint): string => {
  const hashes = proof.map((hash) => Buffer.from(hash).toString('base64'));
  return `${[`old ${oldSize}`, ...hashes].join('\n')}\n\n${Buffer.from(checkpoint).toString('utf8')}`;
};

/** Reads a request without trusting it: every size is the sender's, and is bounded first. */
export const parseAddCheckpoint = (bytes: Uint8Array): Result<AddCheckpoint, RequestFault> => {
  const wrong = (detail: string): Result<never, RequestFault> => err({ reason: 'request_malformed', detail });
  if (bytes.length > MAX_ADD_CHECKPOINT_BYTES)
    return wrong(`the body is longer than ${MAX_ADD_CHECKPOINT_BYTES} bytes`);
  if (!isUtf8(bytes)) return wrong('the body is not UTF-8');
  const text = Buffer.from(bytes).toString('utf8');
  const split = text.indexOf('\n\n');
  if (split < 0) return wrong('no empty line before the checkpoint');
  const [first = '', ...lines] = text.slice(0, split).split('\n');
  const oldSize = first.startsWith('old ') ? parseSize(first.slice('old '.length)) : undefined;
  if (oldSize === undefined) return wrong('the first line is not "old <size>"');
  if (lines.length > MAX_HASHES) return wrong(`more than ${MAX_HASHES} lines of proof`);
  const proof = lines.map(strictBase64).filter((hash) => hash?.length === HASH_BYTES);
  if (proof.length !== lines.length) return wrong('a line of the proof is not base64 of 32 bytes');
  const checkpoint = Buffer.from(text.slice(split + 2), 'utf8');
  return ok({ oldSize, proof: proof.filter((hash) => hash !== undefined), checkpoint });
};

/** A decimal without leading zeroes, within the safe integers. */
const parseSize = (text: string): number | undefined => {
  const size = /^(?:0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(size) ? size : undefined;
};

export const formatSizeBody = (size: number): string => `${size}\n`;

/** The size in a 409's body; `undefined` for anything else. */
export const parseSizeBody = (body: Uint8Array): number | undefined => {
  const text = Buffer.from(body).toString('latin1');
  return text.endsWith('\n') ? parseSize(text.slice(0, -1)) : undefined;
};
