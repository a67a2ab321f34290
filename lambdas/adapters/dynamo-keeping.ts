// The keeper's view of the tables: which sessions are due, what their calls left in the ledger, and when to look again.
// What it records it writes through dynamo-records.ts, under the same conditions as the gateway.

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LEDGER, SESSIONS } from '../contract.ts';
import { callRange, intentSort, sessionPartition } from '../core/ledger/line.ts';
import type { KeptSession, Watch } from '../core/sessions/keeping.ts';
import type { SeenPlace } from '../core/sessions/settling.ts';
import { toTimestamp } from '../core/time.ts';
import { dueQuery, readKeptSession, sessionKey, type Tables } from './dynamo-items.ts';

/** What a visit leaves behind. */
interface NextVisit {
  readonly due: 'keeper' | 'sealer';
  /** Epoch seconds. */
  readonly dueAt: number;
  readonly settled: number;
  readonly watched: Watch | null;
}

export interface KeptSessions {
  /** Ids of sessions that the index lists as due for the keeper. It lags: {@link load} says what is true. */
  listDue(until: number): AsyncIterable<string>;
  load(sid: string): Promise<KeptSession | undefined>;
  /** Places of a session's calls, in order, page by page. */
  listPlaces(sid: string, from: number, to: number): AsyncIterable<SeenPlace>;
  /** Line and leaf hash of an intent. */
  loadIntent(sid: string, seq: number): Promise<{ readonly line: string; readonly leaf: string } | undefined>;
  /** Sets the next visit, unless the session was opened, closed or visited by somebody else in between. */
  rearm(session: KeptSession, next: NextVisit): Promise<void>;
}

export const makeKeptSessions = (client: DynamoDBClient, tables: Tables): KeptSessions => ({
  listDue: async function* (until) {
    for await (const page of paginateQuery({ client }, dueQuery(tables, 'keeper', until))) {
      for (const item of page.Items ?? []) {
        const key = item[SESSIONS.partitionKey]?.S ?? '';
        yield key.slice(key.indexOf('#') + 1);
      }
    }
  },
  load: async (sid) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tables.sessions, Key: sessionKey(sid), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : readKeptSession(Item);
  },
  listPlaces: async function* (sid, from, to) {
    // DynamoDB refuses an empty range.
    if (from > to) return;
    const [first, last] = callRange(from, to);
    const input = {
      TableName: tables.ledger,
      KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :first AND :last',
      ProjectionExpression: '#sk, #type, #leaf',
      ExpressionAttributeNames: {
        ...{ '#pk': LEDGER.partitionKey, '#sk': LEDGER.sortKey },
        ...{ '#type': 'type', '#leaf': 'leaf' },
      },
      ExpressionAttributeValues: {
        ':pk': { S: sessionPartition(sid) },
        ':first': { S: first },
        ':last': { S: last },
      },
      ConsistentRead: true,
    };
    for await (const page of paginateQuery({ client }, input)) {
      for (const item of page.Items ?? []) {
        yield { sort: item[LEDGER.sortKey]?.S ?? '', type: item['type']?.S ?? '', leaf: item['leaf']?.S ?? '' };
      }
    }
  },
  loadIntent: async (sid, seq) => {
    const Key = {
      [LEDGER.partitionKey]: { S: sessionPartition(sid) },
      [LEDGER.sortKey]: { S: intentSort(seq) },
    };
    const { Item } = await client.send(new GetItemCommand({ TableName: tables.ledger, Key, ConsistentRead: true }));
    return Item === undefined ? undefined : { line: Item['line']?.S ?? '', leaf: Item['leaf']?.S ?? '' };
  },
  rearm: (session, next) => rearm(client, tables, session, next),
});

const rearm = async (
  client: DynamoDBClient,
  tables: Tables,
  { sid, status, dueAt }: KeptSession,
  next: NextVisit,
): Promise<void> => {
  const { watched } = next;
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: tables.sessions,
        Key: sessionKey(sid),
        UpdateExpression: [
          'SET #due = :due, #dueAt = :dueAt, #settled = :settled',
          ...(watched === null ? [] : ['#watchedSeq = :watchedSeq, #watchedAt = :watchedAt']),
        ].join(', '),
        // A session that ended in between has been made due at once, and stays so.
        ConditionExpression: '#status = :status AND #due = :keeper AND #dueAt = :seenDueAt',
        ExpressionAttributeNames: {
          ...{ '#due': SESSIONS.dueIndex.partitionKey, '#dueAt': SESSIONS.dueIndex.sortKey },
          ...{ '#settled': 'settled', '#status': 'status' },
          ...(watched === null ? {} : { '#watchedSeq': 'watchedSeq', '#watchedAt': 'watchedAt' }),
        },
        ExpressionAttributeValues: {
          ':due': { S: next.due },
          ':dueAt': { S: toTimestamp(next.dueAt * 1000) },
          ':settled': { N: String(next.settled) },
          ':status': { S: status },
          ':keeper': { S: 'keeper' },
          ':seenDueAt': { S: toTimestamp(dueAt * 1000) },
          ...(watched === null
            ? {}
            : { ':watchedSeq': { N: String(watched.seq) }, ':watchedAt': { N: String(watched.at) } }),
        },
      }),
    );
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
  }
};
