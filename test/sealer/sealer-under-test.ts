// A sealer over a log in memory, with the keys and revocations of a deployment.

import type { UnsealedItem } from '../../lambdas/adapters/dynamo-sealing.ts';
import type { Signer } from '../../lambdas/adapters/kms-signer.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import type { SealerPorts } from '../../lambdas/sealer/ports.ts';
import { makeSealer } from '../../lambdas/sealer/sealer.ts';
import type { Fault, MemoryLog } from '../support/memory-log.ts';

export const ORIGIN = 'log.example/test';
export const START = Date.UTC(2026, 10, 22);

const stamp = (index: number) => ({
  v: 1 as const,
  log: ORIGIN,
  id: `00000000-0000-7000-8000-${String(index).padStart(12, '0')}`,
  ts: new Date(START + index).toISOString(),
  config: 'sha256:0',
  gw: { fn: 'mcp', code: 'sha256:0', region: 'test' },
});

export const denial = (index: number): UnsealedItem => {
  const entry: Entry = {
    ...stamp(index),
    type: 'auth.denied',
    req: { apigw: String(index), ip: '203.0.113.7' },
    server: null,
    denial: { reason: 'token_missing' },
    unverified: null,
    sent: '401',
  };
  const { partition, sort, position, line, leafHash } = toWalEntry(entry);
  return { partition, sort, position, line, leaf: leafHash, body: index % 3 === 0 ? `jwe-${index}` : null };
};

export const items = (count: number): UnsealedItem[] => Array.from({ length: count }, (_, index) => denial(index));

let ids = 1_000_000;
const nextId = (): string => {
  ids += 1;
  return `00000000-0000-7000-8000-${String(ids).padStart(12, '0')}`;
};

export interface Deployment {
  /** Generations of the checkpoint key. @default 1 */
  readonly generations?: number;
  readonly revokedKeys?: SealerPorts['revokedKeys'];
  /** Generations that KMS has lost. @default none */
  readonly lost?: readonly number[];
}

const keyIdOf = (generation: number): string => `memory-${generation}`;

export const revoked = (generation: number, upTo: number | null): SealerPorts['revokedKeys'][number] => ({
  keyId: keyIdOf(generation),
  upTo,
  reason: 'INC-1',
  by: 'ciso',
});

const LOST: Signer = {
  publicKey: () => Promise.reject(new Error('the key is pending deletion')),
  sign: () => Promise.reject(new Error('the key is pending deletion')),
};

/** One run of a sealer process over a log in memory. */
export const sealer = (
  memory: MemoryLog,
  fault?: Fault,
  deployment: Deployment = {},
  over: Partial<SealerPorts> = {},
) => {
  const adapters = memory.open(fault);
  const told: string[] = [];
  const { generations = 1, lost = [], revokedKeys = [] } = deployment;
  const run = makeSealer({
    queue: adapters.queue,
    ended: adapters.ended,
    log: adapters.log,
    tiles: adapters.tiles,
    copies: adapters.copies,
    witnesses: adapters.witnesses,
    memories: adapters.memories,
    origin: ORIGIN,
    configDigest: 'sha256:0',
    gateway: { fn: 'sealer', code: 'sha256:0', region: 'test' },
    keys: Array.from({ length: generations }, (_, at) => ({
      keyId: keyIdOf(at + 1),
      signer: lost.includes(at + 1) ? LOST : adapters.signerOf(at + 1),
    })),
    revokedKeys,
    intentKey: { keyId: 'memory-intent', publicKey: () => Promise.resolve(memory.intentKey) },
    clock: { now: () => START + 60_000 },
    newId: nextId,
    diagnostics: { error: (message) => told.push(message) },
    metrics: { report: () => undefined },
    ...over,
  });
  return { run: (deadlineAt = START + 120_000) => run(deadlineAt), steps: adapters.steps, told };
};
