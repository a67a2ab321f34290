// Ends a session on an operator's word. Only marks it: the next call is refused at once, and the keeper, which may write
// entries, records the end with who and why.

import { ConditionalCheckFailedException, type DynamoDBClient, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { SESSIONS } from '../contract.ts';
import type { Revocation } from '../core/ledger/entry.ts';
import type { Session } from '../core/sessions/session.ts';
import { toTimestamp } from '../core/time.ts';
import { readSession, sessionKey, type Tables } from './dynamo-items.ts';

/** The session as it was revoked, or as it stood when it could not be: ended already, or unknown. */
export type Revoked =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly session: Session | undefined };

/** Ends an open session; `now` in epoch milliseconds. */
export const revokeSession = async (
  client: DynamoDBClient,
  { sessions }: Tables,
  sid: string,
  { by, reason }: Revocation,
  now: number,
): Promise<Revoked> => {
  const { partitionKey, sortKey } = SESSIONS.dueIndex;
  const update = new UpdateItemCommand({
    TableName: sessions,
    Key: sessionKey(sid),
    UpdateExpression:
      'SET #status = :closed, #why = :revoked, #by = :by, #for = :for, #revokedAt = :now, #due = :keeper, #dueAt = :now',
    ConditionExpression: 'attribute_exists(#pk) AND #status = :open',
    ExpressionAttributeNames: {
      ...{ '#pk': SESSIONS.partitionKey, '#status': 'status', '#why': 'why', '#due': partitionKey, '#dueAt': sortKey },
      ...{ '#by': 'revokedBy', '#for': 'revokedFor', '#revokedAt': 'revokedAt' },
    },
    ExpressionAttributeValues: {
      ...{
        ':open': { S: 'open' },
        ':closed': { S: 'closed' },
        ':revoked': { S: 'revoked' },
        ':keeper': { S: 'keeper' },
      },
      ...{ ':by': { S: by }, ':for': { S: reason }, ':now': { S: toTimestamp(Math.floor(now / 1000) * 1000) } },
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });
  try {
    const { Attributes } = await client.send(update);
    return { ok: true, session: readSession(Attributes ?? {}) };
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    return { ok: false, session: cause.Item === undefined ? undefined : readSession(cause.Item) };
  }
};
