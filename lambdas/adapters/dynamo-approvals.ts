// Approval requests in DynamoDB. A step and its ledger entry are one transaction: there is no decision without its
// entry, and no entry of a decision that did not take.

import {
  type AttributeValue,
  BatchGetItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { APPROVALS } from '../contract.ts';
import type { Approval } from '../core/approvals/approval.ts';
import type { HeldCall } from '../core/approvals/held-call.ts';
import {
  type ApprovalStep,
  bindingKey,
  listPartition,
  readApproval,
  readHeld,
  recordKey,
  stepWrites,
} from './dynamo-approval-items.ts';
import { hasReason, patiently } from './dynamo-conflicts.ts';
import { entryItem, putOnce, type StoredEntry } from './dynamo-items.ts';

/** `conflict`: somebody else took a step first, or the deadline passed: read again. `unavailable`: not durable. */
export class ApprovalsError extends Error {
  readonly code: 'conflict' | 'unavailable';

  constructor(code: 'conflict' | 'unavailable', message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

export interface FoundApproval {
  readonly approval: Approval;
  readonly held: HeldCall;
  /** Whether the state machine of the request was started. */
  readonly started: boolean;
  /** Whether a caller has heard how it ended; then the same call may ask anew. */
  readonly told: boolean;
  /** Task token of the machine that waits for a decision. */
  readonly token: string | null;
}

export interface Approvals {
  /** The request that a call is bound to, whatever became of it. Consistent. */
  findByCall(hash: string): Promise<FoundApproval | undefined>;
  find(id: string): Promise<FoundApproval | undefined>;
  /** Remembers that a caller heard how the request of a call ended. */
  markTold(hash: string, id: string): Promise<void>;
  /** Writes a step and its entries; all of it, or nothing. */
  take(step: ApprovalStep, entries: readonly StoredEntry[]): Promise<void>;
  /** Remembers that the state machine runs; the same name starts it once, so a second mark changes nothing. */
  markStarted(id: string): Promise<void>;
  /** Keeps the token of the waiting task. A later one takes its place: the earlier task has been given up. */
  saveToken(id: string, token: string): Promise<void>;
  /** Requests for a group or of a person, newest first, at most `limit`. */
  list(kind: 'group' | 'person', name: string, limit: number): Promise<readonly Approval[]>;
}

/** Takes a step; `false` when the request changed in between. */
export const takesStep = async (
  approvals: Pick<Approvals, 'take'>,
  step: ApprovalStep,
  entries: readonly StoredEntry[],
): Promise<boolean> => {
  try {
    await approvals.take(step, entries);
    return true;
  } catch (cause) {
    if (cause instanceof ApprovalsError && cause.code === 'conflict') return false;
    throw cause;
  }
};

export interface ApprovalTables {
  readonly ledger: string;
  readonly approvals: string;
}

export const makeApprovals = (client: DynamoDBClient, tables: ApprovalTables): Approvals => ({
  find: (id) => find(client, tables.approvals, id),
  findByCall: async (hash) => {
    const item = await get(client, tables.approvals, bindingKey(hash));
    const id = item?.['approval']?.S;
    const found = id === undefined ? undefined : await find(client, tables.approvals, id);
    return found === undefined ? undefined : { ...found, told: item?.['told']?.S === id };
  },
  markTold: async (hash, id) => {
    await client.send(
      new UpdateItemCommand({
        TableName: tables.approvals,
        Key: bindingKey(hash),
        UpdateExpression: 'SET told = :id',
        ConditionExpression: 'approval = :id',
        ExpressionAttributeValues: { ':id': { S: id } },
      }),
    );
  },
  take: async (step, entries) => {
    const writes = [
      ...stepWrites(tables.approvals, step),
      ...entries.map((stored) => putOnce(tables.ledger, entryItem(stored))),
    ];
    try {
      // The SDK adds a ClientRequestToken, so its own retries of one transaction count once.
      await patiently(() => client.send(new TransactWriteItemsCommand({ TransactItems: writes })));
    } catch (cause) {
      const conflict = cause instanceof TransactionCanceledException && hasReason(cause, 'ConditionalCheckFailed');
      throw new ApprovalsError(
        conflict ? 'conflict' : 'unavailable',
        'The step of the approval was not written',
        cause,
      );
    }
  },
  markStarted: (id) => setAttribute(client, tables.approvals, id, 'started', { BOOL: true }),
  saveToken: (id, token) => setAttribute(client, tables.approvals, id, 'taskToken', { S: token }),
  list: (kind, name, limit) => list(client, tables.approvals, listPartition(kind, name), limit),
});

type Item = Record<string, AttributeValue>;

const setAttribute = async (
  client: DynamoDBClient,
  table: string,
  id: string,
  name: 'started' | 'taskToken',
  value: AttributeValue,
): Promise<void> => {
  await client.send(
    new UpdateItemCommand({
      TableName: table,
      Key: recordKey(id),
      UpdateExpression: 'SET #name = :value',
      ConditionExpression: 'attribute_exists(#pk)',
      ExpressionAttributeNames: { '#name': name, '#pk': APPROVALS.partitionKey },
      ExpressionAttributeValues: { ':value': value },
    }),
  );
};

const get = async (client: DynamoDBClient, table: string, Key: Item): Promise<Item | undefined> => {
  const { Item } = await client.send(new GetItemCommand({ TableName: table, Key, ConsistentRead: true }));
  return Item;
};

const find = async (client: DynamoDBClient, table: string, id: string): Promise<FoundApproval | undefined> => {
  const item = await get(client, table, recordKey(id));
  if (item === undefined) return undefined;
  return {
    approval: readApproval(item),
    held: readHeld(item),
    started: item['started']?.BOOL === true,
    told: false,
    token: item['taskToken']?.S ?? null,
  };
};

/** BatchGetItem takes a hundred keys; a page of requests is shorter. */
const MAX_LISTED = 100;

const list = async (
  client: DynamoDBClient,
  table: string,
  partition: string,
  limit: number,
): Promise<readonly Approval[]> => {
  const { Items = [] } = await client.send(
    new QueryCommand({
      TableName: table,
      KeyConditionExpression: '#pk = :pk',
      ExpressionAttributeNames: { '#pk': APPROVALS.partitionKey },
      ExpressionAttributeValues: { ':pk': { S: partition } },
      ScanIndexForward: false,
      Limit: Math.min(limit, MAX_LISTED),
      ConsistentRead: true,
    }),
  );
  const ids = Items.map((item) => item[APPROVALS.sortKey]?.S?.split('#')[1] ?? '');
  const found = new Map<string, Approval>();
  let keys: Item[] | undefined = ids.map(recordKey);
  while (keys !== undefined && keys.length > 0) {
    const { Responses, UnprocessedKeys }: Awaited<ReturnType<typeof readBatch>> = await readBatch(client, table, keys);
    for (const item of Responses?.[table] ?? []) {
      const approval = readApproval(item);
      found.set(approval.id, approval);
    }
    keys = UnprocessedKeys?.[table]?.Keys;
  }
  return ids.flatMap((id) => found.get(id) ?? []);
};

const readBatch = (client: DynamoDBClient, table: string, Keys: Item[]) =>
  client.send(new BatchGetItemCommand({ RequestItems: { [table]: { Keys, ConsistentRead: true } } }));
