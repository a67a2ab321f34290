import { beforeEach, describe, expect, it } from 'vitest';
import type { Commitment } from '../../../lambdas/adapters/dynamo-items.ts';
import { RecordsError } from '../../../lambdas/adapters/dynamo-records.ts';
import type { PolicyChange } from '../../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../../lambdas/core/ledger/parse-entry.ts';
import { makeConfigNotice } from '../../../lambdas/mcp/config-notice.ts';
import type { RecorderPorts } from '../../../lambdas/mcp/recorder.ts';
import { aConfig, NOW_MS } from '../../support/builders.ts';
import { accepted } from '../../support/result.ts';

/** The configuration item and the entries, with DynamoDB's condition and as many faults as a test wants. */
let current: string | undefined;
let committed: Commitment[];
let faults: number;
let reads: number;

beforeEach(() => {
  current = undefined;
  committed = [];
  faults = 0;
  reads = 0;
});

const records = {
  findConfig: async () => {
    reads += 1;
    await Promise.resolve();
    return current;
  },
  commit: async (commitment: Commitment) => {
    await Promise.resolve();
    faults -= 1;
    if (faults >= 0) throw new RecordsError('unavailable', 'down', undefined);
    if ((current ?? null) !== commitment.config?.replaces) throw new RecordsError('conflict', 'raced', undefined);
    current = commitment.config.digest;
    committed.push(commitment);
  },
};

const processWith = (configDigest: string) =>
  makeConfigNotice({
    config: aConfig(),
    configDigest,
    gateway: { fn: 'mcp', code: 'sha256:00', region: 'eu-west-1' },
    clock: { now: () => NOW_MS },
    newId: () => '019a7d10-0000-7000-8000-00000000000e',
    records,
  } as unknown as RecorderPorts);

const changes = () =>
  committed.flatMap(({ entries }) =>
    entries.map(({ entry }) => accepted(parseEntry(entry.line, entry.leafHash)) as PolicyChange),
  );

describe('the notice of the configuration in force', () => {
  it('is one entry with the old and the new digest, written with the item that names the new one', async () => {
    await processWith('sha256:a')();
    await processWith('sha256:b')();
    expect(changes()).toMatchObject([
      { type: 'policy.changed', previous: null, current: 'sha256:a', config: 'sha256:a' },
      { type: 'policy.changed', previous: 'sha256:a', current: 'sha256:b', config: 'sha256:b' },
    ]);
    expect(committed.map(({ config }) => config)).toEqual([
      { digest: 'sha256:a', replaces: null },
      { digest: 'sha256:b', replaces: 'sha256:a' },
    ]);
    expect(committed[0]?.entries[0]?.entry).toMatchObject({ partition: 'day#2026-11-22' });
  });

  it('is not repeated by a process that finds its own digest', async () => {
    current = 'sha256:a';
    await processWith('sha256:a')();
    expect(committed).toEqual([]);
  });

  it('is written once when many processes start at once, and every one of them then goes on', async () => {
    await Promise.all(Array.from({ length: 50 }, () => processWith('sha256:a')()));
    expect(changes()).toHaveLength(1);
  });

  it('is looked up once per process', async () => {
    const announce = processWith('sha256:a');
    await Promise.all([announce(), announce()]);
    await announce();
    expect(reads).toBe(1);
  });

  it('fails when it is not durable, and is tried again by the next call', async () => {
    faults = 1;
    const announce = processWith('sha256:a');
    await expect(announce()).rejects.toThrow(RecordsError);
    await announce();
    expect(changes()).toHaveLength(1);
  });
});
