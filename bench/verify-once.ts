// One run of `countersign verify` in a process of its own, which says on its last line what it cost.

import { verify } from '../bin/commands/verify.ts';

const started = performance.now();
const exitCode = await verify(process.argv.slice(2));
const { user, system } = process.cpuUsage();
const walk = process.threadCpuUsage();
const cost = {
  exitCode,
  seconds: (performance.now() - started) / 1000,
  cpuSeconds: (user + system) / 1_000_000,
  // Of the thread that walks: what the whole takes where the others have cores of their own.
  walkSeconds: (walk.user + walk.system) / 1_000_000,
  // In kilobytes, the threads included.
  megabytes: process.resourceUsage().maxRSS / 1024,
};
process.stdout.write(`${JSON.stringify(cost)}\n`);
