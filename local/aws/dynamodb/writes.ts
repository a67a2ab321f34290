// The one way anything is written: under the write mutex, staged, committed as one LevelDB batch, then published
// to the change feed. What is true if the process dies: before the batch, nothing happened; after it, the write
// is durable and may not have been published (a listener must be able to catch up from the table).

import { z } from 'zod';
import type { Operation } from '../json-protocol.ts';
import { createMutex } from '../mutex.ts';
import { AwsError } from '../wire.ts';
import { type ChangeFeed, type StreamRecord, toStreamRecord } from './changes.ts';
import { type BatchWrite, checkRequest, type Item, loadTable, runAction, type Store } from './dynalite.ts';
import { type Staging, stage } from './staging.ts';
import type { SettingsStore } from './table-settings.ts';

export interface Writer {
  readonly store: Store;
  /** Runs alone; nothing is written until `commit`. */
  exclusive<T>(work: (staging: Staging) => Promise<T>): Promise<T>;
  /** Makes a stage durable, with further writes that must stand or fall with it. */
  commit(staging: Staging, alongside?: readonly BatchWrite[]): Promise<void>;
  /** Makes a stage of deletions durable, as time to live's. */
  commitExpiry(staging: Staging): Promise<void>;
}

export const createWriter = (store: Store, settings: SettingsStore, feed: ChangeFeed): Writer => {
  const mutex = createMutex();

  const recordsByTable = async (staging: Staging, expiry: boolean): Promise<Map<string, StreamRecord[]>> => {
    const byTable = new Map<string, StreamRecord[]>();
    for (const change of staging.changes()) {
      const { stream } = settings.get(change.tableName);
      if (stream === null) continue;
      const table = await loadTable(store, change.tableName);
      const streamArn = settings.streamArn(table) ?? '';
      const region = streamArn.split(':')[3] ?? '';
      const record = toStreamRecord(change, { table, streamArn, viewType: stream.viewType, region, expiry });
      if (record === null) continue;
      byTable.set(change.tableName, [...(byTable.get(change.tableName) ?? []), record]);
    }
    return byTable;
  };

  const commit = async (staging: Staging, alongside: readonly BatchWrite[], expiry: boolean): Promise<void> => {
    const records = await recordsByTable(staging, expiry);
    await store.db.batch([...staging.writes(), ...alongside]);
    for (const [tableName, Records] of records) feed.publish({ tableName, Records });
  };

  return {
    store,
    exclusive: (work) => mutex(() => work(stage(store))),
    commit: (staging, alongside = []) => commit(staging, alongside, false),
    commitExpiry: (staging) => commit(staging, [], true),
  };
};

const onFailureInput = z.looseObject({ ReturnValuesOnConditionCheckFailure: z.enum(['ALL_OLD', 'NONE']).optional() });

/** Whether a failed condition must answer with the item that failed it. */
export const wantsOldItem = (input: unknown): boolean => {
  const parsed = onFailureInput.safeParse(input);
  if (!parsed.success) {
    const reason = 'ReturnValuesOnConditionCheckFailure must be one of [ALL_OLD, NONE]';
    throw new AwsError('ValidationException', `1 validation error detected: ${reason}`);
  }
  return parsed.data.ReturnValuesOnConditionCheckFailure === 'ALL_OLD';
};

export const isConditionFailure = (error: unknown): error is AwsError =>
  error instanceof AwsError && error.code.endsWith('ConditionalCheckFailedException');

const withOldItem = (error: unknown, item: Item | undefined): unknown =>
  isConditionFailure(error) && item !== undefined
    ? new AwsError(error.code, error.message, { fields: { Item: item }, cause: error })
    : error;

const writeOperation =
  (writer: Writer, name: string): Operation =>
  (input) => {
    const oldItemOnFailure = wantsOldItem(input);
    const request = checkRequest(name, input, writer.store);
    return writer.exclusive(async (staging) => {
      try {
        const answer = await runAction(name, staging.store, request);
        await writer.commit(staging);
        return answer;
      } catch (error) {
        throw oldItemOnFailure ? withOldItem(error, staging.lastRead()) : error;
      }
    });
  };

/** PutItem, UpdateItem, DeleteItem and BatchWriteItem. */
export const writeOperations = (writer: Writer): Readonly<Record<string, Operation>> =>
  Object.fromEntries(
    ['PutItem', 'UpdateItem', 'DeleteItem', 'BatchWriteItem'].map((name) => [name, writeOperation(writer, name)]),
  );
