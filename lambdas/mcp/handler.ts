// Wiring of the mcp function: environment -> adapters -> makeMcp -> middy.

import { text } from 'node:stream/consumers';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import { executionModeStandard } from '@middy/core/executionModeStandard';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import type { APIGatewayProxyEvent, Context } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { loadCedar } from '../adapters/cedar.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeRecords } from '../adapters/dynamo-records.ts';
import { makeSealedUntil } from '../adapters/dynamo-sealing-progress.ts';
import { sealContent } from '../adapters/jwe-sealer.ts';
import { makeContentKeys } from '../adapters/kms-content-keys.ts';
import { makeSigner } from '../adapters/kms-signer.ts';
import { makeBodies } from '../adapters/s3-bodies.ts';
import { makeEvidenceLog } from '../adapters/s3-evidence-log.ts';
import { makeSecrets } from '../adapters/secrets.ts';
import { makeUpstreamCredentials } from '../adapters/upstream-credentials.ts';
import { makeUpstream } from '../adapters/upstream-http.ts';
import { ENV } from '../contract.ts';
import { lockOf } from '../core/ledger/retention.ts';
import { makePolicy } from '../core/policy/policy.ts';
import { readEnv, region, responseTransfer, taskRoot } from '../env.ts';
import { errorBoundary } from '../middleware/error-boundary.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import { toMcpRequest } from './event.ts';
import type { Reply } from './exchange.ts';
import { makeMcp } from './mcp.ts';
import { endBody } from './readable.ts';

const env = readEnv([
  ENV.ledgerTable,
  ENV.sessionsTable,
  ENV.evidenceBucket,
  ENV.contentKeyId,
  ENV.intentKeyId,
  ENV.configFile,
  ENV.configDigest,
  ENV.policyEngine,
]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
const diagnostics = makeDiagnostics('mcp');
const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);
const s3 = new S3Client(AWS_CLIENT_OPTIONS);
const kms = new KMSClient(AWS_CLIENT_OPTIONS);
const secrets = makeSecrets(new SecretsManagerClient(AWS_CLIENT_OPTIONS), systemClock);

const mcp = makeMcp({
  config,
  configDigest: env.CONFIG_DIGEST,
  policy: makePolicy(config, loadCedar(env.POLICY_ENGINE, taskRoot(), config.policy, diagnostics.error)),
  gateway: { fn: 'mcp', code: codeDigest(import.meta.filename), region: region() },
  records: makeRecords(dynamoDb, { ledger: env.LEDGER_TABLE, sessions: env.SESSIONS_TABLE }),
  bodies: makeBodies(s3, env.EVIDENCE_BUCKET, (name) => lockOf(name, config.retention, systemClock.now())),
  contentKeys: makeContentKeys(kms, env.CONTENT_KEY_ID, config.log.origin),
  intentSigner: { ...makeSigner(kms, env.INTENT_KEY_ID), keyId: env.INTENT_KEY_ID },
  lockedIntents: makeEvidenceLog(s3, env.EVIDENCE_BUCKET),
  sealedUntil: makeSealedUntil(dynamoDb, env.LEDGER_TABLE),
  seal: sealContent,
  upstream: makeUpstream(),
  credentials: makeUpstreamCredentials((name, fresh) => secrets.read(name, fresh), systemClock),
  clock: systemClock,
  newId,
  diagnostics,
});

const respond = (event: APIGatewayProxyEvent, context: Context): Promise<Reply> =>
  mcp(toMcpRequest(event, context, systemClock.now()));

/** API Gateway without response streaming takes the whole body as text. */
const respondWhole = async (event: APIGatewayProxyEvent, context: Context): Promise<Reply> => {
  const reply = await respond(event, context);
  return typeof reply.body === 'string' ? reply : { ...reply, body: await text(reply.body) };
};

const streams = responseTransfer() === 'stream';

export const handler = middy<APIGatewayProxyEvent, Reply>({
  executionMode: streams ? executionModeStreamifyResponse : executionModeStandard,
  requestEnd: ({ response }) => endBody(response?.body),
})
  .use(securityHeaders())
  .use(errorBoundary(diagnostics.error))
  .handler(streams ? respond : respondWhole);
