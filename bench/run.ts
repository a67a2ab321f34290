// `npm run bench [-- --json FILE]`: measures, prints a table, and with --json writes the numbers. Reports, never fails:
// a number over its budget is marked, and a person decides.

import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { benchBlocking } from './blocking.ts';
import { benchColdStart } from './cold-start.ts';
import { benchMasking } from './masking.ts';
import { benchPipeline } from './pipeline.ts';
import { benchPolicy } from './policy.ts';
import { type Measurement, table } from './report.ts';
import { benchScaling } from './scaling.ts';
import { benchSealing } from './sealing.ts';
import { benchThroughput } from './throughput.ts';
import { benchVerifying } from './verifying.ts';

const { values } = parseArgs({ options: { json: { type: 'string' } } });
const measurements: Measurement[] = [
  ...benchPolicy(),
  ...(await benchMasking()),
  ...(await benchPipeline()),
  ...(await benchBlocking()),
  ...(await benchThroughput()),
  ...(await benchSealing()),
  ...benchScaling(),
  ...(await benchVerifying()),
  ...benchColdStart(),
];
const machine = { node: process.version, cpu: cpus()[0]?.model ?? 'unknown', cores: cpus().length };
process.stdout.write(`Node ${machine.node}, ${machine.cores} cores, ${machine.cpu}\n\n${table(measurements)}\n`);
if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify({ machine, measurements }, null, 2)}\n`);
