// A store in front of the store: dynalite's actions run against it and believe they have written. Reads see what
// was staged before them; nothing reaches LevelDB until the caller commits every staged write in ONE batch, which
// LevelDB applies wholly or not at all. Conditions, transactions and change capture all rest on this file.

import type { BatchWrite, Callback, Item, ItemStore, KeyValue, Store } from './dynalite.ts';

export interface ItemChange {
  readonly tableName: string;
  readonly before: Item | undefined;
  readonly after: Item | undefined;
}

export interface Staging {
  /** What dynalite's actions are given. */
  readonly store: ItemStore;
  /** Every staged write, items and index entries, for one atomic batch. */
  writes(): readonly BatchWrite[];
  /** Every staged change of an item, in the order it was made. */
  changes(): readonly ItemChange[];
  /** The item as the last read saw it: the old item of a failed condition. */
  lastRead(): Item | undefined;
}

const noLock: KeyValue['lock'] = (_key, run) => run((callback) => callback);

type StageWrite = (write: BatchWrite, callback: Callback<never>) => void;

const stagedIndex = (prefix: string, set: StageWrite): KeyValue => ({
  lock: noLock,
  get: () => {
    throw new Error('dynalite 4.0.0 never reads an index while writing');
  },
  put: (key, value, callback) => set({ type: 'put', key: prefix + key, value }, callback),
  del: (key, callback) => set({ type: 'del', key: prefix + key }, callback),
});

/** Opens an empty stage over the store. Only the holder of the write mutex may use it. */
export const stage = (store: Store): Staging => {
  const writes = new Map<string, BatchWrite>();
  const changes = new Map<string, ItemChange>();
  let lastRead: Item | undefined;

  const set: StageWrite = (write, callback) => {
    writes.set(write.key, write);
    setImmediate(callback, null);
  };

  const stagedItems = (tableName: string): KeyValue => {
    const prefix = `item-${tableName}~`; // dynalite's own layout, see getSubDb in dynalite/db
    const before = new Map<string, Item | undefined>();
    const note = (key: string, after: Item | undefined): void => {
      changes.set(prefix + key, { tableName, before: before.get(key), after });
    };
    return {
      lock: noLock,
      get: (key, callback) => {
        store.getItemDb(tableName).get(key, (error, item) => {
          before.set(key, item);
          lastRead = item;
          callback(error, item);
        });
      },
      put: (key, value, callback) => {
        note(key, value);
        set({ type: 'put', key: prefix + key, value }, callback);
      },
      del: (key, callback) => {
        note(key, undefined);
        set({ type: 'del', key: prefix + key }, callback);
      },
    };
  };

  return {
    store: {
      options: store.options,
      getTable: store.getTable,
      getItemDb: stagedItems,
      getIndexDb: (indexType, tableName, indexName) =>
        stagedIndex(`index-${indexType.toLowerCase()}~${tableName}~${indexName}~`, set),
    },
    writes: () => [...writes.values()],
    changes: () => [...changes.values()].filter((change) => change.before !== undefined || change.after !== undefined),
    lastRead: () => lastRead,
  };
};
