// Wiring of the authorizer function, and the shape in which API Gateway takes its word.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { APIGatewayAuthorizerResult, APIGatewayRequestAuthorizerEvent } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeEntryAppender } from '../adapters/dynamo-records.ts';
import { makeTokenVerifier } from '../adapters/token-verifier.ts';
import { CHALLENGE_CONTEXT_KEY, ENV, metadataUrl, PRINCIPAL_CONTEXT_KEY, resourceUrl } from '../contract.ts';
import { announcedScopes } from '../core/identity/announced-scopes.ts';
import { unauthorizedChallenge } from '../core/identity/challenge.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { makeAuthorizer } from './authorizer.ts';

const env = readEnv([ENV.ledgerTable, ENV.publicUrl, ENV.configFile, ENV.configDigest]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);

const diagnostics = makeDiagnostics('authorizer');

const authorize = makeAuthorizer({
  config,
  configDigest: env.CONFIG_DIGEST,
  publicUrl: env.PUBLIC_URL,
  gateway: { fn: 'authorizer', code: codeDigest(import.meta.filename), region: region() },
  knownGroups: new Set(config.identity.groups),
  verifier: makeTokenVerifier(config.identity, systemClock),
  ledger: makeEntryAppender(new DynamoDBClient(AWS_CLIENT_OPTIONS), env.LEDGER_TABLE),
  clock: systemClock,
  newId,
});

const policy = (
  effect: 'Allow' | 'Deny',
  resource: string,
  principalId: string,
  context: Record<string, string>,
): APIGatewayAuthorizerResult => ({
  principalId,
  policyDocument: {
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect: effect, Resource: resource }],
  },
  context,
});

/** How the two refusals become a 401 and a 403 is explained at `gatewayResponses` in contract.ts. */
const decide = async (event: APIGatewayRequestAuthorizerEvent): Promise<APIGatewayAuthorizerResult> => {
  const server = event.pathParameters?.['server'] ?? '';
  const headers = Object.entries(event.headers ?? {});
  const result = await authorize({
    authorization: headers.find(([name]) => name.toLowerCase() === 'authorization')?.[1],
    server,
    requestId: event.requestContext.requestId,
    sourceIp: event.requestContext.identity.sourceIp,
  });
  if (result.ok) {
    const principal = { [PRINCIPAL_CONTEXT_KEY]: JSON.stringify(result.value) };
    return policy('Allow', event.methodArn, result.value.subject, principal);
  }
  if (result.error.reason === 'scope_missing') throw new Error('Unauthorized');
  // The server's name goes into the challenge only if it is one of ours.
  const known = Object.hasOwn(config.servers, server) ? server : undefined;
  const scopes = announcedScopes(config.identity, resourceUrl(env.PUBLIC_URL, known));
  const challenge = unauthorizedChallenge(result.error, metadataUrl(env.PUBLIC_URL, known), scopes);
  return policy('Deny', event.methodArn, 'nobody', { [CHALLENGE_CONTEXT_KEY]: challenge });
};

/** Says so in the log: Lambda counts a fault and the `Unauthorized` of a 403 alike, and only one of them is an alarm. */
const reportFault = (request: { error?: Error | null | undefined }): void => {
  if (request.error?.message !== 'Unauthorized') diagnostics.error('The token could not be checked', request.error);
};

export const handler = middy<APIGatewayRequestAuthorizerEvent, APIGatewayAuthorizerResult>()
  .onError(reportFault)
  .handler(decide);
