// https://docs.aws.amazon.com/kms/latest/developerguide/encrypt_context.html

import {
  CreateKeyCommand,
  DecryptCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  GenerateDataKeyWithoutPlaintextCommand,
} from '@aws-sdk/client-kms';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { useTarget } from './target.ts';

const target = useTarget();
const kms = () => target().kms;
let KeyId = '';
const createKey = async () => (await kms().send(new CreateKeyCommand({}))).KeyMetadata?.KeyId ?? '';
beforeAll(async () => {
  KeyId = await createKey();
});

type Context = Record<string, string>;
const SESSION: Context = { session: 's-1', server: 'core-banking' };
const generate = (EncryptionContext: Context = SESSION) =>
  kms().send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256', EncryptionContext }));
const unwrap = (CiphertextBlob: Uint8Array | undefined, EncryptionContext?: Context, key?: string) =>
  kms().send(new DecryptCommand({ CiphertextBlob, EncryptionContext, KeyId: key }));

// https://docs.aws.amazon.com/kms/latest/APIReference/API_GenerateDataKey.html
describe('the data key of a session', () => {
  contractCase('kms-data-key', 'is 32 bytes, fresh each time, and unwraps under its own context', async () => {
    const [one, two] = [await generate(), await generate()];
    expect(one.Plaintext).toHaveLength(32);
    expect(one.Plaintext).not.toEqual(two.Plaintext);
    expect((await unwrap(one.CiphertextBlob, SESSION)).Plaintext).toEqual(one.Plaintext);
  });

  contractCase('kms-context-wrong', 'does not unwrap under the context of another session', async () => {
    const { CiphertextBlob } = await generate();
    const other = unwrap(CiphertextBlob, { ...SESSION, session: 's-2' });
    expect(await refusal(other)).toBe('InvalidCiphertextException');
  });

  contractCase('kms-context-missing', 'does not unwrap without a context', async () => {
    const { CiphertextBlob } = await generate();
    expect(await refusal(unwrap(CiphertextBlob))).toBe('InvalidCiphertextException');
  });

  contractCase('kms-context-order', 'unwraps whatever the order of the context', async () => {
    const { CiphertextBlob, Plaintext } = await generate();
    const reversed = Object.fromEntries(Object.entries(SESSION).reverse());
    expect((await unwrap(CiphertextBlob, reversed)).Plaintext).toEqual(Plaintext);
  });

  contractCase('kms-blob-changed', 'does not unwrap when one bit of it has changed', async () => {
    const { CiphertextBlob = new Uint8Array() } = await generate();
    const changed = Uint8Array.from(CiphertextBlob);
    changed[changed.length - 1] = (changed.at(-1) ?? 0) ^ 1;
    expect(await refusal(unwrap(changed, SESSION))).toBe('InvalidCiphertextException');
    expect(await refusal(unwrap(Buffer.from('no blob at all'), SESSION))).toBe('InvalidCiphertextException');
  });

  contractCase('kms-wrong-key', 'does not unwrap under another key that the caller names', async () => {
    const { CiphertextBlob } = await generate();
    expect(await refusal(unwrap(CiphertextBlob, SESSION, await createKey()))).toBe('IncorrectKeyException');
    await unwrap(CiphertextBlob, SESSION, KeyId);
  });

  contractCase('kms-without-plaintext', 'is made without showing it, for those who must not see it', async () => {
    const made = await kms().send(new GenerateDataKeyWithoutPlaintextCommand({ KeyId, KeySpec: 'AES_256' }));
    expect(made).not.toHaveProperty('Plaintext');
    expect((await unwrap(made.CiphertextBlob)).Plaintext).toHaveLength(32);
  });

  contractCase('kms-data-key-size', 'is refused without a size, and with two', async () => {
    const make = (size: { KeySpec?: 'AES_256'; NumberOfBytes?: number }) =>
      kms().send(new GenerateDataKeyCommand({ KeyId, ...size }));
    expect(await refusal(make({}))).toBe('ValidationException');
    expect(await refusal(make({ KeySpec: 'AES_256', NumberOfBytes: 32 }))).toBe('ValidationException');
    expect((await make({ NumberOfBytes: 64 })).Plaintext).toHaveLength(64);
  });
});

// https://docs.aws.amazon.com/kms/latest/APIReference/API_Encrypt.html
describe('encrypting small things', () => {
  const encrypt = (Plaintext: Uint8Array, EncryptionContext?: Context) =>
    kms().send(new EncryptCommand({ KeyId, Plaintext, EncryptionContext }));

  contractCase('kms-encrypt', 'gives back what it took, up to 4096 bytes', async () => {
    const plaintext = new Uint8Array(4096).fill(7);
    const { CiphertextBlob } = await encrypt(plaintext, SESSION);
    expect((await unwrap(CiphertextBlob, SESSION)).Plaintext).toEqual(plaintext);
  });

  contractCase('kms-encrypt-large', 'refuses 4097 bytes', async () => {
    expect(await refusal(encrypt(new Uint8Array(4097)))).toBe('ValidationException');
  });
});
