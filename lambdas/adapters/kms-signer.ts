// Signs with a KMS Ed25519 key. RAW: KMS hashes nothing beforehand, so any Ed25519 verifier can check the
// signature over the visible text (RFC 8032).

import { GetPublicKeyCommand, type KMSClient, SignCommand } from '@aws-sdk/client-kms';

class SignerError extends Error {
  readonly code = 'SIGNER_UNAVAILABLE';
}

export interface Signer {
  /** DER SubjectPublicKeyInfo. */
  publicKey(): Promise<Uint8Array>;
  /** 64 bytes over the text; KMS takes at most 4096 bytes. */
  sign(text: string): Promise<Uint8Array>;
}

export const makeSigner = (client: KMSClient, keyId: string): Signer => {
  let known: Promise<Uint8Array> | undefined;
  const fetchKey = async (): Promise<Uint8Array> => {
    const { PublicKey } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (PublicKey === undefined) throw new SignerError('KMS returned no public key');
    return PublicKey;
  };
  return {
    publicKey: () => {
      known ??= fetchKey();
      known.catch(() => {
        known = undefined;
      });
      return known;
    },
    sign: async (text) => {
      try {
        const { Signature } = await client.send(
          new SignCommand({
            KeyId: keyId,
            Message: Buffer.from(text, 'utf8'),
            MessageType: 'RAW',
            SigningAlgorithm: 'ED25519_SHA_512',
          }),
        );
        if (Signature === undefined) throw new Error('KMS returned no signature');
        return Signature;
      } catch (cause) {
        throw new SignerError('KMS did not sign', { cause });
      }
    },
  };
};
