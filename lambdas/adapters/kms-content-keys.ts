// Per-session data keys. A process generates its own key for a session and keeps it in memory only; what is stored is
// the form wrapped by KMS. The gateway's role has GenerateDataKey and never Decrypt: it cannot read back what it wrote.

import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';
import { kidOf, type SplitKey, splitDataKey, type UnwrappedKey } from '../core/ledger/content-keys.ts';

export interface ContentKey extends SplitKey {
  /** `sha256:<hex>` of the wrapped key. */
  readonly kid: string;
  /** Base64 of the KMS ciphertext blob. */
  readonly wrapped: string;
}

class ContentKeyError extends Error {
  readonly code = 'CONTENT_KEY_UNAVAILABLE';
}

export interface ContentKeys {
  generate(sid: string): Promise<ContentKey>;
}

/** KMS encryption context of a session's data keys: bound as AAD, visible in CloudTrail, demanded by the key policy. */
export const encryptionContext = (log: string, sid: string): Record<string, string> => ({ log, sid });

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

/**
 * Unwraps a session's data key with the caller's own grant. No function has it: this is for a person who reads content,
 * after the reading is on record.
 */
export const unwrapContentKey = async (
  client: KMSClient,
  log: string,
  { sid, kid, wrapped }: { readonly sid: string; readonly kid: string; readonly wrapped: string },
): Promise<UnwrappedKey> => {
  const blob = Buffer.from(wrapped, 'base64');
  if (kidOf(blob) !== kid)
    throw new ContentKeyError(`The stored key of session ${sid} is not the one that ${kid} names`);
  try {
    const { Plaintext } = await client.send(
      new DecryptCommand({ CiphertextBlob: blob, EncryptionContext: encryptionContext(log, sid) }),
    );
    if (Plaintext === undefined) throw new Error('KMS returned no key');
    return { kid, sid, key: Buffer.from(Plaintext).toString('base64') };
  } catch (cause) {
    throw new ContentKeyError(`KMS did not unwrap the data key of session ${sid}`, { cause });
  }
};
