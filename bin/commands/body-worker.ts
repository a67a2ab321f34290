// The thread of body-thread.ts.

import { parentPort, workerData } from 'node:worker_threads';
import { makeBodyChecker } from '../../lambdas/core/ledger/verify/body-job.ts';
import type { ThreadAnswer, ThreadInput, ThreadTask } from './body-thread.ts';
import { CliError } from './cli-error.ts';
import { openSource } from './log-source.ts';

const { source, contentKeys } = workerData as ThreadInput;
const check = makeBodyChecker(await openSource(source), contentKeys);

const run = async ({ id, job }: ThreadTask): Promise<ThreadAnswer> => {
  try {
    return { id, result: await check(job) };
  } catch (cause) {
    if (!(cause instanceof CliError)) throw cause;
    return { id, result: { refusal: cause.message } };
  }
};

parentPort?.on('message', (task: ThreadTask) => {
  void run(task).then((answer) => parentPort?.postMessage(answer));
});
