// Change capture: what DynamoDB Streams would deliver, in the record shape of a Lambda event source
// (https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html). Listeners are called in commit order.

import { createHash, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Item, Table } from './dynalite.ts';
import type { ItemChange } from './staging.ts';

export type StreamViewType = 'NEW_AND_OLD_IMAGES' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'KEYS_ONLY';

export interface StreamRecord {
  readonly eventID: string;
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  readonly eventVersion: '1.1';
  readonly eventSource: 'aws:dynamodb';
  readonly awsRegion: string;
  readonly eventSourceARN: string;
  /** Only on what time to live removed. */
  readonly userIdentity?: typeof TIME_TO_LIVE;
  readonly dynamodb: {
    readonly ApproximateCreationDateTime: number;
    readonly Keys: Item;
    readonly NewImage?: Item;
    readonly OldImage?: Item;
    readonly SequenceNumber: string;
    readonly SizeBytes: number;
    readonly StreamViewType: StreamViewType;
  };
}

/** Who removes expired items; https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/time-to-live-ttl-streams.html */
const TIME_TO_LIVE = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;

/** All records of one table that one commit made: a transaction on one table arrives as one event. */
export interface TableChange {
  readonly tableName: string;
  readonly Records: readonly StreamRecord[];
}

/** May be async: its events are handed over one at a time, and a write never waits for it. */
export type TableChangeListener = (change: TableChange) => void | Promise<void>;

export interface ChangeFeed {
  subscribe(listener: TableChangeListener): () => void;
  publish(change: TableChange): void;
  /** Resolves when every listener has been through everything published so far. */
  drained(): Promise<void>;
}

export const createChangeFeed = (): ChangeFeed => {
  const queues = new Map<TableChangeListener, Promise<void>>();
  const deliver = async (listener: TableChangeListener, change: TableChange): Promise<void> => {
    if (!queues.has(listener)) return;
    try {
      await listener(change);
    } catch (error) {
      // As with a real event source, the write stands whatever the consumer does with it.
      console.error(`[local aws] a change listener failed on ${change.tableName}:`, error);
    }
  };
  return {
    subscribe: (listener) => {
      queues.set(listener, Promise.resolve());
      return () => void queues.delete(listener);
    },
    publish: (change) => {
      for (const [listener, queue] of queues)
        queues.set(
          listener,
          queue.then(() => deliver(listener, change)),
        );
    },
    drained: async () => void (await Promise.all(queues.values())),
  };
};

let lastSequence = 0n;
/** Increases from record to record and, since it starts from the clock, from run to run. */
const nextSequence = (): string => {
  const fromClock = BigInt(Date.now()) * 1_000_000n;
  lastSequence = fromClock > lastSequence ? fromClock : lastSequence + 1n;
  return lastSequence.toString().padStart(21, '0');
};

const eventName = (change: ItemChange): StreamRecord['eventName'] => {
  if (change.before === undefined) return 'INSERT';
  return change.after === undefined ? 'REMOVE' : 'MODIFY';
};

export interface StreamSource {
  readonly table: Table;
  readonly streamArn: string;
  readonly viewType: StreamViewType;
  readonly region: string;
  /** Whether time to live made the change. */
  readonly expiry: boolean;
}

/** The stream record of one change, or `null` for a write that changed nothing, which a stream does not show. */
export const toStreamRecord = (change: ItemChange, source: StreamSource): StreamRecord | null => {
  if (isDeepStrictEqual(plain(change.before), plain(change.after))) return null;
  const { before, after } = change;
  const keyNames = source.table.KeySchema.map((key) => key.AttributeName);
  const item = after ?? before ?? {};
  const images = {
    ...(after !== undefined && source.viewType.startsWith('NEW') ? { NewImage: plain(after) } : {}),
    ...(before !== undefined && source.viewType.includes('OLD') ? { OldImage: plain(before) } : {}),
  };
  return {
    eventID: createHash('md5').update(randomUUID()).digest('hex'),
    eventName: eventName(change),
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: source.region,
    eventSourceARN: source.streamArn,
    ...(source.expiry ? { userIdentity: TIME_TO_LIVE } : {}),
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(Date.now() / 1000),
      Keys: plain(Object.fromEntries(keyNames.map((name) => [name, item[name] ?? {}]))),
      ...images,
      SequenceNumber: nextSequence(),
      SizeBytes: JSON.stringify(images).length,
      StreamViewType: source.viewType,
    },
  };
};

/** A copy without dynalite's prototype-less objects, and out of reach of whoever changes the original. */
const plain = <T extends Item | undefined>(item: T): T =>
  item === undefined ? item : (JSON.parse(JSON.stringify(item)) as T);
