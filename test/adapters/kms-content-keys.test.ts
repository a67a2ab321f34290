import { createHash, hkdfSync, type KeyObject } from 'node:crypto';
import { DecryptCommand, KMSClient } from '@aws-sdk/client-kms';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { type ContentKey, encryptionContext, makeContentKeys } from '../../lambdas/adapters/kms-content-keys.ts';
import { kidOf, splitDataKey } from '../../lambdas/core/ledger/content-keys.ts';
import { SID } from '../support/builders.ts';
import { NOBODY, useAws } from './aws.ts';

const aws = useAws();
const hex = (key: KeyObject): string => key.export().toString('hex');
const hexes = (keys: Pick<ContentKey, 'sealing' | 'committing'>) => [hex(keys.sealing), hex(keys.committing)];
const LOG = 'mcp.bank.example/countersign';
const keys = () => makeContentKeys(aws().kms, aws().contentKeyId, LOG);
const decrypt = (wrapped: string, EncryptionContext?: Record<string, string>) =>
  aws().kms.send(new DecryptCommand({ CiphertextBlob: Buffer.from(wrapped, 'base64'), EncryptionContext }));

describe('makeContentKeys', () => {
  it('hands out a key whose wrapped form opens under the context of its session, and gives the same two keys', async () => {
    const key = await keys().generate(SID);
    const { Plaintext } = await decrypt(key.wrapped, { log: LOG, sid: SID });
    expect(Plaintext).toHaveLength(32);
    expect(hexes(splitDataKey(Plaintext ?? new Uint8Array()))).toEqual(hexes(key));
  });

  it.each([
    ['no context', undefined],
    ['another session', { log: LOG, sid: 'other' }],
    ['another log', { log: 'other', sid: SID }],
    ['less context', { sid: SID }],
    ['more context', { log: LOG, sid: SID, more: 'x' }],
  ])('wraps it so that it does not open under %s', async (_what, context) => {
    const { wrapped } = await keys().generate(SID);
    await expect(decrypt(wrapped, context)).rejects.toMatchObject({ name: 'InvalidCiphertextException' });
  });

  it('hands out another key every time, even for one session', async () => {
    const [one, two] = [await keys().generate(SID), await keys().generate(SID)];
    expect(one.kid).not.toBe(two.kid);
    expect(hexes(one)).not.toEqual(hexes(two));
  });

  it('names the key by the digest of its wrapped form', async () => {
    const { kid, wrapped } = await keys().generate(SID);
    expect(kid).toBe(`sha256:${createHash('sha256').update(Buffer.from(wrapped, 'base64')).digest('hex')}`);
    expect(kidOf(Buffer.from(wrapped, 'base64'))).toBe(kid);
  });

  it('wipes the data key itself once it is split', async () => {
    const Plaintext = new Uint8Array(32).fill(7);
    const kms = mockClient(KMSClient)
      .onAnyCommand()
      .resolves({ Plaintext, CiphertextBlob: Uint8Array.of(1) });
    const key = await makeContentKeys(new KMSClient(NOBODY), 'k', LOG).generate(SID);
    expect(Plaintext).toEqual(new Uint8Array(32));
    expect(hexes(key)).toEqual(hexes(splitDataKey(new Uint8Array(32).fill(7))));
    kms.restore();
  });

  it.each([{}, { Plaintext: new Uint8Array(32) }, { CiphertextBlob: Uint8Array.of(1) }])(
    'fails on the answer %j',
    async (answer) => {
      const kms = mockClient(KMSClient).onAnyCommand().resolves(answer);
      const generated = makeContentKeys(new KMSClient(NOBODY), 'k', LOG).generate(SID);
      await expect(generated).rejects.toMatchObject({ code: 'CONTENT_KEY_UNAVAILABLE' });
      kms.restore();
    },
  );

  it('fails when KMS cannot be reached', async () => {
    const far = makeContentKeys(new KMSClient(NOBODY), 'k', LOG);
    await expect(far.generate(SID)).rejects.toMatchObject({ code: 'CONTENT_KEY_UNAVAILABLE' });
  });
});

describe('splitDataKey', () => {
  it('makes two keys of 256 bits, neither the data key nor each other', () => {
    const dataKey = new Uint8Array(32).fill(1);
    const all = [Buffer.from(dataKey).toString('hex'), ...hexes(splitDataKey(dataKey))];
    expect(all.map((key) => key.length)).toEqual([64, 64, 64]);
    expect(new Set(all).size).toBe(3);
  });

  it('splits by HKDF under the names that the formats give', () => {
    const dataKey = new Uint8Array(32).fill(1);
    const expected = ['sealing', 'committing'].map((use) =>
      Buffer.from(hkdfSync('sha256', dataKey, '', `countersign/v1/${use}`, 32)).toString('hex'),
    );
    expect(hexes(splitDataKey(dataKey))).toEqual(expected);
  });
});

describe('encryptionContext', () => {
  it('names log and session', () => {
    expect(encryptionContext(LOG, SID)).toEqual({ log: LOG, sid: SID });
  });
});
