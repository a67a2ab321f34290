// The records adapter over one deployed table pair, with what its tests ask of them.

import { randomUUID } from 'node:crypto';
import { GetItemCommand, QueryCommand } from '@aws-sdk/client-dynamodb';
import type { WritableTables } from '../../lambdas/adapters/dynamo-items.ts';
import { makeRecords, type Records, RecordsError } from '../../lambdas/adapters/dynamo-records.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import type { Session } from '../../lambdas/core/sessions/session.ts';
import { aSession, intentEntry } from '../support/builders.ts';
import type { Deployed } from './aws.ts';

export const newSid = (): string => randomUUID();

/** An intent of that session, ready to be stored. */
export const intent = (sid: string, over = {}) => ({ entry: toWalEntry(intentEntry({ sid, ...over })), body: null });

/** How a write ended: `committed`, or the code of its failure. */
export const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'committed',
    (error: unknown) => (error instanceof RecordsError ? error.code : error),
  );

export const recordsUnderTest = (aws: () => Deployed) => {
  const tables = (): WritableTables => ({
    ledger: aws().ledgerTable,
    sessions: aws().sessionsTable,
    approvals: aws().approvalsTable,
  });
  const records = (client = aws().dynamoDb): Records => makeRecords(client, tables());
  return {
    tables,
    records,
    opened: async (over: Partial<Session> = {}): Promise<Session> => {
      const session = aSession({ sid: newSid(), ...over });
      await records().commit({ entries: [], open: { session, window: null, dueAt: session.openedAt } });
      return session;
    },
    /** All items of a session in the ledger. */
    itemsOf: async (sid: string) => {
      const { Items = [] } = await aws().dynamoDb.send(
        new QueryCommand({
          TableName: aws().ledgerTable,
          KeyConditionExpression: 'pk = :pk',
          ExpressionAttributeValues: { ':pk': { S: `session#${sid}` } },
          ConsistentRead: true,
        }),
      );
      return Items;
    },
    sessionItemOf: async (sid: string) => {
      const Key = { pk: { S: `session#${sid}` } };
      return (await aws().dynamoDb.send(new GetItemCommand({ TableName: aws().sessionsTable, Key }))).Item;
    },
  };
};
