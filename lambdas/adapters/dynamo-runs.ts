// What the worker did about a request: that it began, which happens once, and how it ended. The answer lies sealed in the
// approvals table, cut into items that DynamoDB takes, until its client has had time to fetch it.

import {
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { APPROVALS } from '../contract.ts';
import type { HeldCall } from '../core/approvals/held-call.ts';
import { recordKey } from './dynamo-approval-items.ts';

/** How a run ended, as it is stored: the answer is still sealed. */
export type StoredEnd =
  | { readonly kind: 'answered'; readonly sealed: HeldCall; readonly at: number }
  | { readonly kind: 'interrupted'; readonly at: number };

interface StoredRun {
  readonly end: StoredEnd | null;
}

export interface Runs {
  /** Begins the run of a request; `false` when it has begun before, by whomever. */
  begin(approval: string, now: number): Promise<boolean>;
  /** Writes how it ended; a run ends once, so a second end changes nothing. `keepUntil`: epoch seconds. */
  end(approval: string, end: StoredEnd, keepUntil: number): Promise<void>;
  /** `undefined`: nobody began; `expired`: it ended, and its answer is no longer kept. Consistent. */
  find(approval: string): Promise<StoredRun | 'expired' | undefined>;
}

/** An item holds 400 KB; base64url text takes a byte for each character. */
const PART_CHARACTERS = 350_000;
const PART = 'answer#';

export const makeRuns = (client: DynamoDBClient, table: string): Runs => ({
  begin: (approval, now) =>
    unlessRefused(() =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: { ...runKey(approval), begunAt: { N: String(now) } },
          ConditionExpression: 'attribute_not_exists(#pk)',
          ExpressionAttributeNames: { '#pk': APPROVALS.partitionKey },
        }),
      ),
    ),
  end: async (approval, end, keepUntil) => {
    const parts = end.kind === 'answered' ? cut(end.sealed.jwe) : [];
    for (const [index, text] of parts.entries()) {
      const Item = {
        ...partKey(approval, index),
        text: { S: text },
        [APPROVALS.ttlAttribute]: { N: String(keepUntil) },
      };
      await client.send(new PutItemCommand({ TableName: table, Item }));
    }
    await unlessRefused(() => client.send(endWrite(table, approval, end, parts.length)));
  },
  find: async (approval) => {
    const { Item } = await client.send(
      new GetItemCommand({ TableName: table, Key: runKey(approval), ConsistentRead: true }),
    );
    if (Item === undefined) return undefined;
    const [kind, at] = [Item['kind']?.S, Number(Item['endedAt']?.N)];
    if (kind === undefined) return { end: null };
    if (kind === 'interrupted') return { end: { kind, at } };
    const jwe = await readParts(client, table, approval, Number(Item['parts']?.N));
    if (jwe.length !== Number(Item['characters']?.N)) return 'expired';
    return { end: { kind: 'answered', at, sealed: { jwe, wrapped: Item['key']?.S ?? '' } } };
  },
});

const runKey = (approval: string) => ({ ...recordKey(approval), [APPROVALS.sortKey]: { S: 'run' } });
const partKey = (approval: string, index: number) => ({
  ...recordKey(approval),
  [APPROVALS.sortKey]: { S: `${PART}${String(index).padStart(4, '0')}` },
});

const cut = (text: string): readonly string[] =>
  Array.from({ length: Math.ceil(text.length / PART_CHARACTERS) }, (_, index) =>
    text.slice(index * PART_CHARACTERS, (index + 1) * PART_CHARACTERS),
  );

const endWrite = (TableName: string, approval: string, end: StoredEnd, parts: number): UpdateItemCommand => {
  const sealed = end.kind === 'answered' ? end.sealed : { jwe: '', wrapped: '' };
  return new UpdateItemCommand({
    TableName,
    Key: runKey(approval),
    UpdateExpression: 'SET #kind = :kind, endedAt = :at, parts = :parts, characters = :characters, #key = :key',
    ConditionExpression: 'attribute_exists(#pk) AND attribute_not_exists(#kind)',
    ExpressionAttributeNames: { '#pk': APPROVALS.partitionKey, '#kind': 'kind', '#key': 'key' },
    ExpressionAttributeValues: {
      ':kind': { S: end.kind },
      ':at': { N: String(end.at) },
      ':parts': { N: String(parts) },
      ':characters': { N: String(sealed.jwe.length) },
      ':key': { S: sealed.wrapped },
    },
  });
};

/** `false`: its condition did not hold. */
const unlessRefused = async (send: () => Promise<unknown>): Promise<boolean> => {
  try {
    await send();
    return true;
  } catch (cause) {
    if (cause instanceof ConditionalCheckFailedException) return false;
    throw cause;
  }
};

/** One by one: the parts are few, and a function that may query could list. */
const readParts = async (
  client: DynamoDBClient,
  TableName: string,
  approval: string,
  parts: number,
): Promise<string> => {
  const keys = Array.from({ length: parts }, (_, index) => partKey(approval, index));
  const items = await Promise.all(
    keys.map((Key) => client.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))),
  );
  return items.map(({ Item }) => Item?.['text']?.S ?? '').join('');
};
