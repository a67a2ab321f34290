// CloudTrail's event history on the loopback: what KMS signed, and nothing else.
// https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html

import { CloudTrailClient, LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { GetPublicKeyCommand, KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSignatureTrail } from '../../lambdas/adapters/cloudtrail-signatures.ts';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { type Provisioned, provision } from '../../local/provision.ts';
import { refusal } from './contract-case.ts';
import { clientConfig } from './target.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

let server: LocalAws;
let names: Provisioned;
let kms: KMSClient;
let trail: CloudTrailClient;
let now = NOON;
beforeEach(async () => {
  now = NOON;
  server = await startLocalAws({ port: 0, dataDir: null, now: () => now });
  const config = clientConfig(server.url);
  names = await provision({ endpoint: server.url, region: config.region, secrets: {} });
  kms = new KMSClient(config);
  trail = new CloudTrailClient(config);
});
afterEach(() => server.close());

const sign = (KeyId: string, algorithm = 'ED25519_SHA_512') =>
  kms.send(
    new SignCommand({
      KeyId,
      Message: Buffer.from('m'),
      MessageType: 'RAW',
      SigningAlgorithm: algorithm as 'ED25519_SHA_512',
    }),
  );
const bySign = [{ AttributeKey: 'EventName', AttributeValue: 'Sign' } as const];

describe('LookupEvents', () => {
  it('shows each signature with its key and its second, newest first, and no other call', async () => {
    await sign(names.checkpointKeyId);
    await kms.send(new GetPublicKeyCommand({ KeyId: names.checkpointKeyId }));
    expect(await refusal(sign(names.contentKeyId))).toBeTruthy();
    now += 1500;
    await sign(names.intentKeyId);
    const { Events = [] } = await trail.send(new LookupEventsCommand({ LookupAttributes: bySign }));
    expect(
      Events.map(({ EventName, EventTime, Resources }) => [
        EventName,
        EventTime?.getTime(),
        Resources?.[0]?.ResourceName,
      ]),
    ).toEqual([
      ['Sign', NOON + 1000, names.intentKeyId],
      ['Sign', NOON, names.checkpointKeyId],
    ]);
    expect(JSON.parse(Events[1]?.CloudTrailEvent ?? '{}')).toMatchObject({
      eventName: 'Sign',
      resources: [{ ARN: names.checkpointKeyId }],
    });
  });

  it('gives 50 to a page, each event once', async () => {
    for (let count = 0; count < 60; count += 1) {
      await sign(names.checkpointKeyId);
      now += 1000;
    }
    const first = await trail.send(new LookupEventsCommand({ LookupAttributes: bySign }));
    const second = await trail.send(new LookupEventsCommand({ LookupAttributes: bySign, NextToken: first.NextToken }));
    const ids = [...(first.Events ?? []), ...(second.Events ?? [])].map(({ EventId }) => EventId);
    expect([first.Events?.length, new Set(ids).size, second.NextToken]).toEqual([50, 60, undefined]);
  });
});

describe('makeSignatureTrail', () => {
  it('finds the signatures of one key in a span of time', async () => {
    await sign(names.checkpointKeyId);
    now += 60_000;
    await sign(names.checkpointKeyId);
    await sign(names.intentKeyId);
    const found = await makeSignatureTrail(trail, names.checkpointKeyIds).signatures(NOON + 30_000, NOON + 90_000);
    expect(found.map(({ at }) => at)).toEqual([NOON + 60_000]);
  });

  it('says that it could not ask', async () => {
    const nobody = new CloudTrailClient({ ...clientConfig('http://127.0.0.1:9'), maxAttempts: 1 });
    await expect(makeSignatureTrail(nobody, ['k']).signatures(0, 1)).rejects.toMatchObject({ code: 'unavailable' });
  });
});
