// Shapes of the items in the ledger and sessions tables, and the conditional writes of one commitment.
// docs/formats.md shows each item. No I/O.

import { createHash } from 'node:crypto';
import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { LEDGER, SESSIONS } from '../contract.ts';
import type { WalEntry } from '../core/ledger/line.ts';
import type { Session } from '../core/sessions/session.ts';

export type Item = Record<string, AttributeValue>;

/** An entry to append, with the ciphertext (JWE compact) kept beside it when it is small. */
export interface StoredEntry {
  readonly entry: WalEntry;
  readonly body: string | null;
}

/** The wrapped form of a process's data key for one session; deleting it shreds what the key sealed. */
export interface WrappedKey {
  readonly sid: string;
  /** `sha256:<hex>` of the wrapped key. */
  readonly kid: string;
  /** Base64. */
  readonly wrapped: string;
}

/** Writes that become durable together or not at all. */
export interface Commitment {
  readonly entries: readonly StoredEntry[];
  /** A new session; with a window, the window must still point to `replaces` (`null`: to nothing). */
  readonly open?: { readonly session: Session; readonly window: Window | null } | undefined;
  /** The upstream's own session id, learnt from its `initialize` answer. */
  readonly bind?: { readonly sid: string; readonly upstreamSession: string } | undefined;
  readonly close?: { readonly sid: string } | undefined;
  /** The configuration now in force, while the one on record is still `replaces` (`null`: none). */
  readonly config?: { readonly digest: string; readonly replaces: string | null } | undefined;
}

export interface Window {
  readonly key: string;
  readonly replaces: string | null;
}

export interface Tables {
  readonly ledger: string;
  readonly sessions: string;
}

export const sessionKey = (sid: string): Item => ({ [SESSIONS.partitionKey]: { S: `session#${sid}` } });
/** The one item that names the configuration on record. */
export const CONFIG_KEY: Item = { [SESSIONS.partitionKey]: { S: 'config#current' } };
export const windowKeyItem = (key: string): Item => ({ [SESSIONS.partitionKey]: { S: `window#${key}` } });

/** The conditional writes of one commitment, in a fixed order. */
export const writesOf = (tables: Tables, commitment: Commitment): TransactWriteItem[] => [
  ...commitment.entries.map((stored) => putOnce(tables.ledger, entryItem(stored))),
  ...(commitment.open === undefined ? [] : openWrites(tables, commitment.open)),
  ...(commitment.bind === undefined
    ? []
    : [updateSession(tables, commitment.bind.sid, 'upstreamSession', commitment.bind.upstreamSession)]),
  ...(commitment.close === undefined ? [] : [updateSession(tables, commitment.close.sid, 'status', 'closed')]),
  ...(commitment.config === undefined ? [] : [putConfig(tables, commitment.config)]),
];

/** A write that refuses to overwrite. */
export const putOnce = (table: string, item: Item): TransactWriteItem => ({
  Put: {
    TableName: table,
    Item: item,
    ConditionExpression: 'attribute_not_exists(#pk)',
    ExpressionAttributeNames: { '#pk': LEDGER.partitionKey },
  },
});

/** The item of one entry. */
export const entryItem = ({ entry, body }: StoredEntry): Item => ({
  [LEDGER.partitionKey]: { S: entry.partition },
  [LEDGER.sortKey]: { S: entry.sort },
  type: { S: entry.type },
  line: { S: entry.line },
  leaf: { S: entry.leafHash },
  [LEDGER.unsealedIndex.partitionKey]: { S: shardOf(entry.partition) },
  [LEDGER.unsealedIndex.sortKey]: { S: entry.position },
  ...(body === null ? {} : { body: { S: body } }),
});

/** A partition's shard of the unsealed index, by its digest. */
const shardOf = (partition: string): string =>
  String(createHash('sha256').update(partition).digest().readUInt32BE(0) % LEDGER.unsealedIndex.shards);

export const keyItem = (key: WrappedKey): Item => ({
  [LEDGER.partitionKey]: { S: `session#${key.sid}` },
  [LEDGER.sortKey]: { S: `key#${key.kid}` },
  type: { S: 'content-key' },
  wrapped: { S: key.wrapped },
});

const openWrites = (tables: Tables, { session, window }: NonNullable<Commitment['open']>): TransactWriteItem[] => {
  const put = putOnce(tables.sessions, sessionItem(session));
  if (window === null) return [put];
  const free = 'attribute_not_exists(#pk)';
  return [
    put,
    {
      Put: {
        TableName: tables.sessions,
        Item: { ...windowKeyItem(window.key), sid: { S: session.sid } },
        ConditionExpression: window.replaces === null ? free : `${free} OR sid = :replaces`,
        ExpressionAttributeNames: { '#pk': SESSIONS.partitionKey },
        ...(window.replaces === null ? {} : { ExpressionAttributeValues: { ':replaces': { S: window.replaces } } }),
      },
    },
  ];
};

const putConfig = (tables: Tables, { digest, replaces }: NonNullable<Commitment['config']>): TransactWriteItem => ({
  Put: {
    TableName: tables.sessions,
    Item: { ...CONFIG_KEY, digest: { S: digest } },
    ConditionExpression: replaces === null ? 'attribute_not_exists(#pk)' : 'digest = :replaces',
    ...(replaces === null
      ? { ExpressionAttributeNames: { '#pk': SESSIONS.partitionKey } }
      : { ExpressionAttributeValues: { ':replaces': { S: replaces } } }),
  },
});

const updateSession = (tables: Tables, sid: string, attribute: string, value: string): TransactWriteItem => ({
  Update: {
    TableName: tables.sessions,
    Key: sessionKey(sid),
    UpdateExpression: 'SET #attribute = :value',
    ConditionExpression: 'attribute_exists(#pk)',
    ExpressionAttributeNames: { '#attribute': attribute, '#pk': SESSIONS.partitionKey },
    ExpressionAttributeValues: { ':value': { S: value } },
  },
});

const sessionItem = (session: Session): Item => {
  const openedAt = new Date(session.openedAt * 1000).toISOString();
  return {
    ...sessionKey(session.sid),
    sid: { S: session.sid },
    issuer: { S: session.issuer },
    subject: { S: session.subject },
    client: { S: session.client },
    server: { S: session.server },
    status: { S: session.status },
    seq: { N: String(session.seq) },
    lastSeenAt: { N: String(session.lastSeenAt) },
    endsAt: { N: String(session.endsAt) },
    [SESSIONS.byDayIndex.partitionKey]: { S: openedAt.slice(0, 10) },
    [SESSIONS.byDayIndex.sortKey]: { S: openedAt },
    ...(session.upstreamSession === null ? {} : { upstreamSession: { S: session.upstreamSession } }),
  };
};

/** Reads a session item; a missing attribute is a fault, never a default. */
export const readSession = (item: Item): Session => ({
  sid: requireText(item, 'sid'),
  issuer: requireText(item, 'issuer'),
  subject: requireText(item, 'subject'),
  client: requireText(item, 'client'),
  server: requireText(item, 'server'),
  status: item['status']?.S === 'open' ? 'open' : 'closed',
  seq: requireNumber(item, 'seq'),
  openedAt: Date.parse(requireText(item, SESSIONS.byDayIndex.sortKey)) / 1000,
  lastSeenAt: requireNumber(item, 'lastSeenAt'),
  endsAt: requireNumber(item, 'endsAt'),
  upstreamSession: item['upstreamSession']?.S ?? null,
});

const requireText = (item: Item, attribute: string): string => {
  const value = item[attribute]?.S;
  if (value === undefined) throw new TypeError(`A session item lacks ${attribute}`);
  return value;
};

const requireNumber = (item: Item, attribute: string): number => {
  const value = Number(item[attribute]?.N);
  if (!Number.isSafeInteger(value)) throw new TypeError(`A session item lacks ${attribute}`);
  return value;
};
