// Wiring of the sealer function. The event is only a wake-up: what is to be sealed is in the table.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeEndedSessions } from '../adapters/dynamo-ended.ts';
import { makeSealingQueue } from '../adapters/dynamo-sealing.ts';
import { makeWitnessMemories } from '../adapters/dynamo-witness-memory.ts';
import { makeSigner } from '../adapters/kms-signer.ts';
import { makeMetrics } from '../adapters/metrics.ts';
import { makeEvidenceLog } from '../adapters/s3-evidence-log.ts';
import { makeTileStore } from '../adapters/s3-tiles.ts';
import { makeWitnessClient } from '../adapters/witness-http.ts';
import { ENV } from '../contract.ts';
import { parseCosignerKey } from '../core/ledger/cosignature.ts';
import { lockOf } from '../core/ledger/retention.ts';
import { EnvError, readEnv, region, taskRoot } from '../env.ts';
import type { RevokedKeyConfig } from '../gateway-config.ts';
import type { DeclaredRevocation } from './ports.ts';
import { makeSealer, type SealReport, WITNESS_MS } from './sealer.ts';

const env = readEnv([
  ENV.ledgerTable,
  ENV.sessionsTable,
  ENV.evidenceBucket,
  ENV.tilesBucket,
  ENV.copiesBucket,
  ENV.checkpointKeyIds,
  ENV.intentKeyId,
  ENV.configFile,
  ENV.configDigest,
]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);

/** Oldest first; generation 1 is the first. */
const keyIds = env.CHECKPOINT_KEY_IDS.split(',');
const kms = new KMSClient(AWS_CLIENT_OPTIONS);
const s3 = new S3Client(AWS_CLIENT_OPTIONS);
const witnesses = config.log.witnesses.map((endpoint) => {
  const key = parseCosignerKey(endpoint.vkey);
  if (!key.ok) throw new EnvError(`log.witnesses names ${JSON.stringify(endpoint.vkey)}, which is no witness's key`);
  return makeWitnessClient(endpoint, key.value);
});
const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);

const declared = ({ generation, ...revocation }: RevokedKeyConfig): DeclaredRevocation => {
  const keyId = keyIds[generation - 1];
  if (keyId === undefined) throw new Error(`${ENV.checkpointKeyIds} has no generation ${generation}, which is revoked`);
  return { ...revocation, keyId };
};

const seal = makeSealer({
  origin: config.log.origin,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'sealer', code: codeDigest(import.meta.filename), region: region() },
  queue: makeSealingQueue(dynamoDb, env.LEDGER_TABLE),
  ended: makeEndedSessions(dynamoDb, { ledger: env.LEDGER_TABLE, sessions: env.SESSIONS_TABLE }),
  log: makeEvidenceLog(s3, env.EVIDENCE_BUCKET, (name) => lockOf(name, config.retention, systemClock.now())),
  copies: makeEvidenceLog(s3, env.COPIES_BUCKET),
  tiles: makeTileStore(s3, env.TILES_BUCKET),
  keys: keyIds.map((keyId) => ({ keyId, signer: makeSigner(kms, keyId) })),
  revokedKeys: config.log.revokedKeys.map(declared),
  intentKey: { ...makeSigner(kms, env.INTENT_KEY_ID), keyId: env.INTENT_KEY_ID },
  witnesses,
  memories: makeWitnessMemories(dynamoDb, env.LEDGER_TABLE),
  clock: systemClock,
  newId,
  diagnostics: makeDiagnostics('sealer'),
  metrics: makeMetrics('sealer', config.log.origin),
});

/** Time kept back to sign what was sealed, to write its tiles, and to ask the witnesses. */
const KEPT_BACK_MS = 10_000 + WITNESS_MS;

export const handler = middy<unknown, SealReport>().handler((_event: unknown, context: Context) =>
  seal(systemClock.now() + context.getRemainingTimeInMillis() - KEPT_BACK_MS),
);
