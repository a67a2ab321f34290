// Wiring of the reconciler function. Invoked by its schedule only; the event says nothing.

import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { makeSignatureTrail } from '../adapters/cloudtrail-signatures.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeReconciledDays } from '../adapters/dynamo-reconciled.ts';
import { makeAccessLog } from '../adapters/logs-access-log.ts';
import { makeMetrics } from '../adapters/metrics.ts';
import { makeEvidenceLog } from '../adapters/s3-evidence-log.ts';
import { makeLogTimes } from '../adapters/s3-log-times.ts';
import { ENV } from '../contract.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { makeReconciler, type ReconcileReport } from './reconciler.ts';

const env = readEnv([
  ENV.ledgerTable,
  ENV.evidenceBucket,
  ENV.checkpointKeyIds,
  ENV.accessLogGroup,
  ENV.configFile,
  ENV.configDigest,
]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
/** Both services limit how often they may be asked, and nobody waits for the answer. */
const patient = { ...AWS_CLIENT_OPTIONS, retryMode: 'adaptive', maxAttempts: 10 } as const;
const s3 = new S3Client(AWS_CLIENT_OPTIONS);

const reconcile = makeReconciler({
  origin: config.log.origin,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'reconciler', code: codeDigest(import.meta.filename), region: region() },
  log: makeEvidenceLog(s3, env.EVIDENCE_BUCKET),
  times: makeLogTimes(s3, env.EVIDENCE_BUCKET),
  accessLog: makeAccessLog(new CloudWatchLogsClient(patient), env.ACCESS_LOG_GROUP),
  trail: makeSignatureTrail(new CloudTrailClient(patient), env.CHECKPOINT_KEY_IDS.split(',')),
  days: makeReconciledDays(new DynamoDBClient(AWS_CLIENT_OPTIONS), env.LEDGER_TABLE),
  clock: systemClock,
  newId,
  diagnostics: makeDiagnostics('reconciler'),
  metrics: makeMetrics('reconciler', config.log.origin),
});

/** Time kept back to write down what was found. */
const RECORDING_MS = 15_000;

export const handler = middy<unknown, ReconcileReport>().handler((_event: unknown, context: Context) =>
  reconcile(systemClock.now() + context.getRemainingTimeInMillis() - RECORDING_MS),
);
