// The decision: milliseconds per call with the sample bank's policies, per item of a list, and what loading takes.

import { loadCedar } from '../lambdas/adapters/cedar.ts';
import type { PolicyCall } from '../lambdas/core/policy/call.ts';
import { makePolicy } from '../lambdas/core/policy/policy.ts';
import { readConfig } from '../lib/config.ts';
import { ENGINE_FILE } from '../lib/policy/compile.ts';
import { type Measurement, percentile } from './report.ts';

const CALLS = 5000;
const WARM_UP = 500;
/** Of the millisecond that a call may take in all. */
const MAX_DECISION_MS = 0.4;

const times = (run: () => unknown): readonly number[] => {
  const samples: number[] = [];
  for (let index = -WARM_UP; index < CALLS; index += 1) {
    const started = performance.now();
    run();
    if (index >= 0) samples.push(performance.now() - started);
  }
  return samples;
};

const call = (name: string, args: unknown): PolicyCall => ({
  principal: {
    ...{ issuer: 'bench', subject: 'bench', kind: 'person', name: 'Bench', groups: ['analysts'], client: 'bench' },
    ...{ scopes: ['mcp'], tokenId: null, authTime: Date.now() / 1000 - 60, acr: null, amr: ['otp'], expiresAt: 0 },
  },
  ...{ server: 'core-banking', action: 'tools/call', method: 'tools/call', resource: { kind: 'Tool', name } },
  ...{ args, era: 'modern', ip: '192.0.2.1', at: Date.now() },
});

export const benchPolicy = (): Measurement[] => {
  const config = readConfig('config/countersign.yaml');
  const started = performance.now();
  const policy = makePolicy(config, loadCedar(ENGINE_FILE, '/', config.policy, console.error));
  policy.decide(call('get_customer', {}));
  const loaded = performance.now() - started;
  const read = times(() => policy.decide(call('get_customer', { customerId: 'CUS-0001' })));
  const wire = times(() => policy.decide(call('wire_transfer', { amount: '1250.00', currency: 'GBP' })));
  const shown = times(() => policy.couldUse(call('wire_transfer', undefined)));
  const rules = `${config.policy.rules.length} policies`;
  return [
    {
      name: `decision with ${rules}, log-only ones too, p50`,
      value: percentile(read, 50),
      unit: 'ms',
      atMost: MAX_DECISION_MS,
    },
    { name: 'the same, p99', value: percentile(read, 99), unit: 'ms' },
    { name: 'decision that needs an approval, p50', value: percentile(wire, 50), unit: 'ms' },
    { name: 'item of a list, p50', value: percentile(shown, 50), unit: 'ms' },
    { name: 'loading the engine and the policies, first decision', value: loaded, unit: 'ms', atMost: 150 },
  ];
};
