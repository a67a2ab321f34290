// What only the loopback has: the outbox, its refusals at the door, its clock, and what it does not serve.

import { request } from 'node:http';
import { GetItemCommand, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { CreateKeyCommand, SignCommand } from '@aws-sdk/client-kms';
import {
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectRetentionCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { refusal, refusalError } from './contract-case.ts';
import { createEvidenceBucket, put } from './evidence-bucket.ts';
import { type Clients, openClients } from './target.ts';

const DAY_MS = 86_400_000;
const AUTHORIZATION =
  'AWS4-HMAC-SHA256 Credential=test/20261122/eu-west-1/ses/aws4_request, SignedHeaders=host, Signature=0';

let server: LocalAws;
let clients: Clients;
let now = Date.now();
beforeAll(async () => {
  server = await startLocalAws({ port: 0, dataDir: null, now: () => now });
  clients = openClients(server.url);
});
afterAll(() => server.close());

describe('the outbox', () => {
  const sendEmail = (email: object, headers: Record<string, string> = { authorization: AUTHORIZATION }) =>
    fetch(`${server.url}/v2/email/outbound-emails`, { method: 'POST', headers, body: JSON.stringify(email) });
  const email = {
    FromEmailAddress: 'gateway@bank.example',
    Destination: { ToAddresses: ['approver@bank.example'] },
    Content: { Simple: { Subject: { Data: 'Approve' }, Body: { Text: { Data: 'See the console' } } } },
  };

  it('keeps a mail sent through SES v2', async () => {
    const answer = (await (await sendEmail(email)).json()) as { MessageId: string };
    expect(server.outbox.messages().find((message) => message.id === answer.MessageId)).toMatchObject({
      channel: 'email',
      to: ['approver@bank.example'],
      subject: 'Approve',
      text: 'See the console',
    });
  });

  it('refuses a mail to nobody, and one without credentials', async () => {
    const toNobody = await sendEmail({ ...email, Destination: {} });
    expect([toNobody.status, toNobody.headers.get('x-amzn-errortype')]).toEqual([400, 'BadRequestException']);
    expect((await sendEmail(email, {})).status).toBe(400);
  });

  it('keeps a Slack message and answers ok; refuses what is not JSON', async () => {
    const post = (body: string) => fetch(`${server.url}/slack/approvals`, { method: 'POST', body });
    expect(await (await post('{"text":"please approve"}')).text()).toBe('ok');
    expect((await post('text')).status).toBe(400);
    expect(server.outbox.messages().at(-1)).toMatchObject({ channel: 'slack', payload: { text: 'please approve' } });
  });

  it('tells listeners, and shows the newest first at /_outbox', async () => {
    const heard: string[] = [];
    const unsubscribe = server.outbox.onMessage((message) => void heard.push(message.channel));
    await sendEmail(email);
    unsubscribe();
    await sendEmail(email);
    expect(heard).toEqual(['email']);
    const shown = (await (await fetch(`${server.url}/_outbox`)).json()) as { messages: { id: string }[] };
    expect(shown.messages[0]?.id).toBe(server.outbox.messages().at(-1)?.id);
  });
});

describe('the door', () => {
  const post = (target: string, headers: Record<string, string> = {}) =>
    fetch(server.url, { method: 'POST', headers: { 'x-amz-target': target, ...headers }, body: '{}' });

  it('refuses requests without credentials as each service does', async () => {
    for (const target of ['DynamoDB_20120810.ListTables', 'TrentService.ListKeys', 'secretsmanager.GetSecretValue']) {
      const answer = await post(target);
      const body = (await answer.json()) as { __type: string };
      expect([answer.status, body.__type]).toEqual([400, 'MissingAuthenticationTokenException']);
    }
    const s3 = await fetch(`${server.url}/bucket/key`);
    expect([s3.status, await s3.text()]).toEqual([403, expect.stringContaining('<Code>AccessDenied</Code>')]);
  });

  it('refuses a malformed signature and takes a well-formed one', async () => {
    const answer = await post('DynamoDB_20120810.ListTables', { authorization: 'Bearer x' });
    expect(await answer.json()).toMatchObject({ __type: 'IncompleteSignatureException' });
    expect((await post('DynamoDB_20120810.ListTables', { authorization: AUTHORIZATION })).status).toBe(200);
  });

  it('answers to loopback names only', async () => {
    const statusFor = (host: string) =>
      new Promise<number | undefined>((resolve, reject) => {
        const asked = request(`${server.url}/_outbox`, { headers: { host } }, (answer) => {
          answer.resume();
          resolve(answer.statusCode);
        });
        asked.on('error', reject);
        asked.end();
      });
    expect(await statusFor(`localhost:${server.port}`)).toBe(200);
    expect(await statusFor('attacker.example')).toBe(403);
  });

  it('names a port that is taken, and leaves nothing open', async () => {
    expect(await refusalError(startLocalAws({ port: server.port, dataDir: null }))).toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});

describe('what is not served', () => {
  it('says so in the words of the service', async () => {
    const Bucket = await createEvidenceBucket(clients.s3);
    const upload = clients.s3.send(new CreateMultipartUploadCommand({ Bucket, Key: 'large' }));
    expect(await refusal(upload)).toBe('NotImplemented');
    for (const target of ['AWSEvents.PutEvents', 'DynamoDB_20120810.ExecuteStatement']) {
      const headers = { 'x-amz-target': target, authorization: AUTHORIZATION };
      const answer = await fetch(server.url, { method: 'POST', headers, body: '{}' });
      expect(await answer.json()).toMatchObject({ __type: 'UnknownOperationException' });
    }
  });

  it('refuses to sign a digest rather than to sign it wrongly', async () => {
    const made = await clients.kms.send(new CreateKeyCommand({ KeySpec: 'ECC_NIST_P256', KeyUsage: 'SIGN_VERIFY' }));
    const sign = (MessageType: 'RAW' | 'DIGEST') =>
      clients.kms.send(
        new SignCommand({
          KeyId: made.KeyMetadata?.KeyId,
          Message: new Uint8Array(32),
          MessageType,
          SigningAlgorithm: 'ECDSA_SHA_256',
        }),
      );
    expect(await refusal(sign('DIGEST'))).toBe('UnsupportedOperationException');
    await sign('RAW');
  });
});

describe('the clock', () => {
  it('frees a record once its retention has passed, and not a moment before', async () => {
    const Bucket = await createEvidenceBucket(clients.s3);
    const DefaultRetention = { Mode: 'COMPLIANCE', Days: 1 } as const;
    const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
    await clients.s3.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
    const { VersionId } = await put(clients.s3, Bucket, 'record');
    const { Retention } = await clients.s3.send(new GetObjectRetentionCommand({ Bucket, Key: 'record' }));
    expect(Retention?.RetainUntilDate?.getTime()).toBe(now + DAY_MS);
    const destroy = () => clients.s3.send(new DeleteObjectCommand({ Bucket, Key: 'record', VersionId }));
    now += DAY_MS - 1;
    expect(await refusal(destroy())).toBe('AccessDenied');
    now += 1;
    await destroy();
  });
});

describe('AWS_ENDPOINT_URL', () => {
  it('is all that a client made without an endpoint needs', async () => {
    const { DynamoDBClient } = await import('@aws-sdk/client-dynamodb');
    process.env['AWS_ENDPOINT_URL'] = server.url;
    try {
      const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
      const client = new DynamoDBClient({ region: 'eu-west-1', credentials });
      expect((await client.send(new ListTablesCommand({}))).TableNames).toEqual([]);
      const missing = client.send(new GetItemCommand({ TableName: 'none', Key: { pk: { S: 'x' } } }));
      expect(await refusal(missing)).toBe('ResourceNotFoundException');
    } finally {
      delete process.env['AWS_ENDPOINT_URL'];
    }
  });
});
