// Time to live, on demand: deletes the items of a table whose attribute names a second that has passed, and marks them in
// the change capture as DynamoDB marks its own deletions.

import { checkRequest, type Item, loadTable, runAction } from './dynalite.ts';
import type { SettingsStore } from './table-settings.ts';
import type { Writer } from './writes.ts';

export interface Expiry {
  readonly writer: Writer;
  readonly settings: SettingsStore;
  readonly now: () => number;
}

export const expireItems = async ({ writer, settings, now }: Expiry, TableName: string): Promise<number> => {
  const { ttlAttribute } = settings.get(TableName);
  if (ttlAttribute === null) return 0;
  const table = await loadTable(writer.store, TableName);
  const keyNames = table.KeySchema.map(({ AttributeName }) => AttributeName);
  const scanned = await runAction('Scan', writer.store, checkRequest('Scan', { TableName }, writer.store));
  const expired = (scanned['Items'] as readonly Item[]).filter(
    (item) => Number(item[ttlAttribute]?.['N'] ?? Number.NaN) * 1000 < now(),
  );
  for (const item of expired) {
    const Key = Object.fromEntries(keyNames.map((name) => [name, item[name]]));
    const request = checkRequest('DeleteItem', { TableName, Key }, writer.store);
    await writer.exclusive(async (staging) => {
      await runAction('DeleteItem', staging.store, request);
      await writer.commitExpiry(staging);
    });
  }
  return expired.length;
};
