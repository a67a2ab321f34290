// Wiring of the witness function, behind a function URL that only signed requests of named roles reach.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import middy from '@middy/core';
import type { LambdaFunctionURLEvent } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { systemClock } from '../adapters/clock.ts';
import { loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeWitnessStates } from '../adapters/dynamo-witness-states.ts';
import { makeSigner } from '../adapters/kms-signer.ts';
import { ENV } from '../contract.ts';
import { parseVerifierKey } from '../core/ledger/note.ts';
import { knownLogs } from '../core/ledger/witness.ts';
import { EnvError, readEnv, taskRoot } from '../env.ts';
import type { WitnessConfig } from '../gateway-config.ts';
import { errorBoundary } from '../middleware/error-boundary.ts';
import { securityHeaders } from '../middleware/security-headers.ts';
import { makeWitness, type WitnessReply } from './witness.ts';

const env = readEnv([ENV.witnessTable, ENV.witnessKeyId, ENV.configFile, ENV.configDigest]);
const config = loadConfig<WitnessConfig>(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
const diagnostics = makeDiagnostics('witness');

const verifiers = config.logs.map((vkey) => {
  const key = parseVerifierKey(vkey);
  if (!key.ok) throw new EnvError(`The configuration names a log by ${JSON.stringify(vkey)}, which is no verifier key`);
  return key.value;
});

const witness = makeWitness({
  name: config.name,
  logs: knownLogs(verifiers),
  states: makeWitnessStates(new DynamoDBClient(AWS_CLIENT_OPTIONS), env.WITNESS_TABLE),
  signer: makeSigner(new KMSClient(AWS_CLIENT_OPTIONS), env.WITNESS_KEY_ID),
  clock: systemClock,
  diagnostics,
});

export const handler = middy<LambdaFunctionURLEvent, WitnessReply>()
  .use(securityHeaders())
  .use(errorBoundary(diagnostics.error))
  .handler(({ requestContext, rawPath, body = '', isBase64Encoded }: LambdaFunctionURLEvent) =>
    witness({
      method: requestContext.http.method,
      path: rawPath,
      body: Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
    }),
  );
