// Seals recorded bytes: JWE compact, `dir` + A256GCM (RFC 7516 section 7.1, RFC 7518 sections 4.5 and 5.3), and commits
// to their meaning by HMAC, because GCM does not commit to its key.
//
// Written with node:crypto on prepared keys: twice per call, jose's WebCrypto path costs 0.25 ms (p99 1.6) and this
// 0.015 ms (p99 0.09). jose opens what is written here, and the tests let it.

import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { jweHeader, type SplitKey } from '../core/ledger/content-keys.ts';
import { finish, type Work } from '../core/masking/work.ts';

export interface SealedContent {
  /** JWE compact serialisation. */
  readonly jwe: string;
  /** `sha256:<hex>` of the JWE text. */
  readonly ct: string;
  /** `hmac-sha256:<hex>` of the plaintext. */
  readonly pt: string;
  readonly bytes: number;
}

export interface SealingKey extends Pick<SplitKey, 'sealing' | 'committing'> {
  readonly kid: string;
}

/** Initialization vector of AES-GCM, 96 bits. Random: a session's key seals far fewer than 2^32 messages. */
const IV_BYTES = 12;

/** Bytes between two pauses: less than a millisecond each. Whole groups of base64, so that their texts can be joined. */
const PIECE = 3 * 128 * 1024;

export const sealContent = (key: SealingKey, plaintext: Uint8Array): SealedContent =>
  finish(sealingContent(key, plaintext));

/** The same as work: ten megabytes would hold up the process for longer than anything else of a call. */
export function* sealingContent(key: SealingKey, plaintext: Uint8Array): Work<SealedContent> {
  const header = Buffer.from(jweHeader(key.kid)).toString('base64url');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.sealing, iv);
  // RFC 7516 section 5.1, step 14: the additional authenticated data is the encoded header.
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const meaning = createHmac('sha256', key.committing);
  const digest = createHash('sha256');
  const parts: string[] = [];
  const take = (text: string): void => {
    digest.update(text, 'utf8');
    parts.push(text);
  };
  // `dir` has an empty encrypted key: two dots after the header.
  take(`${header}..${iv.toString('base64url')}.`);
  for (let at = 0; at < plaintext.length; at += PIECE) {
    const piece = plaintext.subarray(at, at + PIECE);
    meaning.update(piece);
    take(cipher.update(piece).toString('base64url'));
    if (at + PIECE < plaintext.length) yield;
  }
  // GCM is a stream cipher: nothing is left for the end.
  cipher.final();
  take(`.${cipher.getAuthTag().toString('base64url')}`);
  return {
    jwe: parts.join(''),
    ct: `sha256:${digest.digest('hex')}`,
    pt: `hmac-sha256:${meaning.digest('hex')}`,
    bytes: plaintext.length,
  };
}
