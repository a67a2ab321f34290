// What `cdk deploy` creates on AWS, created with the SDK on the loopback AWS: tables, evidence bucket, keys, log group,
// secrets. Safe to run again: whatever exists stays as it is, and a secret keeps its value.

import { CloudWatchLogsClient, CreateLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DescribeTableCommand,
  DynamoDBClient,
  UpdateContinuousBackupsCommand,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import {
  CreateAliasCommand,
  CreateKeyCommand,
  type CreateKeyCommandInput,
  DescribeKeyCommand,
  KMSClient,
} from '@aws-sdk/client-kms';
import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { APPROVALS, LEDGER, SESSIONS, WITNESS } from '../lambdas/contract.ts';
import { provisionApprovalMachine } from './approvals.ts';

export interface ProvisionOptions {
  /** URL of the endpoint that serves all services. */
  readonly endpoint: string;
  readonly region: string;
  /** Prefix of every name, so that several installations can share one endpoint. @default 'countersign' */
  readonly name?: string;
  /** Secrets Manager name to secret string. */
  readonly secrets: Readonly<Record<string, string>>;
  /** Generations of the checkpoint key. @default 1 */
  readonly keyGeneration?: number;
}

export interface Provisioned {
  readonly ledgerTable: string;
  readonly sessionsTable: string;
  readonly approvalsTable: string;
  readonly evidenceBucket: string;
  readonly tilesBucket: string;
  readonly copiesBucket: string;
  /** ARN of the symmetric key under which session data keys are generated. */
  readonly contentKeyId: string;
  /** ARN of the symmetric key under which held calls wait. */
  readonly heldKeyId: string;
  /** ARN of the state machine that waits for approvals. */
  readonly approvalMachine: string;
  /** ARN of the Ed25519 key that signs checkpoints. */
  readonly checkpointKeyId: string;
  /** ARN of the Ed25519 key that signs intents of strict calls. */
  readonly intentKeyId: string;
  /** ARNs of all its generations, oldest first. */
  readonly checkpointKeyIds: readonly string[];
  /** Log group of API Gateway's access log. */
  readonly accessLogGroup: string;
  /** Names of the secrets that were passed in. */
  readonly secrets: readonly string[];
}

/** What a witness has, which on AWS is a stack of its own, in another account. */
export interface WitnessResources {
  readonly witnessTable: string;
  /** ARN of the Ed25519 key that cosigns. */
  readonly witnessKeyId: string;
}

/** The laptop's retention: long enough to see the refusal, short enough to throw a demo away tomorrow. */
const RETENTION_DAYS = 1;
/** The loopback checks that requests are signed, not by whom. */
const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const hasName = (error: unknown, ...names: string[]): boolean => error instanceof Error && names.includes(error.name);

/** Runs `create` unless the thing is already there. */
const unless = async (
  exists: () => Promise<unknown>,
  missing: string[],
  create: () => Promise<unknown>,
): Promise<void> => {
  try {
    await exists();
  } catch (error) {
    if (!hasName(error, ...missing)) throw error;
    await create();
  }
};

const text = (name: string) => ({ AttributeName: name, AttributeType: 'S' }) as const;
const partition = (name: string) => ({ AttributeName: name, KeyType: 'HASH' }) as const;
const sort = (name: string) => ({ AttributeName: name, KeyType: 'RANGE' }) as const;
const index = (of: { name: string; partitionKey: string; sortKey: string }, projection: 'ALL' | 'KEYS_ONLY') => ({
  IndexName: of.name,
  KeySchema: [partition(of.partitionKey), sort(of.sortKey)],
  Projection: { ProjectionType: projection },
});

const ledgerTable = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    ...[LEDGER.partitionKey, LEDGER.sortKey].map(text),
    ...[LEDGER.unsealedIndex.partitionKey, LEDGER.unsealedIndex.sortKey].map(text),
  ],
  KeySchema: [partition(LEDGER.partitionKey), sort(LEDGER.sortKey)],
  GlobalSecondaryIndexes: [index(LEDGER.unsealedIndex, 'KEYS_ONLY')],
  StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
});

const sessionsTable = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [
    text(SESSIONS.partitionKey),
    ...[SESSIONS.byDayIndex.partitionKey, SESSIONS.byDayIndex.sortKey].map(text),
    ...[SESSIONS.dueIndex.partitionKey, SESSIONS.dueIndex.sortKey].map(text),
  ],
  KeySchema: [partition(SESSIONS.partitionKey)],
  GlobalSecondaryIndexes: [index(SESSIONS.byDayIndex, 'ALL'), index(SESSIONS.dueIndex, 'KEYS_ONLY')],
});

const approvalsTable = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [APPROVALS.partitionKey, APPROVALS.sortKey].map(text),
  KeySchema: [partition(APPROVALS.partitionKey), sort(APPROVALS.sortKey)],
});

const provisionTable = async (client: DynamoDBClient, table: CreateTableCommandInput): Promise<void> => {
  const { TableName } = table;
  await unless(
    () => client.send(new DescribeTableCommand({ TableName })),
    ['ResourceNotFoundException'],
    () => client.send(new CreateTableCommand(table)),
  );
  await waitUntilTableExists({ client, maxWaitTime: 30, minDelay: 1 }, { TableName });
  await requireIndexes(client, table);
};

/** A table of an earlier version stays as it is, and then lacks what this one asks of it. */
const requireIndexes = async (
  client: DynamoDBClient,
  { TableName, GlobalSecondaryIndexes = [] }: CreateTableCommandInput,
): Promise<void> => {
  const { Table } = await client.send(new DescribeTableCommand({ TableName }));
  const there = new Set(Table?.GlobalSecondaryIndexes?.map(({ IndexName }) => IndexName));
  const missing = GlobalSecondaryIndexes.map(({ IndexName }) => IndexName ?? '').filter((name) => !there.has(name));
  if (missing.length === 0) return;
  throw new Error(
    `Table ${TableName} has no index ${missing.join(', ')}: its state is of an earlier version. Move the folder with the state (.countersign/local) away and start again`,
  );
};

const witnessTable = (TableName: string): CreateTableCommandInput => ({
  TableName,
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [text(WITNESS.partitionKey)],
  KeySchema: [partition(WITNESS.partitionKey)],
});

type Tables = Pick<Provisioned & WitnessResources, 'ledgerTable' | 'sessionsTable' | 'approvalsTable' | 'witnessTable'>;

const provisionTables = async (client: DynamoDBClient, names: Tables): Promise<void> => {
  const { ledgerTable: ledger, approvalsTable: approvals } = names;
  await provisionTable(client, approvalsTable(approvals));
  await provisionTable(client, ledgerTable(ledger));
  await provisionTable(client, sessionsTable(names.sessionsTable));
  await provisionTable(client, witnessTable(names.witnessTable));
  await enableTimeToLive(client, ledger, LEDGER.ttlAttribute);
  await enableTimeToLive(client, approvals, APPROVALS.ttlAttribute);
  const PointInTimeRecoverySpecification = { PointInTimeRecoveryEnabled: true };
  await client.send(new UpdateContinuousBackupsCommand({ TableName: ledger, PointInTimeRecoverySpecification }));
};

const enableTimeToLive = async (client: DynamoDBClient, TableName: string, AttributeName: string): Promise<void> => {
  const TimeToLiveSpecification = { Enabled: true, AttributeName };
  try {
    await client.send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
  } catch (error) {
    if (!hasName(error, 'ValidationException')) throw error; // already enabled
  }
};

const provisionBucket = async (client: S3Client, Bucket: string): Promise<void> => {
  await unless(
    () => client.send(new HeadBucketCommand({ Bucket })),
    ['NotFound', 'NoSuchBucket'],
    () => client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true })),
  );
  const DefaultRetention = { Mode: 'COMPLIANCE', Days: RETENTION_DAYS } as const;
  const ObjectLockConfiguration = { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention } } as const;
  await client.send(new PutObjectLockConfigurationCommand({ Bucket, ObjectLockConfiguration }));
};

const provisionTilesBucket = async (client: S3Client, Bucket: string): Promise<void> => {
  await unless(
    () => client.send(new HeadBucketCommand({ Bucket })),
    ['NotFound', 'NoSuchBucket'],
    () => client.send(new CreateBucketCommand({ Bucket })),
  );
  const VersioningConfiguration = { Status: 'Enabled' } as const;
  await client.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration }));
};

const signingKey = (Description: string): CreateKeyCommandInput => ({
  Description,
  KeySpec: 'ECC_NIST_EDWARDS25519',
  KeyUsage: 'SIGN_VERIFY',
});

const provisionKey = async (client: KMSClient, AliasName: string, key: CreateKeyCommandInput): Promise<string> => {
  await unless(
    () => client.send(new DescribeKeyCommand({ KeyId: AliasName })),
    ['NotFoundException'],
    async () => {
      const created = await client.send(new CreateKeyCommand(key));
      await client.send(new CreateAliasCommand({ AliasName, TargetKeyId: created.KeyMetadata?.KeyId ?? '' }));
    },
  );
  const { KeyMetadata } = await client.send(new DescribeKeyCommand({ KeyId: AliasName }));
  if (KeyMetadata?.Arn === undefined) throw new Error(`KMS described ${AliasName} without an ARN`);
  return KeyMetadata.Arn;
};

const provisionLogGroup = async (client: CloudWatchLogsClient, logGroupName: string): Promise<void> => {
  try {
    await client.send(new CreateLogGroupCommand({ logGroupName }));
  } catch (error) {
    if (!hasName(error, 'ResourceAlreadyExistsException')) throw error;
  }
};

const provisionSecrets = async (
  client: SecretsManagerClient,
  secrets: Readonly<Record<string, string>>,
): Promise<void> => {
  for (const [Name, SecretString] of Object.entries(secrets)) {
    try {
      await client.send(new CreateSecretCommand({ Name, SecretString }));
    } catch (error) {
      if (!hasName(error, 'ResourceExistsException')) throw error;
    }
  }
};

const provisionCheckpointKeys = async (client: KMSClient, name: string, generations: number): Promise<string[]> => {
  const ids: string[] = [];
  for (let generation = 1; generation <= generations; generation += 1) {
    const alias = `alias/${name}-checkpoint${generation === 1 ? '' : `-${generation}`}`;
    ids.push(await provisionKey(client, alias, signingKey('Countersign checkpoint key')));
  }
  return ids;
};

/** Creates what is missing and returns the names that the Lambdas take from their environment. */
export const provision = async (options: ProvisionOptions): Promise<Provisioned & WitnessResources> => {
  const { endpoint, region, secrets, name = 'countersign', keyGeneration = 1 } = options;
  const client = { endpoint, region, credentials: CREDENTIALS };
  const clients = [
    new DynamoDBClient(client),
    new S3Client({ ...client, forcePathStyle: true }),
    new KMSClient(client),
    new SecretsManagerClient(client),
    new CloudWatchLogsClient(client),
  ] as const;
  const [dynamoDb, s3, kms, secretsManager, logs] = clients;
  const names = {
    ledgerTable: `${name}-ledger`,
    sessionsTable: `${name}-sessions`,
    approvalsTable: `${name}-approvals`,
    evidenceBucket: `${name}-evidence`,
    accessLogGroup: `${name}-access`,
    tilesBucket: `${name}-tiles`,
    copiesBucket: `${name}-copies`,
    witnessTable: `${name}-witness`,
  };
  try {
    await provisionTables(dynamoDb, names);
    await provisionBucket(s3, names.evidenceBucket);
    await provisionLogGroup(logs, names.accessLogGroup);
    await provisionTilesBucket(s3, names.tilesBucket);
    await provisionBucket(s3, names.copiesBucket);
    await provisionSecrets(secretsManager, secrets);
    const contentKeyId = await provisionKey(kms, `alias/${name}-content`, { Description: 'Countersign content key' });
    const checkpointKeyIds = await provisionCheckpointKeys(kms, name, keyGeneration);
    const checkpointKeyId = checkpointKeyIds.at(-1) ?? '';
    const intentKeyId = await provisionKey(kms, `alias/${name}-intent`, signingKey('Countersign intent key'));
    const witnessKeyId = await provisionKey(kms, `alias/${name}-witness`, signingKey('Countersign witness key'));
    const heldKeyId = await provisionKey(kms, `alias/${name}-held`, { Description: 'Countersign held-call key' });
    const approvalMachine = await provisionApprovalMachine(endpoint, region);
    const keys = { contentKeyId, heldKeyId, checkpointKeyId, checkpointKeyIds, intentKeyId, witnessKeyId };
    return { ...names, ...keys, approvalMachine, secrets: Object.keys(secrets) };
  } finally {
    for (const open of clients) open.destroy();
  }
};
