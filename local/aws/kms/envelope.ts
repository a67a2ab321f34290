// Encrypt and Decrypt under a symmetric key: AES-256-GCM with the encryption context as additional data. The blob is
// ours (version, key id, nonce, tag, ciphertext): AWS's is opaque too, and neither opens the other's.
// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import canonicalize from 'canonicalize';
import { AwsError } from '../wire.ts';
import type { Key } from './keys.ts';

export type EncryptionContext = Readonly<Record<string, string>>;

const VERSION = 1;
const ID_BYTES = 36;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const HEADER_BYTES = 1 + ID_BYTES + NONCE_BYTES + TAG_BYTES;

/** The additional data: key id and context, in an order that does not depend on the caller's. */
const additionalData = (keyId: string, context: EncryptionContext): Buffer =>
  Buffer.from(canonicalize([keyId, context]) ?? '');

const invalid = (cause?: unknown): AwsError => new AwsError('InvalidCiphertextException', '', { cause });

export const encrypt = (key: Key, plaintext: Buffer, context: EncryptionContext): Buffer => {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce);
  cipher.setAAD(additionalData(key.id, context));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  return Buffer.concat([Buffer.of(VERSION), Buffer.from(key.id), nonce, cipher.getAuthTag(), ciphertext]);
};

/** The id of the key a blob names; InvalidCiphertextException when it is no blob of ours. */
export const keyIdOf = (blob: Buffer): string => {
  if (blob.length < HEADER_BYTES || blob[0] !== VERSION) throw invalid();
  return blob.toString('ascii', 1, 1 + ID_BYTES);
};

export const decrypt = (key: Key, blob: Buffer, context: EncryptionContext): Buffer => {
  const nonceStart = 1 + ID_BYTES;
  const tagStart = nonceStart + NONCE_BYTES;
  const nonce = blob.subarray(nonceStart, tagStart);
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), nonce);
  decipher.setAAD(additionalData(key.id, context));
  decipher.setAuthTag(blob.subarray(tagStart, HEADER_BYTES));
  try {
    return Buffer.concat([decipher.update(blob.subarray(HEADER_BYTES)), decipher.final()]);
  } catch (cause) {
    throw invalid(cause);
  }
};
