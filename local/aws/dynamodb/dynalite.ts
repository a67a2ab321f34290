// The typed edge to dynalite 4.0.0. It imports modules that dynalite does not promise to keep (`db`, `actions`,
// `validations`), so its version is pinned; nothing else in the tree may know how dynalite is built inside.

import { createRequire } from 'node:module';
import { promisify } from 'node:util';
import { AwsError } from '../wire.ts';

const require = createRequire(import.meta.url);

/** One attribute value as it stands on the wire, e.g. `{ S: 'x' }`. */
type Attribute = Readonly<Record<string, unknown>>;
export type Item = Readonly<Record<string, Attribute>>;

export interface Table {
  readonly TableName: string;
  readonly TableStatus: string;
  readonly TableArn: string;
  readonly KeySchema: readonly { readonly AttributeName: string }[];
  readonly GlobalSecondaryIndexes?: readonly { readonly IndexStatus: string }[];
}

/** A request that dynalite has checked, with its expressions parsed into `_condition` and the like. */
export type CheckedRequest = Record<string, unknown> & { readonly TableName: string };

export type Callback<T> = (error: Error | null | undefined, value?: T) => void;

export interface KeyValue {
  lock(key: string, run: (release: <C>(callback: C) => C) => void): void;
  get(key: string, callback: Callback<Item>): void;
  put(key: string, value: Item, callback: Callback<never>): void;
  del(key: string, callback: Callback<never>): void;
}

export type BatchWrite =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

/** The part of the store that dynalite's item actions use; staging.ts puts itself in its place. */
export interface ItemStore {
  readonly options: { readonly maxItemSize: number };
  getTable(name: string, callback: Callback<Table>): void;
  getItemDb(tableName: string): KeyValue;
  getIndexDb(indexType: string, tableName: string, indexName: string): KeyValue;
}

export interface Store extends ItemStore {
  readonly db: {
    batch(writes: readonly BatchWrite[]): Promise<void>;
    iterator(range: { gte: string; lt: string }): AsyncIterable<[string, unknown]>;
    open(): Promise<void>;
    close(): Promise<void>;
  };
  readonly tableDb: { awsRegion: string; awsAccountId: string };
}

interface Schema {
  readonly types: object;
  readonly custom?: object;
}

interface Db {
  create(options: object): Store;
  checkConditional(request: CheckedRequest, item: Item | undefined): Error | null | undefined;
  createKey(keyOrItem: Item, table: Table): string;
  validateKey(key: Item, table: Table): Error | null | undefined;
}

interface Validations {
  checkTypes(input: unknown, types: object): CheckedRequest;
  checkValidations(request: CheckedRequest, types: object, custom: object | undefined, store: ItemStore): void;
}

type Action = (store: ItemStore, request: CheckedRequest, callback: Callback<Record<string, unknown>>) => void;

interface Module {
  readonly schema: Schema;
  readonly run: (store: ItemStore, request: CheckedRequest) => Promise<Record<string, unknown> | undefined>;
}

export const db: Db = require('dynalite/db');
const validations: Validations = require('dynalite/validations');

const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

const modules = new Map<string, Module>();

/** Schema and action of an operation, loaded on its first use. */
const loadModule = (operation: string): Module => {
  const known = modules.get(operation);
  if (known !== undefined) return known;
  const schema: Schema = require(`dynalite/validations/${lowerFirst(operation)}`);
  const action: Action = require(`dynalite/actions/${lowerFirst(operation)}`);
  const loaded = { schema, run: promisify(action) };
  modules.set(operation, loaded);
  return loaded;
};

/** dynalite throws what it would send: `statusCode` and `body`. Anything else is a fault and stays one. */
export const toAwsError = (error: unknown): unknown => {
  if (!(error instanceof Error) || !('body' in error) || !('statusCode' in error)) return error;
  const body = error.body as { readonly __type: string; readonly message?: string; readonly Message?: string };
  return new AwsError(body.__type, body.message ?? body.Message ?? '', {
    status: Number(error.statusCode),
    cause: error,
  });
};

/** Opens the store: LevelDB in a folder, or memory. Table changes take effect at once instead of after 500 ms. */
export const openStore = async (path: string | null): Promise<Store> => {
  const folder = path === null ? {} : { path };
  const store = db.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0, ...folder });
  try {
    await store.db.open();
    return store;
  } catch (cause) {
    const reason = cause instanceof Error && cause.cause instanceof Error ? cause.cause.message : String(cause);
    throw new Error(`Cannot open ${path}: ${reason}. Is another loopback AWS running on this folder?`, { cause });
  }
};

/** Checks a request as dynalite's own server would. The input is copied: dynalite edits what it is given. */
export const checkRequest = (operation: string, input: unknown, store: ItemStore): CheckedRequest => {
  const { schema } = loadModule(operation);
  try {
    const request = validations.checkTypes(structuredClone(input), schema.types);
    validations.checkValidations(request, schema.types, schema.custom, store);
    return request;
  } catch (error) {
    throw toAwsError(error);
  }
};

/** Runs one of dynalite's actions against a store, real or staged. */
export const runAction = async (
  operation: string,
  store: ItemStore,
  request: CheckedRequest,
): Promise<Record<string, unknown>> => {
  try {
    return (await loadModule(operation).run(store, request)) ?? {};
  } catch (error) {
    throw toAwsError(error);
  }
};

/** The table, or ResourceNotFoundException. */
export const loadTable = async (store: ItemStore, name: string): Promise<Table> => {
  try {
    return await new Promise((resolve, reject) => {
      store.getTable(name, (error, table) => {
        if (table !== undefined) resolve(table);
        else reject(error ?? new Error(`dynalite answered neither a table nor an error for ${name}`));
      });
    });
  } catch (error) {
    throw toAwsError(error);
  }
};
