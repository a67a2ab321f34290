// Per-session data keys. A process generates its own key for a session and keeps it in memory only; what is stored is
// the form wrapped by KMS. The gateway's role has GenerateDataKey and never Decrypt: it cannot read back what it wrote.

import { createHash, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto';
import { GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';

export interface ContentKey {
  /** `sha256:<hex>` of the wrapped key. */
  readonly kid: string;
  /** Base64 of the KMS ciphertext blob. */
  readonly wrapped: string;
  /** A256GCM key. */
  readonly sealing: KeyObject;
  /** HMAC-SHA-256 key of the plaintext commitments. */
  readonly committing: KeyObject;
}

class ContentKeyError extends Error {
  readonly code = 'CONTENT_KEY_UNAVAILABLE';
}

export interface ContentKeys {
  generate(sid: string): Promise<ContentKey>;
}

/** KMS encryption context of a session's data keys: bound as AAD, visible in CloudTrail, demanded by the key policy. */
export const encryptionContext = (log: string, sid: string): Record<string, string> => ({ log, sid });

// One data key, two uses: HKDF (RFC 5869) keeps the commitment key from being the encryption key.
const derive = (dataKey: Uint8Array, use: 'sealing' | 'committing'): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, new Uint8Array(0), `countersign/v1/${use}`, 32)));

/** Splits a plaintext data key into its two uses. The reader of raw content does the same after `Decrypt`. */
export const splitDataKey = (dataKey: Uint8Array): Pick<ContentKey, 'sealing' | 'committing'> => ({
  sealing: derive(dataKey, 'sealing'),
  committing: derive(dataKey, 'committing'),
});

export const kidOf = (wrapped: Uint8Array): string => `sha256:${createHash('sha256').update(wrapped).digest('hex')}`;

export const makeContentKeys = (client: KMSClient, keyId: string, log: string): ContentKeys => ({
  generate: async (sid) => {
    try {
      const { Plaintext, CiphertextBlob } = await client.send(
        new GenerateDataKeyCommand({
          KeyId: keyId,
          KeySpec: 'AES_256',
          EncryptionContext: encryptionContext(log, sid),
        }),
      );
      if (Plaintext === undefined || CiphertextBlob === undefined) throw new Error('KMS returned no key');
      const key = {
        kid: kidOf(CiphertextBlob),
        wrapped: Buffer.from(CiphertextBlob).toString('base64'),
        ...splitDataKey(Plaintext),
      };
      Plaintext.fill(0);
      return key;
    } catch (cause) {
      throw new ContentKeyError('KMS did not generate a data key for the session', { cause });
    }
  },
});
