// The sealer on the laptop: the deployed handler, woken by changes of the ledger table and once a minute, one run at a time.

import type { SealReport } from '../lambdas/sealer/sealer.ts';
import type { LocalAws } from './aws/server.ts';
import { type FunctionOptions, prepareFunction } from './function.ts';

export interface LocalSealer {
  /** Seals what is waiting now. Runs never overlap. */
  run(): Promise<SealReport>;
  close(): Promise<void>;
}

type SealerOptions = FunctionOptions & { readonly aws: LocalAws };

/** The deployed function collects changes for up to 5 s; nobody wants to wait that long in front of a screen. */
const WINDOW_MS = 1000;
const SCHEDULE_MS = 60_000;
const TIMEOUT_MS = 60_000;

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<SealReport>;

export const startSealer = async (options: SealerOptions): Promise<LocalSealer> => {
  prepareFunction(options, options.aws.url);
  const handler = (await import('../lambdas/sealer/handler.ts')).handler as unknown as Handler;
  let last: Promise<unknown> = Promise.resolve();
  let due: NodeJS.Timeout | undefined;
  const run = (): Promise<SealReport> => {
    const endsAt = Date.now() + TIMEOUT_MS;
    const next = last.then(() => handler({}, { getRemainingTimeInMillis: () => endsAt - Date.now() }));
    last = next.catch((cause: unknown) => console.error('sealer:', cause));
    return next;
  };
  const runSoon = (): void => {
    due ??= setTimeout(() => {
      due = undefined;
      run().catch(() => undefined);
    }, WINDOW_MS);
  };
  const unsubscribe = options.aws.onTableChange(({ Records }) => {
    // Marking entries as sealed changes the table too; only new ones are a reason to seal.
    if (Records.some((record) => record.eventName === 'INSERT')) runSoon();
  });
  const schedule = setInterval(runSoon, SCHEDULE_MS);
  return {
    run,
    close: async () => {
      unsubscribe();
      clearTimeout(due);
      clearInterval(schedule);
      await last;
    },
  };
};
