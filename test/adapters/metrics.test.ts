import { afterEach, describe, expect, it, vi } from 'vitest';
import { makeMetrics } from '../../lambdas/adapters/metrics.ts';

afterEach(() => vi.restoreAllMocks());

describe('makeMetrics', () => {
  it('writes one line of the embedded metric format, with the log and the function as dimensions', () => {
    const lines: string[] = [];
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => lines.push(String(chunk)) > 0);
    const metrics = makeMetrics('sealer', 'mcp.bank.example/countersign');
    metrics.report({ OldestUnsealedSeconds: 1.5, EntriesSealed: 40 });
    metrics.report({ EntriesSealed: 2 });
    vi.restoreAllMocks();
    expect(lines).toHaveLength(2);
    const [first, second] = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(first).toMatchObject({
      service: 'sealer',
      log: 'mcp.bank.example/countersign',
      OldestUnsealedSeconds: 1.5,
      EntriesSealed: 40,
      _aws: {
        CloudWatchMetrics: [
          {
            Namespace: 'Countersign',
            Dimensions: [expect.arrayContaining(['service', 'log'])],
            Metrics: [
              { Name: 'OldestUnsealedSeconds', Unit: 'Seconds' },
              { Name: 'EntriesSealed', Unit: 'Count' },
            ],
          },
        ],
      },
    });
    expect(second).toMatchObject({ log: 'mcp.bank.example/countersign', EntriesSealed: 2 });
  });
});
