// Wiring of the worker: the column of the mcp function, under a name and grants of its own.

import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { systemClock } from '../adapters/clock.ts';
import { makeMcp } from '../mcp/mcp.ts';
import { wire } from '../mcp/wire.ts';
import { makeWorker, type WorkerTask } from './worker.ts';

const ports = wire('worker', import.meta.filename, () => Promise.reject(new Error('The worker asks nobody')));
const run = makeWorker(ports, makeMcp(ports));

export const handler = middy<WorkerTask, void>().handler((task: WorkerTask, context: Context) =>
  run(task, systemClock.now() + context.getRemainingTimeInMillis()),
);
