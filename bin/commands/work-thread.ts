// Works on the files of a log in a thread of its own, beside the walk over the entries. The thread opens the log itself, so
// that what crosses between them is names and results.

import { Worker } from 'node:worker_threads';
import type { UnwrappedKey } from '../../lambdas/core/ledger/content-keys.ts';
import type { FileWork } from '../../lambdas/core/ledger/verify/file-work.ts';
import { CliError } from './cli-error.ts';

export interface ThreadInput {
  readonly source: string;
  readonly contentKeys: readonly UnwrappedKey[] | null;
}

type Work = keyof FileWork;

export interface ThreadTask {
  readonly id: number;
  readonly work: Work;
  readonly job: Parameters<FileWork[Work]>[0];
}

export interface ThreadAnswer {
  readonly id: number;
  /** What came of it, or why it could not be done. */
  readonly answer: { readonly result: unknown } | { readonly refusal: string };
}

interface Waiting {
  readonly resolve: (result: never) => void;
  readonly reject: (cause: Error) => void;
}

export interface WorkThread {
  readonly work: FileWork;
  close(): Promise<void>;
}

/** Small: what it makes is short-lived, and memory that is not there need not be kept. */
const YOUNG_MEGABYTES = 8;

export const startWorkThread = (input: ThreadInput): WorkThread => {
  const worker = new Worker(new URL('./work-worker.ts', import.meta.url), {
    workerData: input,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_MEGABYTES },
  });
  const waiting = new Map<number, Waiting>();
  let tasks = 0;
  let fallen: Error | undefined;
  worker.on('message', ({ id, answer }: ThreadAnswer) => {
    const task = waiting.get(id);
    waiting.delete(id);
    if ('refusal' in answer) task?.reject(new CliError(answer.refusal));
    else task?.resolve(answer.result as never);
  });
  const fall = (cause: Error): void => {
    fallen = cause;
    for (const { reject } of waiting.values()) reject(cause);
    waiting.clear();
  };
  worker.on('error', fall);
  worker.on('exit', (code) => fall(new Error(`The thread that works on files ended with ${code}`)));
  const ask = <Result>(work: Work, job: ThreadTask['job']): Promise<Result> =>
    new Promise((resolve, reject) => {
      if (fallen !== undefined) {
        reject(fallen);
        return;
      }
      tasks += 1;
      waiting.set(tasks, { resolve, reject });
      worker.postMessage({ id: tasks, work, job } satisfies ThreadTask);
    });
  return {
    work: { checkBodies: (job) => ask('checkBodies', job), openEnvelopes: (job) => ask('openEnvelopes', job) },
    close: async () => {
      await worker.terminate();
    },
  };
};
