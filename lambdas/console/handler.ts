// Wiring of the console function.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { SFNClient } from '@aws-sdk/client-sfn';
import middy from '@middy/core';
import type { APIGatewayProxyEvent } from 'aws-lambda';
import { makeEndWait } from '../adapters/approval-machine.ts';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeApprovals } from '../adapters/dynamo-approvals.ts';
import { makeRecordsReader } from '../adapters/dynamo-reader.ts';
import { makeContentKeyStore, makeEntryAppender } from '../adapters/dynamo-records.ts';
import { sealContent } from '../adapters/jwe-sealer.ts';
import { makeContentKeys } from '../adapters/kms-content-keys.ts';
import { makeHeldKeys } from '../adapters/kms-held-keys.ts';
import { makeSignInProvider } from '../adapters/oidc-sign-in.ts';
import { makeSealedCookies } from '../adapters/sealed-cookies.ts';
import { makeSecrets } from '../adapters/secrets.ts';
import { ENV } from '../contract.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { errorBoundary } from '../middleware/error-boundary.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import { makeConsole } from './console.ts';
import { cookieKey, toConsoleRequest } from './event.ts';
import type { ConsoleReply } from './site.ts';

const env = readEnv([
  ...[ENV.ledgerTable, ENV.approvalsTable, ENV.contentKeyId, ENV.heldKeyId],
  ...[ENV.cookieSecret, ENV.publicUrl, ENV.configFile, ENV.configDigest],
]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
const diagnostics = makeDiagnostics('console');
const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);
const kms = new KMSClient(AWS_CLIENT_OPTIONS);
const secrets = makeSecrets(new SecretsManagerClient(AWS_CLIENT_OPTIONS), systemClock);
const tables = { ledger: env.LEDGER_TABLE, approvals: env.APPROVALS_TABLE };
const keyStore = makeContentKeyStore(dynamoDb, env.LEDGER_TABLE);
const contentKeys = makeContentKeys(kms, env.CONTENT_KEY_ID, config.log.origin);
const { clientId, secret, scopes, replay } = config.console;

/** Of those that show sessions only. */
const sessionsTable = (): string => readEnv([ENV.sessionsTable]).SESSIONS_TABLE;

const console_ = makeConsole({
  config,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'console', code: codeDigest(import.meta.filename), region: region() },
  publicUrl: env.PUBLIC_URL,
  approvals: makeApprovals(dynamoDb, tables),
  entries: makeEntryAppender(dynamoDb, env.LEDGER_TABLE),
  records:
    replay === null ? null : makeRecordsReader(dynamoDb, { ledger: env.LEDGER_TABLE, sessions: sessionsTable() }),
  endWait: makeEndWait(new SFNClient(AWS_CLIENT_OPTIONS)),
  heldKeys: makeHeldKeys(kms, env.HELD_KEY_ID, config.log.origin),
  wordsKey: async (approvalId) => {
    const key = await contentKeys.generate(approvalId);
    await keyStore.saveContentKey({ sid: approvalId, kid: key.kid, wrapped: key.wrapped });
    return key;
  },
  seal: sealContent,
  signIn: makeSignInProvider({
    issuer: config.identity.issuer,
    clientId,
    secret: secret === null ? null : () => secrets.read(secret),
    redirectUri: `${env.PUBLIC_URL}/console/callback`,
    scopes,
  }),
  cookies: makeSealedCookies(async () => cookieKey(await secrets.read(env.COOKIE_SECRET))),
  clock: systemClock,
  newId,
  diagnostics,
});

export const handler = middy<APIGatewayProxyEvent, ConsoleReply>()
  .use(securityHeaders())
  .use(errorBoundary(diagnostics.error))
  .handler((event: APIGatewayProxyEvent) => console_(toConsoleRequest(event)));
