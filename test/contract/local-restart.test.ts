// The loopback keeps data, locks and keys when it is stopped and started on the same folder.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GetItemCommand, PutItemCommand, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { DecryptCommand, GenerateDataKeyCommand } from '@aws-sdk/client-kms';
import {
  DeleteObjectCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  ListObjectVersionsCommand,
} from '@aws-sdk/client-s3';
import { GetSecretValueCommand, PutSecretValueCommand } from '@aws-sdk/client-secrets-manager';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { type Provisioned, provision } from '../../local/provision.ts';
import { refusal } from './contract-case.ts';
import { put, readText } from './evidence-bucket.ts';
import { type Clients, openClients } from './target.ts';

const SECRETS = { 'countersign/upstream': 'first' };

let dataDir = '';
let server: LocalAws;
let clients: Clients;
let names: Provisioned;

const start = async () => {
  server = await startLocalAws({ port: 0, dataDir });
  clients = openClients(server.url);
  names = await provision({ endpoint: server.url, region: 'eu-west-1', secrets: SECRETS });
};
const restart = async () => {
  await server.close();
  await start();
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-'));
  await start();
});
afterEach(async () => {
  await server.close();
  await rm(dataDir, { recursive: true });
});

describe('provision', () => {
  it('creates the same installation again, key included', async () => {
    const before = names;
    await restart();
    expect(names).toEqual(before);
  });

  it('leaves a secret that was changed since', async () => {
    const SecretId = 'countersign/upstream';
    await clients.secrets.send(new PutSecretValueCommand({ SecretId, SecretString: 'rotated' }));
    await restart();
    expect((await clients.secrets.send(new GetSecretValueCommand({ SecretId }))).SecretString).toBe('rotated');
  });

  it('locks the evidence bucket under COMPLIANCE by default', async () => {
    const Bucket = names.evidenceBucket;
    const { ObjectLockConfiguration } = await clients.s3.send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(ObjectLockConfiguration?.Rule?.DefaultRetention).toEqual({ Mode: 'COMPLIANCE', Days: 1 });
  });
});

describe('a restart', () => {
  it('keeps ledger entries, and the conditions that guard them', async () => {
    const append = () =>
      clients.dynamoDb.send(
        new PutItemCommand({
          TableName: names.ledgerTable,
          Item: { pk: { S: 's' }, sk: { S: '1' }, unsealed: { S: '0' }, position: { S: '1' } },
          ConditionExpression: 'attribute_not_exists(pk)',
        }),
      );
    await append();
    await restart();
    expect(await refusal(append())).toBe('ConditionalCheckFailedException');
  });

  it('remembers the tokens of transactions', async () => {
    const ClientRequestToken = crypto.randomUUID();
    const count = () =>
      clients.dynamoDb.send(
        new TransactWriteItemsCommand({
          ClientRequestToken,
          TransactItems: [
            {
              Update: {
                TableName: names.sessionsTable,
                Key: { pk: { S: 's' } },
                UpdateExpression: 'ADD calls :one',
                ExpressionAttributeValues: { ':one': { N: '1' } },
              },
            },
          ],
        }),
      );
    await count();
    await restart();
    await count();
    const get = new GetItemCommand({ TableName: names.sessionsTable, Key: { pk: { S: 's' } } });
    expect((await clients.dynamoDb.send(get)).Item?.['calls']).toEqual({ N: '1' });
  });

  it('keeps records, their order and their locks', async () => {
    const Bucket = names.evidenceBucket;
    const first = await put(clients.s3, Bucket, 'segment/1', { Body: 'one' });
    const second = await put(clients.s3, Bucket, 'segment/1', { Body: 'two' });
    await restart();
    expect(await readText(clients.s3, Bucket, 'segment/1')).toBe('two');
    const { Versions } = await clients.s3.send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map((version) => version.VersionId)).toEqual([second.VersionId, first.VersionId]);
    const { Retention } = await clients.s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'segment/1' }));
    expect(Retention?.Mode).toBe('COMPLIANCE');
    const destroy = clients.s3.send(
      new DeleteObjectCommand({
        Bucket,
        Key: 'segment/1',
        VersionId: first.VersionId,
        BypassGovernanceRetention: true,
      }),
    );
    expect(await refusal(destroy)).toBe('AccessDenied');
  });

  it('keeps the content key, so that what it wrapped still opens', async () => {
    const { CiphertextBlob, Plaintext } = await clients.kms.send(
      new GenerateDataKeyCommand({ KeyId: names.contentKeyId, KeySpec: 'AES_256', EncryptionContext: { s: '1' } }),
    );
    await restart();
    const opened = await clients.kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: { s: '1' } }));
    expect(opened.Plaintext).toEqual(Plaintext);
  });

  it('keeps what was sent', async () => {
    await fetch(`${server.url}/slack/approvals`, { method: 'POST', body: '{"text":"please approve"}' });
    await restart();
    expect(server.outbox.messages()).toMatchObject([{ channel: 'slack', webhook: 'approvals' }]);
  });
});

describe('the data folder', () => {
  it('belongs to one process at a time', async () => {
    await expect(startLocalAws({ port: 0, dataDir })).rejects.toThrow(/another loopback AWS/);
  });

  it('keeps every acknowledged write when the process is killed', async () => {
    await server.close();
    const program = `
      const { startLocalAws } = await import(${JSON.stringify(new URL('../../local/aws/server.ts', import.meta.url))});
      console.log((await startLocalAws({ port: 0, dataDir: process.argv[1] })).url);`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program, dataDir]);
    const [url] = (await once(child.stdout, 'data')) as [Buffer];
    const killed = openClients(url.toString().trim());
    const Item = { pk: { S: 's' }, sk: { S: '1' } };
    await killed.dynamoDb.send(new PutItemCommand({ TableName: names.ledgerTable, Item }));
    const { VersionId } = await put(killed.s3, names.evidenceBucket, 'record', { IfNoneMatch: '*' });
    child.kill('SIGKILL');
    await once(child, 'exit');

    await start();
    const get = new GetItemCommand({ TableName: names.ledgerTable, Key: Item });
    expect((await clients.dynamoDb.send(get)).Item).toEqual(Item);
    expect(await readText(clients.s3, names.evidenceBucket, 'record', VersionId)).toBe('body');
    expect(await refusal(put(clients.s3, names.evidenceBucket, 'record', { IfNoneMatch: '*' }))).toBe(
      'PreconditionFailed',
    );
  });
});
