// A strict call leaves its signed intent in the locked bucket, where anybody with the public key can check it.

import { createPublicKey } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { KMSClient } from '@aws-sdk/client-kms';
import { DeleteObjectCommand, GetObjectCommand, ListObjectVersionsCommand, S3Client } from '@aws-sdk/client-s3';
import { dsse, crypto as sigstore } from '@sigstore/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { openFolder } from '../../bin/commands/log-folder.ts';
import { makeSigner } from '../../lambdas/adapters/kms-signer.ts';
import { keyIdOf, rawPublicKey } from '../../lambdas/core/ledger/note.ts';
import { verifyLog } from '../../lambdas/core/ledger/verify/verify-log.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';
import { STRICT_TOOL, strictRequest } from '../support/strict-call.ts';

let stack: TestStack;
let ledger: Ledger;
let s3: S3Client;
let callId: string;

beforeAll(async () => {
  stack = await startTestStack();
  Object.assign(process.env, resourceEnvironment(stack.resources));
  ledger = openLedger(stack.resources, stack.config.log.origin);
  s3 = new S3Client();
});
afterAll(() => stack.close());

const objectOf = async (id: string) => {
  const Key = `intent/${id}.dsse.json`;
  const { Body, ObjectLockMode } = await s3.send(new GetObjectCommand({ Bucket: stack.resources.evidenceBucket, Key }));
  return { text: (await Body?.transformToString()) ?? '', ObjectLockMode };
};
const publicKeyOf = (keyId: string) => makeSigner(new KMSClient(), keyId).publicKey();

describe('a strict call', () => {
  it('runs, and its entry says that it is strict', async () => {
    await waitUntilSealed(stack);
    const { params } = strictRequest();
    const answer = await call(stack.url('core-banking'), {
      token: await stack.tokenOf('ana'),
      ...modern('tools/call', { ...params }),
    });
    callId = answer.headers.get('x-countersign-call') ?? '';
    expect(answer.status).toBe(200);
    expect(stack.bank.calls().at(-1)).toMatchObject({ tool: STRICT_TOOL });
    const entries = (await ledger.all()).map(({ entry }) => entry);
    expect(entries.find((entry) => entry.type === 'call.intent' && entry.callId === callId)).toMatchObject({
      strict: true,
    });
    expect(entries.find((entry) => entry.type === 'call.outcome' && entry.callId === callId)).toMatchObject({
      result: { status: 'result' },
    });
  });

  it('was signed by the intent key before, as sigstore reads it too', async () => {
    const { text, ObjectLockMode } = await objectOf(callId);
    expect(ObjectLockMode).toBe('COMPLIANCE');
    const { payload, payloadType, signatures } = JSON.parse(text) as {
      payload: string;
      payloadType: string;
      signatures: [{ sig: string }];
    };
    const signed = dsse.preAuthEncoding(payloadType, Buffer.from(payload, 'base64'));
    const spki = await publicKeyOf(stack.resources.intentKeyId);
    const key = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
    expect(sigstore.verify(signed, key, Buffer.from(signatures[0].sig, 'base64'))).toBe(true);
    const statement: unknown = JSON.parse(Buffer.from(payload, 'base64').toString('utf8'));
    expect(statement).toMatchObject({ subject: [{ name: callId }], predicate: { tool: STRICT_TOOL } });
    expect(text).not.toContain('ACC-00021');
  });

  it('cannot be taken out of the bucket again', async () => {
    const Bucket = stack.resources.evidenceBucket;
    const { Versions = [] } = await s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: `intent/${callId}` }));
    const [{ Key, VersionId } = {}] = Versions;
    await expect(s3.send(new DeleteObjectCommand({ Bucket, Key, VersionId }))).rejects.toThrow(/[Dd]enied|lock/);
  });

  it('leaves nothing of a call that is not strict', async () => {
    const answer = await call(stack.url('core-banking'), {
      token: await stack.tokenOf('ana'),
      ...modern('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }),
    });
    expect(answer.status).toBe(200);
    await expect(objectOf(answer.headers.get('x-countersign-call') ?? '')).rejects.toThrow(/key|exist/i);
  });

  it('is checked by the verifier against the key that the log has on record', async () => {
    await waitUntilSealed(stack);
    const folder = await mkdtemp(join(tmpdir(), 'countersign-strict-'));
    try {
      await exportLog([folder]);
      const spki = await publicKeyOf(stack.resources.checkpointKeyId);
      const name = stack.config.log.origin;
      const keyId = keyIdOf(name, rawPublicKey(spki) ?? new Uint8Array());
      const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
      const files = await openFolder(folder);
      const report = await verifyLog({
        files,
        keys: [{ name, keyId, publicKey }],
        kept: null,
        policy: null,
        contentKeys: null,
      });
      expect(report.checks.find(({ check }) => check === 'strict-intents')).toMatchObject({ status: 'ok' });
      expect((await files.list()).map((file) => file.name)).toContain(`intent/${callId}.dsse.json`);
      const registered = (await ledger.all()).filter(({ entry }) => entry.type === 'key.registered');
      expect(registered.length).toBeLessThanOrEqual(1);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
