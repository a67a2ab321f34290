// The sealer without AWS: entries per second of its own work, and how many AWS calls a thousand entries cost.

import { toWalEntry } from '../lambdas/core/ledger/line.ts';
import { makeSealer } from '../lambdas/sealer/sealer.ts';
import { makeMemoryLog } from '../test/support/memory-log.ts';
import type { Measurement } from './report.ts';

const ENTRIES = 10_000;
const START = Date.UTC(2026, 10, 22);

const entry = (index: number) => {
  const { partition, sort, position, line, leafHash } = toWalEntry({
    v: 1,
    log: 'bench.invalid/log',
    id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    ts: new Date(START + index).toISOString(),
    config: `sha256:${'0'.repeat(64)}`,
    gw: { fn: 'mcp', code: `sha256:${'0'.repeat(64)}`, region: 'bench' },
    type: 'auth.denied',
    req: { apigw: String(index), ip: '203.0.113.7' },
    server: 'core-banking',
    denial: { reason: 'token_missing', padding: 'x'.repeat(500) },
    unverified: null,
    sent: '401',
  });
  return { partition, sort, position, line, leaf: leafHash, body: null };
};

export const benchSealing = async (): Promise<Measurement[]> => {
  const memory = makeMemoryLog(Array.from({ length: ENTRIES }, (_, index) => entry(index)));
  const { signer, ...adapters } = memory.open();
  const seal = makeSealer({
    ...adapters,
    ...{ origin: 'bench.invalid/log', configDigest: 'sha256:0' },
    keys: [{ keyId: 'memory', signer }],
    revokedKeys: [],
    intentKey: { keyId: 'memory-intent', publicKey: () => Promise.resolve(memory.intentKey) },
    gateway: { fn: 'sealer', code: 'bench', region: 'bench' },
    clock: { now: () => START + 60_000 },
    newId: () => '00000000-0000-7000-8000-ffffffffffff',
    diagnostics: { error: (message, cause) => console.error(message, cause) },
    metrics: { report: () => undefined },
  });
  const started = performance.now();
  await seal(START + 600_000);
  const seconds = (performance.now() - started) / 1000;
  return [
    { name: 'sealing, without AWS', value: ENTRIES / seconds, unit: 'entries/s' },
    { name: 'AWS calls of the sealer per 1,000 entries', value: (adapters.steps() / ENTRIES) * 1000, unit: 'calls' },
  ];
};
