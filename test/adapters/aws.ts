// The loopback AWS with everything deployed in it, and real SDK clients, for one test file.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { type Provisioned, provision, type WitnessResources } from '../../local/provision.ts';

const REGION = 'eu-west-1';

export const clientOptions = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
});

export interface Deployed extends Provisioned, WitnessResources {
  readonly endpoint: string;
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly kms: KMSClient;
  readonly secretsManager: SecretsManagerClient;
}

/** Starts it once per file; the accessor is for use inside cases. */
export const useAws = (secrets: Readonly<Record<string, string>> = {}): (() => Deployed) => {
  let server: LocalAws | undefined;
  let deployed: Deployed | undefined;
  beforeAll(async () => {
    server = await startLocalAws({ port: 0, dataDir: null });
    const options = clientOptions(server.url);
    deployed = {
      ...(await provision({ endpoint: server.url, region: REGION, secrets })),
      endpoint: server.url,
      dynamoDb: new DynamoDBClient(options),
      s3: new S3Client({ ...options, forcePathStyle: true }),
      kms: new KMSClient(options),
      secretsManager: new SecretsManagerClient(options),
    };
  });
  afterAll(async () => {
    for (const name of ['dynamoDb', 's3', 'kms', 'secretsManager'] as const) deployed?.[name].destroy();
    await server?.close();
  });
  return () => {
    if (deployed === undefined) throw new Error('AWS is open only while cases run');
    return deployed;
  };
};

/** An endpoint at which nobody listens: every call fails, at once. */
export const NOBODY = { ...clientOptions('http://127.0.0.1:9'), maxAttempts: 1 } as const;
