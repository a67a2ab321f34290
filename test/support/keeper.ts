// The keeper over real tables, with a clock that the test sets: nobody waits 20 minutes for a call to be given up.

import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { newId } from '../../lambdas/adapters/clock.ts';
import type { Tables } from '../../lambdas/adapters/dynamo-items.ts';
import { makeKeptSessions } from '../../lambdas/adapters/dynamo-keeping.ts';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import { type KeepReport, makeKeeper } from '../../lambdas/keeper/keeper.ts';
import type { KeeperPorts } from '../../lambdas/keeper/ports.ts';

export interface KeeperSetting {
  readonly origin: string;
  readonly limits: GatewayConfig['sessions'];
  readonly client: DynamoDBClient;
  readonly tables: Tables;
}

/** One run at a time (epoch milliseconds) of a keeper whose errors are collected. */
export const runKeeper = (
  { origin, limits, client, tables }: KeeperSetting,
  now: number,
  over: Partial<KeeperPorts> & { readonly deadlineAt?: number } = {},
): Promise<KeepReport> => {
  const keep = makeKeeper({
    origin,
    configDigest: `sha256:${'0'.repeat(64)}`,
    gateway: { fn: 'keeper', code: `sha256:${'0'.repeat(64)}`, region: 'test' },
    limits,
    settleSeconds: 1200,
    sessions: makeKeptSessions(client, tables),
    records: makeRecords(client, tables),
    clock: { now: () => now },
    newId,
    diagnostics: { error: () => undefined },
    ...over,
  });
  return keep(over.deadlineAt ?? now + 60_000);
};
