// The write-ahead ledger and the sessions index in DynamoDB. Every write is conditional, so that two processes, a
// retry or a replay can neither overwrite an entry nor use one sequence number twice.

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { SESSIONS } from '../contract.ts';
import type { Session, SessionOwner } from '../core/sessions/session.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import { hasReason, patiently } from './dynamo-conflicts.ts';
import {
  CONFIG_KEY,
  type Commitment,
  entryItem,
  type Item,
  keyItem,
  putOnce,
  readSession,
  type StoredEntry,
  sessionKey,
  type Tables,
  type WrappedKey,
  type WritableTables,
  windowKeyItem,
  writesOf,
} from './dynamo-items.ts';

/** The session after the exchange was counted, or as it stood when it was not. */
export type Touched =
  | { readonly ok: true; readonly session: Session }
  | { readonly ok: false; readonly session: Session | undefined };

/** `conflict`: something is already there (a raced window, an entry written before). `unavailable`: not durable. */
export class RecordsError extends Error {
  readonly code: 'conflict' | 'unavailable';

  constructor(code: 'conflict' | 'unavailable', message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface Records {
  touch(sid: string, owner: SessionOwner, now: number, limits: GatewayConfig['sessions']): Promise<Touched>;
  findWindow(key: string): Promise<string | undefined>;
  /** Digest of the configuration on record; `undefined` before the first. */
  findConfig(): Promise<string | undefined>;
  /** All of it becomes durable, or none. */
  commit(commitment: Commitment): Promise<void>;
  saveContentKey(key: WrappedKey): Promise<void>;
}

/**
 * Counts one exchange, only while all of this holds:
 *
 *     opened ──── lastSeen ────────── now ─────── lastSeen + idle ──── endsAt
 *                                      └ same owner, status open, inside both limits
 */
const TOUCH_CONDITION = [
  'attribute_exists(#pk)',
  '#status = :open',
  '#issuer = :issuer AND #subject = :subject AND #client = :client AND #server = :server',
  '#lastSeenAt > :idleSince',
  '#endsAt > :now',
].join(' AND ');

export const makeRecords = (client: DynamoDBClient, tables: WritableTables): Records => ({
  touch: (sid, owner, now, limits) => touch(client, tables, { sid, owner, now, limits }),
  findWindow: (key) => findText(client, tables, windowKeyItem(key), 'sid'),
  findConfig: () => findText(client, tables, CONFIG_KEY, 'digest'),
  commit: (commitment) => commit(client, writesOf(tables, commitment)),
  ...makeContentKeyStore(client, tables.ledger),
});

/** Appends entries and nothing else: all that the authorizer may do. */
export interface EntryAppender {
  append(stored: StoredEntry): Promise<void>;
}

export const makeEntryAppender = (client: DynamoDBClient, ledgerTable: string): EntryAppender => ({
  append: (stored) => commit(client, [putOnce(ledgerTable, entryItem(stored))]),
});

/** Stores wrapped content keys and nothing else: what the console needs for the words of approvers. */
export const makeContentKeyStore = (client: DynamoDBClient, ledgerTable: string): Pick<Records, 'saveContentKey'> => ({
  saveContentKey: (key) => commit(client, [putOnce(ledgerTable, keyItem(key))]),
});

interface TouchInput {
  readonly sid: string;
  readonly owner: SessionOwner;
  readonly now: number;
  readonly limits: GatewayConfig['sessions'];
}

const touch = async (client: DynamoDBClient, tables: Tables, input: TouchInput): Promise<Touched> => {
  try {
    const { Attributes } = await patiently(() => client.send(touchCommand(tables, input)));
    return { ok: true, session: readSession(Attributes ?? {}) };
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw unavailable('count the exchange', cause);
    return { ok: false, session: cause.Item === undefined ? undefined : readSession(cause.Item) };
  }
};

const touchCommand = (tables: Tables, { sid, owner, now, limits }: TouchInput): UpdateItemCommand =>
  new UpdateItemCommand({
    TableName: tables.sessions,
    Key: sessionKey(sid),
    UpdateExpression: 'SET #lastSeenAt = :now ADD #seq :one',
    ConditionExpression: TOUCH_CONDITION,
    ExpressionAttributeNames: {
      '#pk': SESSIONS.partitionKey,
      '#status': 'status',
      '#issuer': 'issuer',
      '#subject': 'subject',
      '#client': 'client',
      '#server': 'server',
      '#lastSeenAt': 'lastSeenAt',
      '#endsAt': 'endsAt',
      '#seq': 'seq',
    },
    ExpressionAttributeValues: {
      ':open': { S: 'open' },
      ':issuer': { S: owner.issuer },
      ':subject': { S: owner.subject },
      ':client': { S: owner.client },
      ':server': { S: owner.server },
      ':now': { N: String(now) },
      ':idleSince': { N: String(now - limits.idleSeconds) },
      ':one': { N: '1' },
    },
    ReturnValues: 'ALL_NEW',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  });

const findText = async (
  client: DynamoDBClient,
  tables: Tables,
  key: Item,
  attribute: string,
): Promise<string | undefined> => {
  try {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: tables.sessions, Key: key, ConsistentRead: true }),
    );
    return Item?.[attribute]?.S;
  } catch (cause) {
    throw unavailable('find the session or configuration', cause);
  }
};

const commit = async (client: DynamoDBClient, writes: TransactWriteItem[]): Promise<void> => {
  const only = writes.length === 1 ? writes[0]?.Put : undefined;
  try {
    if (only !== undefined) await putOnly(client, only);
    // The SDK adds a ClientRequestToken, so its own retries of one transaction count once.
    else await patiently(() => client.send(new TransactWriteItemsCommand({ TransactItems: writes })));
  } catch (cause) {
    if (cause instanceof RecordsError) throw cause;
    if (cause instanceof TransactionCanceledException && hasReason(cause, 'ConditionalCheckFailed')) {
      throw new RecordsError('conflict', 'Another process was faster', cause);
    }
    throw unavailable('append to the ledger', cause);
  }
};

const putOnly = async (client: DynamoDBClient, put: PutItemCommandInput): Promise<void> => {
  try {
    await client.send(new PutItemCommand({ ...put, ReturnValuesOnConditionCheckFailure: 'ALL_OLD' }));
  } catch (cause) {
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
    // A retried PutItem meets its own first attempt, whose answer was lost: the same line is durable already.
    if (isSameItem(cause.Item, put.Item)) return;
    // `call.unknown` in the place of an outcome: it came so late that the keeper had to record that it did not come.
    const there = cause.Item?.['type']?.S ?? 'another item';
    throw new RecordsError('conflict', `A ${there} stands in this place already`, cause);
  }
};

/** An entry is its line, a content key its wrapped form; the rest of an item may have changed since (sealing). */
const isSameItem = (there: Item | undefined, ours: Item | undefined): boolean =>
  ['line', 'wrapped'].some((name) => there?.[name]?.S !== undefined && there[name].S === ours?.[name]?.S);

const unavailable = (what: string, cause: unknown): RecordsError =>
  new RecordsError('unavailable', `DynamoDB did not ${what}`, cause);
