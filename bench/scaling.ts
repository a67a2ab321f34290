// What the model of one log says; docs/scaling.md explains it. Nothing is measured here but the model's own arithmetic.

import type { Measurement } from './report.ts';
import { capacityOf, logsFor, simulate } from './scaling-model.ts';

const SECONDS = 600;
/** A load that one log carries with room to spare. */
const CALLS = 200;

export const benchScaling = (): Measurement[] => {
  const { sealer, index } = capacityOf();
  const { sealedMs } = simulate({ callsPerSecond: CALLS, seconds: SECONDS });
  return [
    { name: 'model: one log, what its sealer carries', value: sealer, unit: 'calls/s' },
    { name: 'model: one log, what its index of unsealed entries takes', value: index, unit: 'calls/s' },
    { name: `model: sealed after, ${CALLS} calls/s, p99`, value: sealedMs.p99 / 1000, unit: 's', atMost: 10 },
    { name: 'model: logs for 1,000 calls/s', value: logsFor(1000), unit: 'logs' },
    { name: 'model: logs for 10,000 calls/s', value: logsFor(10_000), unit: 'logs' },
  ];
};
