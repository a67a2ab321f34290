// Calls per second through the whole laptop stack: HTTP, authorizer, handler, loopback AWS and bank in one process.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePorts } from '../local/ports.ts';
import { type Stack, startStack } from '../local/stack.ts';
import { call, modern } from '../test/support/mcp-call.ts';
import type { Measurement } from './report.ts';

const SECONDS = 4;

const callsPerSecond = async (url: string, token: string, inFlight: number): Promise<number> => {
  const until = performance.now() + SECONDS * 1000;
  let calls = 0;
  const worker = async (): Promise<void> => {
    while (performance.now() < until) {
      const answer = await call(url, {
        token,
        ...modern('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }),
      });
      if (answer.message?.result === undefined) throw new Error(`the bench call was answered ${answer.status}`);
      calls += 1;
    }
  };
  await Promise.all(Array.from({ length: inFlight }, worker));
  return calls / SECONDS;
};

const measure = async (stack: Stack): Promise<Measurement[]> => {
  const url = stack.url('core-banking');
  const token = await stack.idp.mint({ resource: url, claims: { scope: 'mcp', client_id: 'bench' } });
  await callsPerSecond(url, token, 1);
  return [
    { name: 'whole laptop stack, 1 in flight', value: await callsPerSecond(url, token, 1), unit: 'calls/s' },
    { name: 'whole laptop stack, 8 in flight', value: await callsPerSecond(url, token, 8), unit: 'calls/s' },
    { name: 'memory of the whole laptop stack after that', value: process.memoryUsage.rss() / 1024 ** 2, unit: 'MB' },
  ];
};

export const benchThroughput = async (): Promise<Measurement[]> => {
  const workDir = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  const stack = await startStack({
    configFile: 'config/countersign.yaml',
    ports: await freePorts(),
    dataDir: null,
    workDir,
  });
  try {
    return await measure(stack);
  } finally {
    await stack.close();
    await rm(workDir, { recursive: true, force: true });
  }
};
