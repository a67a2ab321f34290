// https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html

import { createPublicKey, verify } from 'node:crypto';
import {
  CreateKeyCommand,
  DisableKeyCommand,
  GetPublicKeyCommand,
  type KeySpec,
  type MessageType,
  SignCommand,
  type SigningAlgorithmSpec,
  VerifyCommand,
} from '@aws-sdk/client-kms';
import { describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { useTarget } from './target.ts';

const target = useTarget();
const kms = () => target().kms;
const CHECKPOINT = Buffer.from('countersign.example/log\n12\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n');

interface Signer {
  readonly spec: KeySpec;
  readonly algorithm: SigningAlgorithmSpec;
  /** node's digest for verifying; Ed25519 has its own inside. */
  readonly digest: string | null;
}
const ED25519: Signer = { spec: 'ECC_NIST_EDWARDS25519', algorithm: 'ED25519_SHA_512', digest: null };
const P256: Signer = { spec: 'ECC_NIST_P256', algorithm: 'ECDSA_SHA_256', digest: 'sha256' };

const createKey = async ({ spec }: Signer): Promise<string> => {
  const made = await kms().send(new CreateKeyCommand({ KeySpec: spec, KeyUsage: 'SIGN_VERIFY' }));
  return made.KeyMetadata?.KeyId ?? '';
};
const sign = (KeyId: string, signer: Signer, Message: Uint8Array = CHECKPOINT, MessageType: MessageType = 'RAW') =>
  kms().send(new SignCommand({ KeyId, Message, MessageType, SigningAlgorithm: signer.algorithm }));
const publicKey = async (KeyId: string) => {
  const { PublicKey, ...about } = await kms().send(new GetPublicKeyCommand({ KeyId }));
  return { ...about, key: createPublicKey({ key: Buffer.from(PublicKey ?? []), format: 'der', type: 'spki' }) };
};

for (const signer of [ED25519, P256]) {
  describe(`a checkpoint signed with ${signer.algorithm}`, () => {
    const id = signer.spec.toLowerCase();

    contractCase(`sign-offline-${id}`, 'is verified offline with the public key alone', async () => {
      const KeyId = await createKey(signer);
      const { Signature = new Uint8Array(), SigningAlgorithm } = await sign(KeyId, signer);
      const { key, SigningAlgorithms, KeyUsage } = await publicKey(KeyId);
      expect([SigningAlgorithm, KeyUsage]).toEqual([signer.algorithm, 'SIGN_VERIFY']);
      expect(SigningAlgorithms).toContain(signer.algorithm);
      expect(verify(signer.digest, CHECKPOINT, key, Signature)).toBe(true);
      expect(verify(signer.digest, Buffer.from('another'), key, Signature)).toBe(false);
    });

    contractCase(`sign-verify-${id}`, 'is verified by KMS, which refuses another text', async () => {
      const KeyId = await createKey(signer);
      const { Signature } = await sign(KeyId, signer);
      const check = (Message: Uint8Array) =>
        kms().send(new VerifyCommand({ KeyId, Message, Signature, SigningAlgorithm: signer.algorithm }));
      expect((await check(CHECKPOINT)).SignatureValid).toBe(true);
      expect(await refusal(check(Buffer.from('another')))).toBe('KMSInvalidSignatureException');
    });
  });
}

describe('limits of signing', () => {
  contractCase('sign-4096', 'takes a message of 4096 bytes', async () => {
    await sign(await createKey(ED25519), ED25519, new Uint8Array(4096));
  });

  contractCase('sign-4097', 'refuses a message of 4097 bytes', async () => {
    const signing = sign(await createKey(ED25519), ED25519, new Uint8Array(4097));
    expect(await refusal(signing)).toBe('ValidationException');
  });

  contractCase('sign-wrong-algorithm', 'refuses an algorithm of another key type', async () => {
    const signing = sign(await createKey(ED25519), P256);
    expect(await refusal(signing)).toMatch(/^(InvalidKeyUsageException|ValidationException)$/);
  });

  contractCase('sign-ed25519-digest', 'refuses to sign a digest with ED25519_SHA_512', async () => {
    const signing = sign(await createKey(ED25519), ED25519, new Uint8Array(64), 'DIGEST');
    expect(await refusal(signing)).toMatch(/^(ValidationException|InvalidKeyUsageException)$/);
  });

  contractCase('sign-disabled', 'refuses a disabled key', async () => {
    const KeyId = await createKey(ED25519);
    await kms().send(new DisableKeyCommand({ KeyId }));
    expect(await refusal(sign(KeyId, ED25519))).toBe('DisabledException');
  });

  contractCase('sign-symmetric', 'refuses a symmetric key, which has no public key either', async () => {
    const { KeyMetadata } = await kms().send(new CreateKeyCommand({}));
    const KeyId = KeyMetadata?.KeyId ?? '';
    expect(await refusal(sign(KeyId, ED25519))).toMatch(/^(InvalidKeyUsageException|ValidationException)$/);
    expect(await refusal(publicKey(KeyId))).toMatch(/^(UnsupportedOperationException|InvalidKeyUsageException)$/);
  });

  contractCase('sign-usage', 'refuses to make a signing key for encryption', async () => {
    const make = kms().send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'ENCRYPT_DECRYPT' }));
    expect(await refusal(make)).toBe('ValidationException');
  });
});
