// The simplest write-ahead item: a refused request.

import type { UnsealedItem } from '../../lambdas/adapters/dynamo-sealing.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';

export const denialItem = (log: string, index: number, startMs: number): UnsealedItem => {
  const { partition, sort, position, line, leafHash } = toWalEntry({
    v: 1,
    type: 'auth.denied',
    log,
    id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
    ts: new Date(startMs + index).toISOString(),
    config: 'sha256:0',
    gw: { fn: 'mcp', code: 'sha256:0', region: 'test' },
    req: { apigw: String(index), ip: '203.0.113.7' },
    server: null,
    denial: { reason: 'token_missing' },
    unverified: null,
    sent: '401',
  });
  return { partition, sort, position, line, leaf: leafHash, body: null };
};
