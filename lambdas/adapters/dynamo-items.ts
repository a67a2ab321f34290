// Shapes of the items in the ledger and sessions tables, and the conditional writes of one commitment.
// docs/formats.md shows each item. No I/O.

import { createHash } from 'node:crypto';
import type { AttributeValue, QueryCommandInput, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { LEDGER, SESSIONS } from '../contract.ts';
import type { EndReason } from '../core/ledger/entry.ts';
import type { WalEntry } from '../core/ledger/line.ts';
import type { DueFor, KeptSession } from '../core/sessions/keeping.ts';
import type { Session } from '../core/sessions/session.ts';
import { fromTimestamp, toTimestamp } from '../core/time.ts';
import { type ApprovalStep, stepWrites } from './dynamo-approval-items.ts';

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
  /** A new session, to be looked after from `dueAt` (epoch seconds) on; with a window, the window must still point to `replaces` (`null`: to nothing). */
  readonly open?: { readonly session: Session; readonly window: Window | null; readonly dueAt: number } | undefined;
  /** The upstream's own session id, learnt from its `initialize` answer. */
  readonly bind?: { readonly sid: string; readonly upstreamSession: string } | undefined;
  readonly close?: Closing | undefined;
  /** Steps of approvals; their entries are among the entries. */
  readonly approvals?: readonly ApprovalStep[] | undefined;
  /** The configuration now in force, while the one on record is still `replaces` (`null`: none). */
  readonly config?: { readonly digest: string; readonly replaces: string | null } | undefined;
}

/** The end of a session, written with its `session.close` entry, and only once. */
export interface Closing {
  readonly sid: string;
  readonly why: EndReason;
  /** Epoch seconds. */
  readonly at: number;
  /** What the session must still be: open, or else closed by an operator and without its entry. */
  readonly from: Session['status'];
  /** The session as it was looked at, when a call in between must win. */
  readonly seen?: Pick<Session, 'seq' | 'lastSeenAt'> | undefined;
  readonly due: DueFor;
  readonly dueAt: number;
  /** @default unchanged */
  readonly settled?: number | undefined;
}

export interface Window {
  readonly key: string;
  readonly replaces: string | null;
}

export interface Tables {
  readonly ledger: string;
  readonly sessions: string;
}

/** Where a commitment may write; a function without approvals has no name of their table. */
export interface WritableTables extends Tables {
  readonly approvals?: string;
}

export const sessionKey = (sid: string): Item => ({ [SESSIONS.partitionKey]: { S: `session#${sid}` } });
/** The one item that names the configuration on record. */
export const CONFIG_KEY: Item = { [SESSIONS.partitionKey]: { S: 'config#current' } };
export const windowKeyItem = (key: string): Item => ({ [SESSIONS.partitionKey]: { S: `window#${key}` } });

/** The conditional writes of one commitment, in a fixed order. */
export const writesOf = (tables: WritableTables, commitment: Commitment): TransactWriteItem[] => [
  ...commitment.entries.map((stored) => putOnce(tables.ledger, entryItem(stored))),
  ...(commitment.open === undefined ? [] : openWrites(tables, commitment.open)),
  ...(commitment.bind === undefined
    ? []
    : [updateSession(tables, commitment.bind.sid, 'upstreamSession', commitment.bind.upstreamSession)]),
  ...(commitment.close === undefined ? [] : [closeSession(tables, commitment.close)]),
  ...(commitment.approvals ?? []).flatMap((step) => stepWrites(approvalsOf(tables), step)),
  ...(commitment.config === undefined ? [] : [putConfig(tables, commitment.config)]),
];

const approvalsOf = ({ approvals }: WritableTables): string => {
  if (approvals === undefined) throw new Error('A step of an approval needs the name of the approvals table');
  return approvals;
};

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

const openWrites = (
  tables: Tables,
  { session, window, dueAt }: NonNullable<Commitment['open']>,
): TransactWriteItem[] => {
  const put = putOnce(tables.sessions, { ...sessionItem(session), ...dueItem('keeper', dueAt) });
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

const closeSession = (tables: Tables, closing: Closing): TransactWriteItem => {
  const { seen, settled } = closing;
  const due = dueItem(closing.due, closing.dueAt);
  return {
    Update: {
      TableName: tables.sessions,
      Key: sessionKey(closing.sid),
      UpdateExpression: [
        'SET #status = :closed, #why = :why, #closedAt = :at, #due = :due, #dueAt = :dueAt',
        ...(settled === undefined ? [] : ['#settled = :settled']),
      ].join(', '),
      ConditionExpression: [
        '#status = :from AND attribute_not_exists(#closedAt)',
        ...(seen === undefined ? [] : ['#seq = :seq AND #lastSeenAt = :lastSeenAt']),
      ].join(' AND '),
      ExpressionAttributeNames: {
        ...{ '#status': 'status', '#why': 'why', '#closedAt': 'closedAt' },
        ...{ '#due': SESSIONS.dueIndex.partitionKey, '#dueAt': SESSIONS.dueIndex.sortKey },
        ...(settled === undefined ? {} : { '#settled': 'settled' }),
        ...(seen === undefined ? {} : { '#seq': 'seq', '#lastSeenAt': 'lastSeenAt' }),
      },
      ExpressionAttributeValues: {
        ':closed': { S: 'closed' },
        ':why': { S: closing.why },
        ':at': { N: String(closing.at) },
        ':from': { S: closing.from },
        ':due': due[SESSIONS.dueIndex.partitionKey] ?? { NULL: true },
        ':dueAt': due[SESSIONS.dueIndex.sortKey] ?? { NULL: true },
        ...(settled === undefined ? {} : { ':settled': { N: String(settled) } }),
        ...(seen === undefined
          ? {}
          : { ':seq': { N: String(seen.seq) }, ':lastSeenAt': { N: String(seen.lastSeenAt) } }),
      },
    },
  };
};

/** Where a session stands in the index of those that are due; `dueAt` in epoch seconds. */
const dueItem = (due: DueFor, dueAt: number): Item => ({
  [SESSIONS.dueIndex.partitionKey]: { S: due },
  [SESSIONS.dueIndex.sortKey]: { S: toTimestamp(dueAt * 1000) },
});

/** Everything that is due for someone, first things first; `until` in epoch seconds. */
export const dueQuery = (tables: Tables, due: DueFor, until?: number): QueryCommandInput => ({
  TableName: tables.sessions,
  IndexName: SESSIONS.dueIndex.name,
  KeyConditionExpression: until === undefined ? '#due = :due' : '#due = :due AND #dueAt <= :until',
  ExpressionAttributeNames: {
    '#due': SESSIONS.dueIndex.partitionKey,
    ...(until === undefined ? {} : { '#dueAt': SESSIONS.dueIndex.sortKey }),
  },
  ExpressionAttributeValues: {
    ':due': { S: due },
    ...(until === undefined ? {} : { ':until': { S: toTimestamp(until * 1000) } }),
  },
});

const sessionItem = (session: Session): Item => {
  const openedAt = toTimestamp(session.openedAt * 1000);
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
    ...(session.ended === null ? {} : { why: { S: session.ended } }),
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
  openedAt: fromTimestamp(requireText(item, SESSIONS.byDayIndex.sortKey)) / 1000,
  lastSeenAt: requireNumber(item, 'lastSeenAt'),
  endsAt: requireNumber(item, 'endsAt'),
  upstreamSession: item['upstreamSession']?.S ?? null,
  // Only what the product itself writes; the keeper's rules are for these words.
  ended: (item['why']?.S as EndReason | undefined) ?? null,
});

/** Reads what the keeper needs; `undefined` for a session that nobody has to look at any more. */
export const readKeptSession = (item: Item): KeptSession | undefined => {
  const due = item[SESSIONS.dueIndex.partitionKey]?.S;
  if (due !== 'keeper' && due !== 'sealer') return undefined;
  const revokedBy = item['revokedBy']?.S;
  const watchedSeq = item['watchedSeq']?.N;
  return {
    ...readSession(item),
    due,
    dueAt: fromTimestamp(requireText(item, SESSIONS.dueIndex.sortKey)) / 1000,
    closedAt: item['closedAt'] === undefined ? null : requireNumber(item, 'closedAt'),
    revocation: revokedBy === undefined ? null : { by: revokedBy, reason: requireText(item, 'revokedFor') },
    settled: item['settled'] === undefined ? 0 : requireNumber(item, 'settled'),
    watched: watchedSeq === undefined ? null : { seq: Number(watchedSeq), at: requireNumber(item, 'watchedAt') },
  };
};

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
