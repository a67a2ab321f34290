// The thread of work-thread.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { type FileWork, makeFileWork } from '../../lambdas/core/ledger/verify/file-work.ts';
import { CliError } from './cli-error.ts';
import { openSource } from './log-source.ts';
import type { ThreadAnswer, ThreadInput, ThreadTask } from './work-thread.ts';

const { source, contentKeys } = workerData as ThreadInput;
const works = makeFileWork(await openSource(source), contentKeys);

const run = async ({ id, work, job }: ThreadTask): Promise<ThreadAnswer> => {
  try {
    // The task has the name of the work and the job that belongs to it.
    const does = works[work] as (job: ThreadTask['job']) => ReturnType<FileWork[typeof work]>;
    return { id, answer: { result: await does(job) } };
  } catch (cause) {
    if (!(cause instanceof CliError)) throw cause;
    return { id, answer: { refusal: cause.message } };
  }
};

parentPort?.on('message', (task: ThreadTask) => {
  void run(task).then((answer) => parentPort?.postMessage(answer));
});
