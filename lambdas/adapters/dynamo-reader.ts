// Reads the ledger and the sessions index for people: the CLI and the console. Reads only.

import {
  type AttributeValue,
  type DynamoDBClient,
  GetItemCommand,
  paginateQuery,
  type QueryCommandInput,
} from '@aws-sdk/client-dynamodb';
import { LEDGER, SESSIONS } from '../contract.ts';
import { approvalPartition, callRange, dayPartition, sessionPartition, tamperPartition } from '../core/ledger/line.ts';
import type { Session } from '../core/sessions/session.ts';
import { readSession, sessionKey, type Tables } from './dynamo-items.ts';

/** A stored entry: its line, its leaf hash (hex), and its inline ciphertext if it has one. */
export interface StoredLine {
  readonly line: string;
  readonly leaf: string;
  readonly body: string | null;
}

export interface RecordsReader {
  /** Sessions opened on a UTC day (`YYYY-MM-DD`), newest first. */
  listSessions(day: string): Promise<readonly Session[]>;
  findSession(sid: string): Promise<Session | undefined>;
  /** A session's entries in order. */
  loadEntries(sid: string): Promise<readonly StoredLine[]>;
  /** Those of its exchanges from one number to another; its opening counts as 0. */
  loadExchanges(sid: string, from: number, to: number): Promise<readonly StoredLine[]>;
  /** The steps of one request for approval, in order, and what was said about it. */
  loadApproval(id: string): Promise<readonly StoredLine[]>;
  /** Entries outside any session on a UTC day, in order. */
  loadDay(day: string): Promise<readonly StoredLine[]>;
  /** What the watcher saw on a UTC day. */
  loadSuspicions(day: string): Promise<readonly StoredLine[]>;
}

export const makeRecordsReader = (client: DynamoDBClient, tables: Tables): RecordsReader => ({
  listSessions: async (day) => {
    const items = await queryAll(client, {
      TableName: tables.sessions,
      IndexName: SESSIONS.byDayIndex.name,
      KeyConditionExpression: '#day = :day',
      ExpressionAttributeNames: { '#day': SESSIONS.byDayIndex.partitionKey },
      ExpressionAttributeValues: { ':day': { S: day } },
      ScanIndexForward: false,
    });
    return items.map(readSession);
  },
  findSession: async (sid) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tables.sessions, Key: sessionKey(sid), ConsistentRead: true }),
    );
    return Item === undefined ? undefined : readSession(Item);
  },
  loadEntries: (sid) => loadPartition(client, tables, sessionPartition(sid), 'entry#'),
  loadExchanges: async (sid, from, to) => {
    // DynamoDB refuses an empty range.
    if (from > to) return [];
    const [first, last] = callRange(from, to);
    const items = await queryAll(client, {
      TableName: tables.ledger,
      KeyConditionExpression: '#pk = :pk AND #sk BETWEEN :first AND :last',
      ExpressionAttributeNames: { '#pk': LEDGER.partitionKey, '#sk': LEDGER.sortKey },
      ExpressionAttributeValues: { ':pk': { S: sessionPartition(sid) }, ':first': { S: first }, ':last': { S: last } },
      ConsistentRead: true,
    });
    return items.map(readStored);
  },
  loadApproval: (id) => loadPartition(client, tables, approvalPartition(id), 'entry#'),
  loadDay: (day) => loadPartition(client, tables, dayPartition(day), ''),
  loadSuspicions: (day) => loadPartition(client, tables, tamperPartition(day), ''),
});

const loadPartition = async (client: DynamoDBClient, tables: Tables, partition: string, sortPrefix: string) => {
  const items = await queryAll(client, {
    TableName: tables.ledger,
    KeyConditionExpression: sortPrefix === '' ? '#pk = :pk' : '#pk = :pk AND begins_with(#sk, :sk)',
    ExpressionAttributeNames: {
      '#pk': LEDGER.partitionKey,
      ...(sortPrefix === '' ? {} : { '#sk': LEDGER.sortKey }),
    },
    ExpressionAttributeValues: { ':pk': { S: partition }, ...(sortPrefix === '' ? {} : { ':sk': { S: sortPrefix } }) },
    ConsistentRead: true,
  });
  return items.map(readStored);
};

const readStored = (item: Record<string, AttributeValue>): StoredLine => ({
  line: item['line']?.S ?? '',
  leaf: item['leaf']?.S ?? '',
  body: item['body']?.S ?? null,
});

const queryAll = async (
  client: DynamoDBClient,
  input: QueryCommandInput,
): Promise<readonly Record<string, AttributeValue>[]> => {
  const items: Record<string, AttributeValue>[] = [];
  for await (const page of paginateQuery({ client }, input)) items.push(...(page.Items ?? []));
  return items;
};
