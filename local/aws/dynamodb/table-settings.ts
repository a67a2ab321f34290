// The settings of a table that dynalite does not know: stream, time to live, point-in-time recovery and deletion
// protection. They stand next to dynalite's own records in the same store.

import type { StreamViewType } from './changes.ts';
import type { Store, Table } from './dynalite.ts';

export interface TableSettings {
  readonly stream: { readonly viewType: StreamViewType; readonly label: string } | null;
  readonly ttlAttribute: string | null;
  readonly pointInTimeRecovery: boolean;
  readonly deletionProtection: boolean;
}

export interface SettingsStore {
  get(tableName: string): TableSettings;
  save(tableName: string, settings: TableSettings): Promise<TableSettings>;
  remove(tableName: string): Promise<void>;
  /** ARN of the table's stream, or `null` when it has none. */
  streamArn(table: Table): string | null;
}

export const DEFAULT_SETTINGS: TableSettings = {
  stream: null,
  ttlAttribute: null,
  pointInTimeRecovery: false,
  deletionProtection: false,
};

const PREFIX = 'front-table~';

export const openTableSettings = async (store: Store): Promise<SettingsStore> => {
  const all = new Map<string, TableSettings>();
  for await (const [key, value] of store.db.iterator({ gte: PREFIX, lt: `${PREFIX}\uffff` })) {
    all.set(key.slice(PREFIX.length), value as TableSettings);
  }
  const get = (tableName: string): TableSettings => all.get(tableName) ?? DEFAULT_SETTINGS;
  return {
    get,
    save: async (tableName, settings) => {
      await store.db.batch([{ type: 'put', key: PREFIX + tableName, value: settings }]);
      all.set(tableName, settings);
      return settings;
    },
    remove: async (tableName) => {
      await store.db.batch([{ type: 'del', key: PREFIX + tableName }]);
      all.delete(tableName);
    },
    streamArn: (table) => {
      const { stream } = get(table.TableName);
      return stream === null ? null : `${table.TableArn}/stream/${stream.label}`;
    },
  };
};
