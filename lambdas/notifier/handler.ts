// Wiring of the notifier function: the approval machine invokes it with one step.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SESv2Client } from '@aws-sdk/client-sesv2';
import { SFNClient } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import { makeEndWait } from '../adapters/approval-machine.ts';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeApprovals } from '../adapters/dynamo-approvals.ts';
import { makeEntryAppender } from '../adapters/dynamo-records.ts';
import { makeEmail } from '../adapters/email.ts';
import { makeSecrets } from '../adapters/secrets.ts';
import { sendSlack } from '../adapters/slack.ts';
import type { NotifierTask } from '../approval-machine.ts';
import { ENV } from '../contract.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { makeNotifier } from './notifier.ts';

const env = readEnv([ENV.ledgerTable, ENV.approvalsTable, ENV.publicUrl, ENV.configFile, ENV.configDigest]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);

const notify = makeNotifier({
  config,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'notifier', code: codeDigest(import.meta.filename), region: region() },
  publicUrl: env.PUBLIC_URL,
  approvals: makeApprovals(dynamoDb, { ledger: env.LEDGER_TABLE, approvals: env.APPROVALS_TABLE }),
  entries: makeEntryAppender(dynamoDb, env.LEDGER_TABLE),
  endWait: makeEndWait(new SFNClient(AWS_CLIENT_OPTIONS)),
  sendEmail: makeEmail(new SESv2Client(AWS_CLIENT_OPTIONS)),
  sendSlack,
  secrets: makeSecrets(new SecretsManagerClient(AWS_CLIENT_OPTIONS), systemClock),
  clock: systemClock,
  newId,
  diagnostics: makeDiagnostics('notifier'),
});

export const handler = middy<NotifierTask, void>().handler((task: NotifierTask) => notify(task));
