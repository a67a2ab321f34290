// The sealer's view of ended sessions: which wait for their manifest, and where their entries stand in the log.

import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LEDGER, SESSIONS } from '../contract.ts';
import { sessionPartition } from '../core/ledger/line.ts';
import { dueQuery, sessionKey, type Tables } from './dynamo-items.ts';

export interface EndedSessions {
  /** Ids of ended sessions whose calls are settled, those that wait longest first. */
  list(): AsyncIterable<string>;
  /** Index in the log of each entry of a session, page by page; `null` for one that is not sealed yet. A hint, like all of the table. */
  listIndexes(sid: string): AsyncIterable<number | null>;
  /** The manifest is written: nobody has to look at this session again. */
  finish(sid: string, manifest: string): Promise<void>;
  /** No manifest can be signed for this session, until a person has found out why. */
  refuse(sid: string, why: string): Promise<void>;
}

export const makeEndedSessions = (client: DynamoDBClient, tables: Tables): EndedSessions => ({
  list: async function* () {
    for await (const page of paginateQuery({ client }, dueQuery(tables, 'sealer'))) {
      for (const item of page.Items ?? []) {
        const key = item[SESSIONS.partitionKey]?.S ?? '';
        yield key.slice(key.indexOf('#') + 1);
      }
    }
  },
  listIndexes: async function* (sid) {
    const input = {
      TableName: tables.ledger,
      KeyConditionExpression: '#pk = :pk AND begins_with(#sk, :entry)',
      ProjectionExpression: 'sealedAt',
      ExpressionAttributeNames: { '#pk': LEDGER.partitionKey, '#sk': LEDGER.sortKey },
      ExpressionAttributeValues: { ':pk': { S: sessionPartition(sid) }, ':entry': { S: 'entry#' } },
      ConsistentRead: true,
    };
    for await (const page of paginateQuery({ client }, input)) {
      for (const { sealedAt } of page.Items ?? []) yield sealedAt?.N === undefined ? null : Number(sealedAt.N);
    }
  },
  finish: (sid, manifest) =>
    leave(client, tables, sid, 'SET manifest = :manifest REMOVE #due, #dueAt', { ':manifest': { S: manifest } }),
  // Still in the index, under a name that nobody works off: what stands there is for people.
  refuse: (sid, why) =>
    leave(client, tables, sid, 'SET #due = :refused, #dueAt = #dueAt, refusedFor = :why', {
      ...{ ':refused': { S: 'refused' }, ':why': { S: why } },
    }),
});

const leave = async (
  client: DynamoDBClient,
  { sessions }: Tables,
  sid: string,
  change: string,
  values: Record<string, AttributeValue>,
): Promise<void> => {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: sessions,
        Key: sessionKey(sid),
        UpdateExpression: change,
        ConditionExpression: '#due = :sealer',
        ExpressionAttributeNames: { '#due': SESSIONS.dueIndex.partitionKey, '#dueAt': SESSIONS.dueIndex.sortKey },
        ExpressionAttributeValues: { ...values, ':sealer': { S: 'sealer' } },
      }),
    );
  } catch (cause) {
    // Another run was faster, and did the same.
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
  }
};
