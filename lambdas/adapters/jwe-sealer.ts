// Seals recorded bytes: JWE compact, `dir` + A256GCM (RFC 7516 section 7.1, RFC 7518 sections 4.5 and 5.3), and commits
// to their meaning by HMAC, because GCM does not commit to its key.
//
// Written with node:crypto on prepared keys: twice per call, jose's WebCrypto path costs 0.25 ms (p99 1.6) and this
// 0.015 ms (p99 0.09). jose opens what is written here, and the tests let it.

import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { jweHeader, type SplitKey } from '../core/ledger/content-keys.ts';

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

export const sealContent = (key: SealingKey, plaintext: Uint8Array): SealedContent => {
  const header = Buffer.from(jweHeader(key.kid)).toString('base64url');
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key.sealing, iv);
  // RFC 7516 section 5.1, step 14: the additional authenticated data is the encoded header.
  cipher.setAAD(Buffer.from(header, 'ascii'));
  const ciphertext = Buffer.concat([cipher.update(plaintext), cipher.final()]);
  // `dir` has an empty encrypted key: two dots after the header.
  const parts = [iv, ciphertext, cipher.getAuthTag()].map((part) => part.toString('base64url'));
  const jwe = `${header}..${parts.join('.')}`;
  return {
    jwe,
    ct: `sha256:${createHash('sha256').update(jwe, 'utf8').digest('hex')}`,
    pt: `hmac-sha256:${createHmac('sha256', key.committing).update(plaintext).digest('hex')}`,
    bytes: plaintext.length,
  };
};
