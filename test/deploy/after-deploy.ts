// Around `cdk deploy`: what a bank has before it (secrets), and what MiniStack's CloudFormation leaves out of the template
// (differences.ts, IGNORED_PROPERTIES). On AWS the template sets all of it, and docs/deploy.md shows how to check.

import { randomBytes } from 'node:crypto';
import { DynamoDBClient, UpdateTimeToLiveCommand } from '@aws-sdk/client-dynamodb';
import { PutObjectLockConfigurationCommand, PutPublicAccessBlockCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { LEDGER } from '../../lambdas/contract.ts';
import type { GatewayConfig, Retention } from '../../lambdas/gateway-config.ts';
import type { Provisioned } from '../../local/provision.ts';
import type { DeployedPorts } from '../support/deployed-environment.ts';
import { webhookUrl } from '../support/slack.ts';

const SECRETS = ['countersign/core-banking', 'countersign/everything'];
const SLACK_SECRET = 'countersign/slack-payments';

/** Creates the secrets that the configuration names. */
export const createSecrets = async ({ slack }: DeployedPorts): Promise<void> => {
  const client = new SecretsManagerClient();
  for (const Name of SECRETS) {
    await client.send(new CreateSecretCommand({ Name, SecretString: randomBytes(24).toString('base64url') }));
  }
  await client.send(new CreateSecretCommand({ Name: SLACK_SECRET, SecretString: webhookUrl(slack, 'payments') }));
};

/** The names of the deployed resources, from the outputs of the stack. */
export const resourcesOf = (outputs: Readonly<Record<string, string>>): Provisioned => {
  const named = (output: string): string => {
    const value = outputs[output];
    if (value === undefined) throw new Error(`the stack has no output ${output}; lib/gateway-stack.ts makes it`);
    return value;
  };
  return {
    ledgerTable: named('LedgerTable'),
    sessionsTable: named('SessionsTable'),
    approvalsTable: named('ApprovalsTable'),
    evidenceBucket: named('EvidenceBucket'),
    tilesBucket: named('TilesBucket'),
    copiesBucket: named('CopiesBucket'),
    contentKeyId: named('ContentKeyId'),
    heldKeyId: named('HeldKeyId'),
    approvalMachine: named('ApprovalMachine'),
    checkpointKeyId: named('CheckpointKeyId'),
    intentKeyId: named('IntentKeyId'),
    checkpointKeyIds: named('CheckpointKeyIds').split(','),
    accessLogGroup: named('AccessLogGroup'),
    secrets: SECRETS,
  };
};

/** Sets what was ignored. Twice is as good as once, so that it can follow every deployment. */
export const setIgnoredProperties = async (
  { evidenceBucket, copiesBucket, ledgerTable: TableName }: Provisioned,
  { log }: GatewayConfig['retention'],
): Promise<void> => {
  for (const bucket of [evidenceBucket, copiesBucket]) await setIgnoredBucketProperties(bucket, log);
  const TimeToLiveSpecification = { Enabled: true, AttributeName: LEDGER.ttlAttribute };
  await new DynamoDBClient().send(new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification }));
};

const setIgnoredBucketProperties = async (Bucket: string, { mode: Mode, days: Days }: Retention): Promise<void> => {
  const s3 = new S3Client({ forcePathStyle: true });
  await s3.send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: { ObjectLockEnabled: 'Enabled', Rule: { DefaultRetention: { Mode, Days } } },
    }),
  );
  await s3.send(
    new PutPublicAccessBlockCommand({
      Bucket,
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
    }),
  );
};
