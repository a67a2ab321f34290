// The watcher on the laptop: the deployed handler behind the change capture, in order, changes collected for a moment, with
// failed records delivered again: as an event source mapping does.

import { setTimeout as wait } from 'node:timers/promises';
import type { DynamoDBBatchResponse } from 'aws-lambda';
import type { StreamRecord } from './aws/dynamodb/changes.ts';
import type { LocalAws } from './aws/server.ts';
import { type FunctionOptions, prepareFunction } from './function.ts';

export interface LocalWatcher {
  /** Resolves when every change so far was judged. */
  drained(): Promise<void>;
  close(): Promise<void>;
}

/** The deployed function collects changes for up to 5 s. */
const WINDOW_MS = 1000;
const DELIVERIES = 5;
const AGAIN_AFTER_MS = 200;

type Handler = (event: { Records: readonly StreamRecord[] }) => Promise<DynamoDBBatchResponse>;

export const startWatcher = async (options: FunctionOptions & { readonly aws: LocalAws }): Promise<LocalWatcher> => {
  prepareFunction(options, options.aws.url);
  const handler = (await import('../lambdas/watcher/handler.ts')).handler as unknown as Handler;
  let last: Promise<void> = Promise.resolve();
  let collected: StreamRecord[] = [];
  let due: NodeJS.Timeout | undefined;
  const flush = (): Promise<void> => {
    clearTimeout(due);
    due = undefined;
    const records = collected;
    collected = [];
    if (records.length > 0) last = last.then(() => deliver(handler, records));
    return last;
  };
  const unsubscribe = options.aws.onTableChange(({ tableName, Records }) => {
    const watched = Records.filter(({ eventName }) => eventName !== 'INSERT');
    if (tableName !== options.resources.ledgerTable || watched.length === 0) return;
    collected.push(...watched);
    due ??= setTimeout(() => void flush(), WINDOW_MS);
  });
  return {
    drained: flush,
    close: async () => {
      unsubscribe();
      await flush();
    },
  };
};

const deliver = async (handler: Handler, records: readonly StreamRecord[]): Promise<void> => {
  let waiting = records;
  for (let delivery = 1; delivery <= DELIVERIES; delivery += 1) {
    const { batchItemFailures } = await handler({ Records: waiting });
    const from = batchItemFailures[0]?.itemIdentifier;
    if (from === undefined) return;
    waiting = waiting.slice(waiting.findIndex(({ dynamodb }) => dynamodb.SequenceNumber === from));
    await wait(AGAIN_AFTER_MS * delivery);
  }
  console.error(`watcher: ${waiting.length} changes of the ledger table were given up`);
};
