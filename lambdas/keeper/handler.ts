// Wiring of the keeper function. The event is only a wake-up: what is due stands in the sessions table.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { AWS_CLIENT_OPTIONS } from '../adapters/aws-client-options.ts';
import { newId, systemClock } from '../adapters/clock.ts';
import { codeDigest, loadConfig } from '../adapters/deployed-config.ts';
import { makeDiagnostics } from '../adapters/diagnostics.ts';
import { makeKeptSessions } from '../adapters/dynamo-keeping.ts';
import { makeRecords } from '../adapters/dynamo-records.ts';
import { ENV } from '../contract.ts';
import { readEnv, region, taskRoot } from '../env.ts';
import { type KeepReport, makeKeeper } from './keeper.ts';

const env = readEnv([ENV.ledgerTable, ENV.sessionsTable, ENV.configFile, ENV.configDigest]);
const config = loadConfig(env.CONFIG_FILE, taskRoot(), env.CONFIG_DIGEST);
const dynamoDb = new DynamoDBClient(AWS_CLIENT_OPTIONS);
const tables = { ledger: env.LEDGER_TABLE, sessions: env.SESSIONS_TABLE };

/** A function lives 15 minutes at the most, so after 20 nobody is left who could still write; 5 are for clocks that differ. */
const SETTLE_SECONDS = 20 * 60;
/** Time kept back to finish the visits that have begun. */
const FINISHING_MS = 10_000;

const keep = makeKeeper({
  origin: config.log.origin,
  configDigest: env.CONFIG_DIGEST,
  gateway: { fn: 'keeper', code: codeDigest(import.meta.filename), region: region() },
  limits: config.sessions,
  settleSeconds: SETTLE_SECONDS,
  sessions: makeKeptSessions(dynamoDb, tables),
  records: makeRecords(dynamoDb, tables),
  clock: systemClock,
  newId,
  diagnostics: makeDiagnostics('keeper'),
});

export const handler = middy<unknown, KeepReport>().handler((_event: unknown, context: Context) =>
  keep(systemClock.now() + context.getRemainingTimeInMillis() - FINISHING_MS),
);
