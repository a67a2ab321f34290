// Checks bodies in a thread of their own, beside the walk over the entries. The thread opens the log itself, so that
// what crosses between them is names and results.

import { Worker } from 'node:worker_threads';
import type { UnwrappedKey } from '../../lambdas/core/ledger/content-keys.ts';
import type { BodyChecker, BodyJob, BodyResult } from '../../lambdas/core/ledger/verify/body-job.ts';
import { CliError } from './cli-error.ts';

export interface ThreadInput {
  readonly source: string;
  readonly contentKeys: readonly UnwrappedKey[] | null;
}

export interface ThreadTask {
  readonly id: number;
  readonly job: BodyJob;
}

export interface ThreadAnswer {
  readonly id: number;
  /** What came of it, or why it could not be done. */
  readonly result: BodyResult | { readonly refusal: string };
}

interface Waiting {
  readonly resolve: (result: BodyResult) => void;
  readonly reject: (cause: Error) => void;
}

export interface BodyThread {
  readonly check: BodyChecker;
  close(): Promise<void>;
}

export const startBodyThread = (input: ThreadInput): BodyThread => {
  const worker = new Worker(new URL('./body-worker.ts', import.meta.url), { workerData: input });
  const waiting = new Map<number, Waiting>();
  let tasks = 0;
  let fallen: Error | undefined;
  worker.on('message', ({ id, result }: ThreadAnswer) => {
    const task = waiting.get(id);
    waiting.delete(id);
    if ('refusal' in result) task?.reject(new CliError(result.refusal));
    else task?.resolve(result);
  });
  const fall = (cause: Error): void => {
    fallen = cause;
    for (const { reject } of waiting.values()) reject(cause);
    waiting.clear();
  };
  worker.on('error', fall);
  worker.on('exit', (code) => fall(new Error(`The thread that checks bodies ended with ${code}`)));
  return {
    check: (job) =>
      new Promise((resolve, reject) => {
        if (fallen !== undefined) {
          reject(fallen);
          return;
        }
        tasks += 1;
        waiting.set(tasks, { resolve, reject });
        worker.postMessage({ id: tasks, job } satisfies ThreadTask);
      }),
    close: async () => {
      await worker.terminate();
    },
  };
};
