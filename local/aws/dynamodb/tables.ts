// Creating, describing, changing and deleting tables, and the settings dynalite does not serve.

import { z } from 'zod';
import { type Operation, operation } from '../json-protocol.ts';
import { AwsError } from '../wire.ts';
import { checkRequest, loadTable, runAction, type Store, type Table } from './dynalite.ts';
import { DEFAULT_SETTINGS, type SettingsStore, type TableSettings } from './table-settings.ts';

const tableInput = z.looseObject({
  TableName: z.string(),
  StreamSpecification: z
    .object({
      StreamEnabled: z.boolean(),
      StreamViewType: z.enum(['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY']).optional(),
    })
    .optional(),
  DeletionProtectionEnabled: z.boolean().optional(),
});
const named = z.looseObject({ TableName: z.string() });
const timeToLiveInput = z.object({
  TableName: z.string(),
  TimeToLiveSpecification: z.object({ AttributeName: z.string().min(1), Enabled: z.boolean() }),
});
const backupsInput = z.object({
  TableName: z.string(),
  PointInTimeRecoverySpecification: z.looseObject({ PointInTimeRecoveryEnabled: z.boolean() }),
});

type TableInput = z.output<typeof tableInput>;

const streamFrom = (current: TableSettings['stream'], input: TableInput): TableSettings['stream'] => {
  const asked = input.StreamSpecification;
  if (asked === undefined) return current;
  if (!asked.StreamEnabled) return null;
  if (asked.StreamViewType === undefined) {
    throw new AwsError('ValidationException', 'StreamViewType is required when StreamEnabled is true');
  }
  if (current !== null) {
    throw new AwsError('ResourceInUseException', `Table already has an enabled stream: ${input.TableName}`);
  }
  return { viewType: asked.StreamViewType, label: new Date().toISOString().slice(0, -1) };
};

const withInput = (current: TableSettings, input: TableInput): TableSettings => ({
  ...current,
  stream: streamFrom(current.stream, input),
  deletionProtection: input.DeletionProtectionEnabled ?? current.deletionProtection,
});

const describe = (table: Table, settings: SettingsStore): object => {
  const { stream, deletionProtection } = settings.get(table.TableName);
  const described = { ...table, DeletionProtectionEnabled: deletionProtection };
  if (stream === null) return described;
  return {
    ...described,
    StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType },
    LatestStreamLabel: stream.label,
    LatestStreamArn: settings.streamArn(table),
  };
};

/** Waits for dynalite's timer (0 ms) to move a table on, so that an answer never precedes its effect. */
const settle = async (store: Store, name: string, settled: (table: Table | null) => boolean): Promise<void> => {
  for (let attempt = 0; attempt < 500; attempt += 1) {
    const table = await loadTable(store, name).catch((error: unknown) => {
      if (error instanceof AwsError && error.code.endsWith('ResourceNotFoundException')) return null;
      throw error;
    });
    if (settled(table)) return;
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  throw new Error(`Table ${name} did not settle within a second`);
};

/** Removes tables that a killed process left half-made; nothing can be in them. */
export const dropHalfMadeTables = async (store: Store): Promise<void> => {
  for await (const [key, value] of store.db.iterator({ gte: 'table~', lt: 'table~\uffff' })) {
    if ((value as Table).TableStatus === 'CREATING') await store.db.batch([{ type: 'del', key }]);
  }
};

export const tableOperations = (store: Store, settings: SettingsStore): Readonly<Record<string, Operation>> => ({
  CreateTable: operation(tableInput, async (input, { region }) => {
    store.tableDb.awsRegion = region; // dynalite puts it into the ARN
    const created = withInput(DEFAULT_SETTINGS, input);
    const answer = await runAction('CreateTable', store, checkRequest('CreateTable', input, store));
    const creating = structuredClone(answer['TableDescription']) as Table;
    await settings.save(input.TableName, created);
    await settle(store, input.TableName, (table) => table?.TableStatus === 'ACTIVE');
    return { TableDescription: describe(creating, settings) };
  }),
  DescribeTable: operation(named, async (input) => {
    const answer = await runAction('DescribeTable', store, checkRequest('DescribeTable', input, store));
    return { Table: describe(answer['Table'] as Table, settings) };
  }),
  UpdateTable: operation(tableInput, async (input) => {
    const { StreamSpecification, DeletionProtectionEnabled, ...rest } = input;
    const table = await loadTable(store, input.TableName);
    await settings.save(input.TableName, withInput(settings.get(input.TableName), input));
    if (Object.keys(rest).length > 1) await runAction('UpdateTable', store, checkRequest('UpdateTable', rest, store));
    return { TableDescription: describe(table, settings) };
  }),
  DeleteTable: operation(named, async (input) => {
    if (settings.get(input.TableName).deletionProtection) {
      const reason = `Resource cannot be deleted as it is currently protected against deletion: ${input.TableName}`;
      throw new AwsError('ValidationException', reason);
    }
    const answer = await runAction('DeleteTable', store, checkRequest('DeleteTable', input, store));
    await settle(store, input.TableName, (table) => table === null);
    await settings.remove(input.TableName);
    return answer;
  }),
});

const backupsDescription = ({ pointInTimeRecovery }: TableSettings): object => ({
  ContinuousBackupsDescription: {
    ContinuousBackupsStatus: 'ENABLED',
    PointInTimeRecoveryDescription: { PointInTimeRecoveryStatus: pointInTimeRecovery ? 'ENABLED' : 'DISABLED' },
  },
});

/** Time to live and point-in-time recovery: accepted and described, without effect. */
export const settingsOperations = (store: Store, settings: SettingsStore): Readonly<Record<string, Operation>> => ({
  DescribeTimeToLive: operation(named, async ({ TableName }) => {
    await loadTable(store, TableName);
    const { ttlAttribute } = settings.get(TableName);
    const enabled = { TimeToLiveStatus: 'ENABLED', AttributeName: ttlAttribute };
    return { TimeToLiveDescription: ttlAttribute === null ? { TimeToLiveStatus: 'DISABLED' } : enabled };
  }),
  UpdateTimeToLive: operation(timeToLiveInput, async ({ TableName, TimeToLiveSpecification }) => {
    await loadTable(store, TableName);
    const current = settings.get(TableName);
    if ((current.ttlAttribute !== null) === TimeToLiveSpecification.Enabled) {
      const state = TimeToLiveSpecification.Enabled ? 'enabled' : 'disabled';
      throw new AwsError('ValidationException', `TimeToLive is already ${state}`);
    }
    const ttlAttribute = TimeToLiveSpecification.Enabled ? TimeToLiveSpecification.AttributeName : null;
    await settings.save(TableName, { ...current, ttlAttribute });
    return { TimeToLiveSpecification };
  }),
  DescribeContinuousBackups: operation(named, async ({ TableName }) => {
    await loadTable(store, TableName);
    return backupsDescription(settings.get(TableName));
  }),
  UpdateContinuousBackups: operation(backupsInput, async ({ TableName, PointInTimeRecoverySpecification }) => {
    await loadTable(store, TableName);
    const pointInTimeRecovery = PointInTimeRecoverySpecification.PointInTimeRecoveryEnabled;
    return backupsDescription(await settings.save(TableName, { ...settings.get(TableName), pointInTimeRecovery }));
  }),
});
