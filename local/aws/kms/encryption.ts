// Encrypt, Decrypt and the data key operations.
// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html

import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { type Operation, operation } from '../json-protocol.ts';
import { AwsError } from '../wire.ts';
import { decrypt, encrypt, keyIdOf } from './envelope.ts';
import { type KeyStore, requireUsable } from './keys.ts';

const base64Bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const context = z.record(z.string(), z.string()).default({});
const algorithm = z.literal('SYMMETRIC_DEFAULT').default('SYMMETRIC_DEFAULT');

const dataKeyInput = z
  .object({
    KeyId: z.string().min(1),
    KeySpec: z.enum(['AES_256', 'AES_128']).optional(),
    NumberOfBytes: z.int().min(1).max(1024).optional(),
    EncryptionContext: context,
  })
  .refine((input) => (input.KeySpec === undefined) !== (input.NumberOfBytes === undefined), {
    error: 'Please specify either number of bytes or key spec.',
  });
const encryptInput = z.object({
  KeyId: z.string().min(1),
  Plaintext: base64Bytes.refine((plaintext) => plaintext.length >= 1 && plaintext.length <= 4096, {
    error: 'Member must have length between 1 and 4096',
  }),
  EncryptionContext: context,
  EncryptionAlgorithm: algorithm,
});
const decryptInput = z.object({
  KeyId: z.string().min(1).optional(),
  CiphertextBlob: base64Bytes,
  EncryptionContext: context,
  EncryptionAlgorithm: algorithm,
});

type DataKeyInput = z.output<typeof dataKeyInput>;

const dataKeyBytes = (input: DataKeyInput): number => {
  if (input.NumberOfBytes !== undefined) return input.NumberOfBytes;
  return input.KeySpec === 'AES_128' ? 16 : 32;
};

const generateDataKey = (keys: KeyStore, input: DataKeyInput, region: string) => {
  const key = requireUsable(keys.find(input.KeyId, region), 'ENCRYPT_DECRYPT');
  const plaintext = randomBytes(dataKeyBytes(input));
  const blob = encrypt(key, plaintext, input.EncryptionContext);
  return { KeyId: key.arn, CiphertextBlob: blob.toString('base64'), Plaintext: plaintext.toString('base64') };
};

export const encryptionOperations = (keys: KeyStore): Readonly<Record<string, Operation>> => ({
  GenerateDataKey: operation(dataKeyInput, (input, { region }) => generateDataKey(keys, input, region)),
  GenerateDataKeyWithoutPlaintext: operation(dataKeyInput, (input, { region }) => {
    const { Plaintext: _withheld, ...answer } = generateDataKey(keys, input, region);
    return answer;
  }),
  Encrypt: operation(encryptInput, (input, { region }) => {
    const key = requireUsable(keys.find(input.KeyId, region), 'ENCRYPT_DECRYPT');
    const blob = encrypt(key, input.Plaintext, input.EncryptionContext);
    return { KeyId: key.arn, CiphertextBlob: blob.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }),
  Decrypt: operation(decryptInput, (input, { region }) => {
    const key = requireUsable(keys.find(keyIdOf(input.CiphertextBlob), region), 'ENCRYPT_DECRYPT');
    if (input.KeyId !== undefined && keys.find(input.KeyId, region).id !== key.id) {
      const reason = 'The key ID in the request does not identify a CMK that can perform this operation.';
      throw new AwsError('IncorrectKeyException', reason);
    }
    const plaintext = decrypt(key, input.CiphertextBlob, input.EncryptionContext);
    return { KeyId: key.arn, Plaintext: plaintext.toString('base64'), EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' };
  }),
});
