// Wiring of the opener function.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { S3Client } from '@aws-sdk/client-s3';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeRecordsReader } from '../adapters/dynamo-reader.ts';
import { makeEntryAppender } from '../adapters/dynamo-records.ts';
import { makeWrappedKeys } from '../adapters/dynamo-wrapped-keys.ts';
import { unwrapContentKey } from '../adapters/kms-content-keys.ts';
import { makeStoredBodies } from '../adapters/s3-bodies.ts';
import { makeSealedCookies } from '../adapters/sealed-cookies.ts';
import { makeSecrets } from '../adapters/secrets.ts';
import { cookieKey, toConsoleRequest } from '../console/event.ts';
import type { ConsoleReply } from '../console/site.ts';
import { ENV } from '../contract.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { errorBoundary } from '../middleware/error-boundary.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import { makeOpener } from './opener.ts';

const env = readEnv([
  ...[ENV.ledgerTable, ENV.evidenceBucket, ENV.cookieSecret],
  ...[ENV.publicUrl, ENV.configFile, ENV.configDigest],
]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
const diagnostics = makeDiagnostics('opener');
const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);
const kms = new KMSClient(AWS_CLIENT_OPTIONS);
const secrets = makeSecrets(new SecretsManagerClient(AWS_CLIENT_OPTIONS), systemClock);

const opener = makeOpener({
  config,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'opener', code: codeDigest(import.meta.filename), region: region() },
  publicUrl: env.PUBLIC_URL,
  cookies: makeSealedCookies(async () => cookieKey(await secrets.read(env.COOKIE_SECRET))),
  // It reads exchanges only, and has no name for the table of sessions.
  records: makeRecordsReader(dynamoDb, { ledger: env.LEDGER_TABLE, sessions: '' }),
  entries: makeEntryAppender(dynamoDb, env.LEDGER_TABLE),
  wrappedKeys: makeWrappedKeys(dynamoDb, env.LEDGER_TABLE),
  unwrap: (key) => unwrapContentKey(kms, config.log.origin, key),
  bodies: makeStoredBodies(new S3Client(AWS_CLIENT_OPTIONS), env.EVIDENCE_BUCKET),
  clock: systemClock,
  newId,
  diagnostics,
});

export const handler = middy<APIGatewayProxyEvent, ConsoleReply>()
  .use(securityHeaders())
  .use(errorBoundary(diagnostics.error))
  .handler((event: APIGatewayProxyEvent) => opener(toConsoleRequest(event)));
