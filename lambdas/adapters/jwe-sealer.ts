// Seals recorded bytes: JWE compact, `dir` + A256GCM (RFC 7516, RFC 7518 sections 4.5 and 5.3), and commits to their
// meaning by HMAC, because GCM does not commit to its key.

import { createHash, createHmac } from 'node:crypto';
import { CompactEncrypt } from 'jose';

export interface SealedContent {
  /** JWE compact serialisation. */
  readonly jwe: string;
  /** `sha256:<hex>` of the JWE text. */
  readonly ct: string;
  /** `hmac-sha256:<hex>` of the plaintext. */
  readonly pt: string;
  readonly bytes: number;
}

export interface SealingKey {
  readonly kid: string;
  readonly sealing: Uint8Array;
  readonly committing: Uint8Array;
}

export const sealContent = async (key: SealingKey, plaintext: Uint8Array): Promise<SealedContent> => {
  const jwe = await new CompactEncrypt(plaintext)
    .setProtectedHeader({ alg: 'dir', enc: 'A256GCM', kid: key.kid })
    .encrypt(key.sealing);
  return {
    jwe,
    ct: `sha256:${createHash('sha256').update(jwe, 'utf8').digest('hex')}`,
    pt: `hmac-sha256:${createHmac('sha256', key.committing).update(plaintext).digest('hex')}`,
    bytes: plaintext.length,
  };
};
