// The sealer's view of the write-ahead ledger: what is not sealed yet, and marking what is.

import {
  type AttributeValue,
  BatchGetItemCommand,
  type BatchGetItemCommandInput,
  type BatchGetItemCommandOutput,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { LEDGER } from '../contract.ts';
import type { WalEntry } from '../core/ledger/line.ts';
import { entryItem, putOnce } from './dynamo-items.ts';

/** Where an item stands in the ledger table. */
export interface ItemKey {
  readonly partition: string;
  readonly sort: string;
}

export interface UnsealedItem extends ItemKey {
  readonly position: string;
  readonly line: string;
  /** Leaf hash stored with the line, hex. */
  readonly leaf: string;
  /** Inline ciphertext (JWE compact). */
  readonly body: string | null;
}

/** What a sealer remembers between runs. A hint: it is believed only as far as a signed checkpoint agrees. */
export interface SealedHead {
  readonly size: number;
  /** Right edge of the tree, base64, largest subtree first. */
  readonly roots: readonly string[];
  /** Epoch milliseconds of the last entry sealed. */
  readonly sealedAt: number;
  /** Epoch milliseconds: what was written before is sealed and signed. `0` when no run has found that yet. */
  readonly checkedAt: number;
}

/** What a sealed item says of itself; the watcher looks it up in the segment. */
interface SealedMark {
  /** Index of the entry in the log. */
  readonly index: number;
  /** Start of the segment that holds it. */
  readonly segment: number;
  /** Epoch seconds from which time to live may remove the item. */
  readonly expiresAt: number;
}

export interface SealingQueue {
  /** Keys of entries that the index lists as unsealed, oldest first. The index lags; see {@link load}. */
  listUnsealed(limit: number): Promise<readonly ItemKey[]>;
  /** Reads items consistently; those that are sealed already, or gone, are left out. */
  load(keys: readonly ItemKey[]): Promise<readonly UnsealedItem[]>;
  /** Marks an item as sealed; one whose leaf is another one by now stays as it is. */
  markSealed(item: ItemKey & { readonly leaf: string }, mark: SealedMark): Promise<void>;
  loadHead(): Promise<SealedHead | undefined>;
  saveHead(head: SealedHead): Promise<void>;
  /** Appends an entry about a key, once for each name: the mark of it stays when the entry's item has expired. */
  appendOnce(name: string, entry: WalEntry): Promise<void>;
}

type Item = Record<string, AttributeValue>;

const MAX_BATCH = 100;

const keyOf = ({ partition, sort }: ItemKey): Item => ({
  [LEDGER.partitionKey]: { S: partition },
  [LEDGER.sortKey]: { S: sort },
});
const HEAD_KEY: Item = keyOf(LEDGER.sealerHead);

export const makeSealingQueue = (client: DynamoDBClient, table: string): SealingQueue => ({
  listUnsealed: (limit) => listUnsealed(client, table, limit),
  load: async (keys) => {
    const items: UnsealedItem[] = [];
    for (let at = 0; at < keys.length; at += MAX_BATCH) {
      items.push(...(await loadBatch(client, table, keys.slice(at, at + MAX_BATCH))));
    }
    return items;
  },
  markSealed: (item, mark) => markSealed(client, table, item, mark),
  loadHead: async () => {
    const { Item } = await client.send(new GetItemCommand({ TableName: table, Key: HEAD_KEY, ConsistentRead: true }));
    return Item === undefined ? undefined : readHead(Item);
  },
  saveHead: async ({ size, roots, sealedAt, checkedAt }) => {
    const head = {
      size: { N: String(size) },
      roots: { L: roots.map((S) => ({ S })) },
      sealedAt: { N: String(sealedAt) },
      checkedAt: { N: String(checkedAt) },
    };
    await client.send(new PutItemCommand({ TableName: table, Item: { ...HEAD_KEY, ...head } }));
  },
  appendOnce: (name, entry) => appendOnce(client, table, name, entry),
});

const appendOnce = async (client: DynamoDBClient, table: string, name: string, entry: WalEntry): Promise<void> => {
  const mark = { ...keyOf({ partition: LEDGER.sealerHead.partition, sort: name }), type: { S: 'mark' } };
  const TransactItems = [putOnce(table, mark), putOnce(table, entryItem({ entry, body: null }))];
  try {
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
  } catch (cause) {
    // The mark is there: this process or another one was here before.
    const [marked] = cause instanceof TransactionCanceledException ? (cause.CancellationReasons ?? []) : [];
    if (marked?.Code !== 'ConditionalCheckFailed') throw cause;
  }
};

const readHead = (item: Item): SealedHead => ({
  size: Number(item['size']?.N),
  roots: (item['roots']?.L ?? []).map((root) => root.S ?? ''),
  sealedAt: Number(item['sealedAt']?.N),
  checkedAt: Number(item['checkedAt']?.N ?? 0),
});

/** The oldest of every shard, then the oldest of all: no shard is asked for more than could be taken. */
const listUnsealed = async (client: DynamoDBClient, table: string, limit: number): Promise<readonly ItemKey[]> => {
  const shards = Array.from({ length: LEDGER.unsealedIndex.shards }, (_, shard) => String(shard));
  const found = await Promise.all(shards.map((shard) => listShard(client, table, shard, limit)));
  return found
    .flat()
    .sort((a, b) => (a.position < b.position ? -1 : 1))
    .slice(0, limit);
};

const listShard = async (client: DynamoDBClient, table: string, shard: string, limit: number) => {
  const { name, partitionKey, sortKey } = LEDGER.unsealedIndex;
  const { Items } = await client.send(
    new QueryCommand({
      TableName: table,
      IndexName: name,
      KeyConditionExpression: '#shard = :shard',
      ExpressionAttributeNames: { '#shard': partitionKey },
      ExpressionAttributeValues: { ':shard': { S: shard } },
      Limit: limit,
    }),
  );
  return (Items ?? []).map((item) => ({
    partition: item[LEDGER.partitionKey]?.S ?? '',
    sort: item[LEDGER.sortKey]?.S ?? '',
    position: item[sortKey]?.S ?? '',
  }));
};

const loadBatch = async (client: DynamoDBClient, table: string, keys: readonly ItemKey[]): Promise<UnsealedItem[]> => {
  const found: Item[] = [];
  let wanted: Item[] | undefined = keys.map(keyOf);
  while (wanted !== undefined && wanted.length > 0) {
    const request: BatchGetItemCommandInput = { RequestItems: { [table]: { Keys: wanted, ConsistentRead: true } } };
    const { Responses, UnprocessedKeys }: BatchGetItemCommandOutput = await client.send(
      new BatchGetItemCommand(request),
    );
    found.push(...(Responses?.[table] ?? []));
    wanted = UnprocessedKeys?.[table]?.Keys;
  }
  return found.filter((item) => item[LEDGER.unsealedIndex.partitionKey] !== undefined).map(readUnsealed);
};

const readUnsealed = (item: Item): UnsealedItem => ({
  partition: item[LEDGER.partitionKey]?.S ?? '',
  sort: item[LEDGER.sortKey]?.S ?? '',
  position: item[LEDGER.unsealedIndex.sortKey]?.S ?? '',
  line: item['line']?.S ?? '',
  leaf: item['leaf']?.S ?? '',
  body: item['body']?.S ?? null,
});

const markSealed = async (
  client: DynamoDBClient,
  table: string,
  item: ItemKey & { readonly leaf: string },
  { index, segment, expiresAt }: SealedMark,
): Promise<void> => {
  try {
    await client.send(
      new UpdateItemCommand({
        TableName: table,
        Key: keyOf(item),
        UpdateExpression: 'SET sealedAt = :index, #segment = :segment, #ttl = :ttl REMOVE #shard, #position',
        ConditionExpression: 'leaf = :leaf',
        ExpressionAttributeNames: {
          '#segment': 'segment',
          '#ttl': LEDGER.ttlAttribute,
          '#shard': LEDGER.unsealedIndex.partitionKey,
          '#position': LEDGER.unsealedIndex.sortKey,
        },
        ExpressionAttributeValues: {
          ':index': { N: String(index) },
          ':segment': { N: String(segment) },
          ':ttl': { N: String(expiresAt) },
          ':leaf': { S: item.leaf },
        },
      }),
    );
  } catch (cause) {
    // Gone, or changed after it was sealed: what is sealed stands, and a changed item comes up again as unsealed.
    if (!(cause instanceof ConditionalCheckFailedException)) throw cause;
  }
};
