// Wiring of the watcher function. Here the event is the message: what could not be judged is asked for again.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import type { DynamoDBBatchResponse, DynamoDBStreamEvent } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeSuspicionLog } from '../adapters/dynamo-suspicions.ts';
import { makeMetrics } from '../adapters/metrics.ts';
import { makeEvidenceLog } from '../adapters/s3-evidence-log.ts';
import { ENV } from '../contract.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { makeWatcher } from './watcher.ts';

const env = readEnv([ENV.ledgerTable, ENV.evidenceBucket, ENV.configFile, ENV.configDigest]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);

const watch = makeWatcher({
  origin: config.log.origin,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'watcher', code: codeDigest(import.meta.filename), region: region() },
  log: makeEvidenceLog(new S3Client(AWS_CLIENT_OPTIONS), env.EVIDENCE_BUCKET),
  suspicions: makeSuspicionLog(new DynamoDBClient(AWS_CLIENT_OPTIONS), env.LEDGER_TABLE),
  clock: systemClock,
  newId,
  diagnostics: makeDiagnostics('watcher'),
  metrics: makeMetrics('watcher', config.log.origin),
});

export const handler = middy<DynamoDBStreamEvent, DynamoDBBatchResponse>().handler(async ({ Records }) => {
  const { failedAt } = await watch(Records);
  return { batchItemFailures: failedAt === null ? [] : [{ itemIdentifier: failedAt }] };
});
