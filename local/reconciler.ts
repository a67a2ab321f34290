// The reconciler on the laptop: the deployed handler, at the start and then every hour. A day that ended while the laptop
// was off is caught up with.

import type { ReconcileReport } from '../lambdas/reconciler/reconciler.ts';
import type { LocalAws } from './aws/server.ts';
import { type FunctionOptions, prepareFunction } from './function.ts';

export interface LocalReconciler {
  run(): Promise<ReconcileReport>;
  close(): Promise<void>;
}

const SCHEDULE_MS = 3600_000;
const TIMEOUT_MS = 120_000;

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<ReconcileReport>;

export const startReconciler = async (
  options: FunctionOptions & { readonly aws: LocalAws },
): Promise<LocalReconciler> => {
  prepareFunction(options, options.aws.url);
  const handler = (await import('../lambdas/reconciler/handler.ts')).handler as unknown as Handler;
  let last: Promise<unknown> = Promise.resolve();
  const run = (): Promise<ReconcileReport> => {
    const endsAt = Date.now() + TIMEOUT_MS;
    const next = last.then(() => handler({}, { getRemainingTimeInMillis: () => endsAt - Date.now() }));
    last = next.catch((cause: unknown) => console.error('reconciler:', cause));
    return next;
  };
  const quietly = (): void => void run().catch(() => undefined);
  quietly();
  const schedule = setInterval(quietly, SCHEDULE_MS);
  return {
    run,
    close: async () => {
      clearInterval(schedule);
      await last;
    },
  };
};
