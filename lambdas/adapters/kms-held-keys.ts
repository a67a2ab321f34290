// The data key of one held call. Whoever holds the call wraps it and cannot unwrap it again; whoever shows or runs the
// call unwraps it, by a grant of its own, in the name of this log and this request.

import { DecryptCommand, GenerateDataKeyCommand, type KMSClient } from '@aws-sdk/client-kms';

class HeldKeyError extends Error {
  readonly code = 'HELD_KEY_UNAVAILABLE';
}

interface HeldKey {
  /** 32 bytes; the caller wipes them. */
  readonly plaintext: Uint8Array;
  /** Base64 of the KMS ciphertext blob. */
  readonly wrapped: string;
}

/** What is sealed under the key: a call that waits, or the answer that its client will fetch. Grants tell them apart. */
type HeldUse = 'call' | 'answer';

export interface HeldKeys {
  generate(approvalId: string, use: HeldUse): Promise<HeldKey>;
  unwrap(approvalId: string, use: HeldUse, wrapped: string): Promise<Uint8Array>;
}

const contextOf = (log: string, approval: string, use: HeldUse): Record<string, string> => ({ log, approval, use });

export const makeHeldKeys = (client: KMSClient, keyId: string, log: string): HeldKeys => ({
  generate: async (approvalId, use) => {
    try {
      const { Plaintext, CiphertextBlob } = await client.send(
        new GenerateDataKeyCommand({
          KeyId: keyId,
          KeySpec: 'AES_256',
          EncryptionContext: contextOf(log, approvalId, use),
        }),
      );
      if (Plaintext === undefined || CiphertextBlob === undefined) throw new Error('KMS returned no key');
      return { plaintext: Plaintext, wrapped: Buffer.from(CiphertextBlob).toString('base64') };
    } catch (cause) {
      throw new HeldKeyError('KMS did not generate a key for the held call', { cause });
    }
  },
  unwrap: async (approvalId, use, wrapped) => {
    try {
      const { Plaintext } = await client.send(
        new DecryptCommand({
          KeyId: keyId,
          CiphertextBlob: Buffer.from(wrapped, 'base64'),
          EncryptionContext: contextOf(log, approvalId, use),
        }),
      );
      if (Plaintext === undefined) throw new Error('KMS returned no key');
      return Plaintext;
    } catch (cause) {
      throw new HeldKeyError('KMS did not unwrap the key of the held call', { cause });
    }
  },
});
