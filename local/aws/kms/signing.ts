// Sign, Verify and GetPublicKey with asymmetric keys, MessageType RAW only. DIGEST is refused: node:crypto hashes what
// it signs, so it cannot sign a digest as KMS does, and the product signs RAW.
// https://docs.aws.amazon.com/kms/latest/developerguide/symm-asymm-choose-key-spec.html

import {
  createPrivateKey,
  createPublicKey,
  type KeyObject,
  sign as signBytes,
  verify as verifyBytes,
} from 'node:crypto';
import { z } from 'zod';
import { type Operation, operation } from '../json-protocol.ts';
import type { RecordedCall } from '../trail/trail.ts';
import { AwsError } from '../wire.ts';
import { type Key, type KeySpec, type KeyStore, requireUsable } from './keys.ts';

interface Algorithm {
  readonly name: string;
  /** node's digest name; `null` where the algorithm hashes by itself. */
  readonly digest: string | null;
}

const ALGORITHMS: Readonly<Record<KeySpec, Algorithm | null>> = {
  SYMMETRIC_DEFAULT: null,
  ECC_NIST_P256: { name: 'ECDSA_SHA_256', digest: 'sha256' },
  ECC_NIST_EDWARDS25519: { name: 'ED25519_SHA_512', digest: null },
};

/** KMS's limit for MessageType RAW; https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html */
const MAX_MESSAGE_BYTES = 4096;

const base64Bytes = z.base64().transform((text) => Buffer.from(text, 'base64'));
const signInput = z.object({
  KeyId: z.string().min(1),
  Message: base64Bytes.refine((message) => message.length >= 1 && message.length <= MAX_MESSAGE_BYTES, {
    error: `Member must have length between 1 and ${MAX_MESSAGE_BYTES}`,
  }),
  MessageType: z.enum(['RAW', 'DIGEST', 'EXTERNAL_MU']).default('RAW'),
  SigningAlgorithm: z.string(),
  DryRun: z.boolean().default(false),
});
const verifyInput = signInput.extend({ Signature: base64Bytes });
const byKeyId = z.object({ KeyId: z.string().min(1) });

export const signingAlgorithms = (spec: KeySpec): string[] => {
  const algorithm = ALGORITHMS[spec];
  return algorithm === null ? [] : [algorithm.name];
};

const privateKeyOf = (key: Key): KeyObject =>
  createPrivateKey({ key: Buffer.from(key.material, 'base64'), format: 'der', type: 'pkcs8' });

const selectAlgorithm = (key: Key, input: z.output<typeof signInput>): Algorithm => {
  const algorithm = ALGORITHMS[requireUsable(key, 'SIGN_VERIFY').spec];
  if (algorithm?.name !== input.SigningAlgorithm) {
    const reason = `Algorithm ${input.SigningAlgorithm} and key spec ${key.spec} are incompatible.`;
    throw new AwsError('InvalidKeyUsageException', reason);
  }
  if (input.MessageType === 'RAW') return algorithm;
  if (algorithm.digest === null) {
    throw new AwsError('ValidationException', `MessageType must be RAW for ${algorithm.name}.`);
  }
  const reason = `The loopback KMS signs MessageType RAW only, not ${input.MessageType}: send the message itself.`;
  throw new AwsError('UnsupportedOperationException', reason);
};

const refuseDryRun = (dryRun: boolean): void => {
  if (!dryRun) return;
  throw new AwsError('DryRunOperationException', 'The request would have succeeded, but the DryRun option is set.');
};

export const signingOperations = (
  keys: KeyStore,
  record: (call: RecordedCall) => void,
): Readonly<Record<string, Operation>> => ({
  Sign: operation(signInput, (input, { region }) => {
    const key = keys.find(input.KeyId, region);
    const algorithm = selectAlgorithm(key, input);
    refuseDryRun(input.DryRun);
    const signature = signBytes(algorithm.digest, input.Message, privateKeyOf(key));
    record({ eventSource: 'kms.amazonaws.com', eventName: 'Sign', region, resourceArn: key.arn });
    return { KeyId: key.arn, Signature: signature.toString('base64'), SigningAlgorithm: algorithm.name };
  }),
  Verify: operation(verifyInput, (input, { region }) => {
    const key = keys.find(input.KeyId, region);
    const algorithm = selectAlgorithm(key, input);
    refuseDryRun(input.DryRun);
    const valid = verifyBytes(algorithm.digest, input.Message, createPublicKey(privateKeyOf(key)), input.Signature);
    if (!valid) throw new AwsError('KMSInvalidSignatureException', '');
    return { KeyId: key.arn, SignatureValid: true, SigningAlgorithm: algorithm.name };
  }),
  GetPublicKey: operation(byKeyId, ({ KeyId }, { region }) => {
    const key = keys.find(KeyId, region);
    if (key.spec === 'SYMMETRIC_DEFAULT') {
      throw new AwsError('UnsupportedOperationException', `${key.arn} is symmetric and has no public key.`);
    }
    requireUsable(key, 'SIGN_VERIFY');
    const spki = createPublicKey(privateKeyOf(key)).export({ type: 'spki', format: 'der' });
    return {
      KeyId: key.arn,
      PublicKey: spki.toString('base64'),
      KeySpec: key.spec,
      CustomerMasterKeySpec: key.spec,
      KeyUsage: 'SIGN_VERIFY',
      SigningAlgorithms: signingAlgorithms(key.spec),
    };
  }),
});
