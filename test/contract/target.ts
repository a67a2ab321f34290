// The endpoint under test: our loopback AWS by default, any other through COUNTERSIGN_CONTRACT_ENDPOINT (with
// COUNTERSIGN_CONTRACT_TARGET naming it, so that its expected differences apply). Credentials come from the usual
// AWS variables, else they are throw-away ones.

import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { ComprehendClient } from '@aws-sdk/client-comprehend';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { afterAll, beforeAll } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';

const ENDPOINT = process.env['COUNTERSIGN_CONTRACT_ENDPOINT'];

/** Name of the target whose differences apply. An endpoint without a name is expected to be exactly AWS. */
export const TARGET_NAME = process.env['COUNTERSIGN_CONTRACT_TARGET'] ?? (ENDPOINT === undefined ? 'local' : 'aws');

const REGION = process.env['AWS_REGION'] ?? 'eu-west-1';

export const clientConfig = (endpoint: string) => ({
  endpoint,
  region: REGION,
  credentials: {
    accessKeyId: process.env['AWS_ACCESS_KEY_ID'] ?? 'test',
    secretAccessKey: process.env['AWS_SECRET_ACCESS_KEY'] ?? 'test',
  },
});

export interface Clients {
  readonly endpoint: string;
  readonly dynamoDb: DynamoDBClient;
  readonly s3: S3Client;
  readonly kms: KMSClient;
  readonly secrets: SecretsManagerClient;
  readonly logs: CloudWatchLogsClient;
  readonly comprehend: ComprehendClient;
}

export const openClients = (endpoint: string): Clients => ({
  endpoint,
  dynamoDb: new DynamoDBClient(clientConfig(endpoint)),
  s3: new S3Client({ ...clientConfig(endpoint), forcePathStyle: true }),
  kms: new KMSClient(clientConfig(endpoint)),
  secrets: new SecretsManagerClient(clientConfig(endpoint)),
  logs: new CloudWatchLogsClient(clientConfig(endpoint)),
  comprehend: new ComprehendClient(clientConfig(endpoint)),
});

/** Starts the target once per test file; the accessor is for use inside cases. */
export const useTarget = (): (() => Clients) => {
  let server: LocalAws | undefined;
  let clients: Clients | undefined;
  beforeAll(async () => {
    server = ENDPOINT === undefined ? await startLocalAws({ port: 0, dataDir: null }) : undefined;
    clients = openClients(ENDPOINT ?? server?.url ?? '');
  });
  afterAll(async () => {
    await server?.close();
  });
  return () => {
    if (clients === undefined) throw new Error('The target is open only while cases run');
    return clients;
  };
};

let counter = 0;
/** A name no other case or run uses, fit for tables, buckets, aliases and secrets alike. */
export const uniqueName = (stem: string): string => {
  counter += 1;
  return `cs-${stem}-${Date.now().toString(36)}-${process.pid.toString(36)}-${counter}`;
};
