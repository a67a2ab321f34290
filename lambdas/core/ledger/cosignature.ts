// Cosignatures of witnesses (C2SP tlog-cosignature, `cosignature/v1`, Ed25519): as of a time, the largest consistent tree
// that the witness has seen of this log is the one of this checkpoint. A signature line in the checkpoint's note:
//
//     — witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
//
// Pure. ML-DSA-44 cosignatures (0x06), the other format of the specification, are not read.

import { type KeyObject, verify } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import {
  COSIGNATURE_V1,
  formatSignature,
  formatVerifierKey,
  keyIdOf,
  type Note,
  type NoteFault,
  parseVerifierKey,
} from './note.ts';

/** A witness's verifier key. Its own type, so that a log's key cannot stand where a witness's is asked for. */
export interface Cosigner {
  readonly kind: 'cosigner';
  readonly name: string;
  /** Four bytes, hex. */
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

export type CosignatureFault =
  | { readonly reason: 'cosignature_missing'; readonly name: string }
  | { readonly reason: 'cosignature_wrong'; readonly name: string };

const TIME_BYTES = 8;
const SIGNATURE_BYTES = 64;
/** The end of the year 9999: later times have no RFC 3339 form. */
const MAX_SECONDS = 253_402_300_799;

/** Key id of a witness's 32-byte public key. */
export const cosignerKeyId = (name: string, publicKey: Uint8Array): string => keyIdOf(name, publicKey, COSIGNATURE_V1);

/** Verifier key of a witness: `<name>+<key id>+<base64(0x04 || public key)>`. */
export const formatCosignerKey = (name: string, publicKey: Uint8Array): string =>
  formatVerifierKey(name, publicKey, COSIGNATURE_V1);

export const parseCosignerKey = (text: string): Result<Cosigner, NoteFault> => {
  const key = parseVerifierKey(text, COSIGNATURE_V1);
  return key.ok ? ok({ kind: 'cosigner', ...key.value }) : key;
};

/** What a witness signs: two lines of its own before the text of the checkpoint. */
export const cosignedMessage = (seconds: number, checkpoint: string): string =>
  `cosignature/v1\ntime ${seconds}\n${checkpoint}`;

/** The signature line of a cosignature made at `seconds` after the epoch. */
export const formatCosignature = (
  { name, keyId }: Pick<Cosigner, 'name' | 'keyId'>,
  seconds: number,
  signature: Uint8Array,
): string => {
  const time = Buffer.alloc(TIME_BYTES);
  time.writeBigUInt64BE(BigInt(seconds));
  return formatSignature({ name, keyId, signature: Buffer.concat([time, signature]) });
};

/**
 * Checks the cosignatures of one witness on a note and gives the time of the earliest, in epoch seconds. Lines of other
 * keys are ignored; one line of this key that does not verify spoils the note (signed-note, "Signatures").
 */
export const verifyCosignature = (note: Note, cosigner: Cosigner): Result<number, CosignatureFault> => {
  const { name, keyId } = cosigner;
  const found = note.signatures.filter((line) => line.name === name && line.keyId === keyId);
  if (found.length === 0) return err({ reason: 'cosignature_missing', name });
  const times = found.map(({ signature }) => timeOf(note.text, signature, cosigner));
  const good = times.filter((time) => time !== undefined);
  return good.length === times.length ? ok(Math.min(...good)) : err({ reason: 'cosignature_wrong', name });
};

/** Time of a cosignature that verifies. Zero would say nothing about the tree, which a witness must not do. */
const timeOf = (text: string, signature: Uint8Array, { publicKey }: Cosigner): number | undefined => {
  if (signature.length !== TIME_BYTES + SIGNATURE_BYTES) return undefined;
  const seconds = Number(Buffer.from(signature).readBigUInt64BE(0));
  if (seconds === 0 || seconds > MAX_SECONDS) return undefined;
  const message = Buffer.from(cosignedMessage(seconds, text), 'utf8');
  return verify(null, message, publicKey, signature.subarray(TIME_BYTES)) ? seconds : undefined;
};
