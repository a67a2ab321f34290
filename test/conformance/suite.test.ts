import { rm } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { startFixture } from './fixture/fixture.ts';
import { startShim } from './shim.ts';
import { compare, runSuite, type Verdict, verdictsOf } from './suite.ts';

const outDir = join(tmpdir(), `countersign-conformance-test-${process.pid}`);
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

afterAll(() => rm(outDir, { recursive: true, force: true }));

const verdicts = (entries: Record<string, Verdict>) => new Map(Object.entries(entries));

describe('compare', () => {
  it('finds nothing between equal runs, even where both fail', () => {
    const run = verdicts({ 'ping/ping': 'pass', 'ping/schema': 'fail' });
    expect(compare(run, run)).toEqual({ worse: [], better: [] });
  });

  it('calls a check worse that passed and now fails', () => {
    expect(compare(verdicts({ a: 'pass' }), verdicts({ a: 'fail' }))).toEqual({ worse: ['a'], better: [] });
  });

  it('calls a check worse that passed and was not made again', () => {
    expect(compare(verdicts({ a: 'pass', b: 'pass' }), verdicts({ b: 'pass' })).worse).toEqual(['a']);
  });

  it('calls a check better that failed or was not made, and now passes', () => {
    expect(compare(verdicts({ a: 'fail' }), verdicts({ a: 'pass', b: 'pass' })).better).toEqual(['a', 'b']);
  });
});

describe('verdictsOf', () => {
  it('tells apart the checks a scenario makes under one id', () => {
    const checks = [
      { id: 'x', status: 'SUCCESS' as const },
      { id: 'x', status: 'FAILURE' as const },
    ];
    expect([...verdictsOf('s', checks)]).toEqual([
      ['s/x', 'pass'],
      ['s/x#2', 'fail'],
    ]);
  });

  it('counts a warning as a fail and leaves out what only informs', () => {
    const checks = [
      { id: 'should', status: 'WARNING' as const },
      { id: 'note', status: 'INFO' as const },
      { id: 'none', status: 'SKIPPED' as const },
    ];
    expect([...verdictsOf('s', checks)]).toEqual([['s/should', 'fail']]);
  });
});

describe('runSuite', { timeout: 60_000 }, () => {
  // The whole suite is `npm run test:conformance`; these scenarios depend most on what a proxy does with streams.
  const SCENARIOS = [
    { specVersion: '2025-11-25', scenario: 'server-sse-polling' },
    { specVersion: '2026-07-28', scenario: 'server-stateless' },
  ] as const;

  it.each(SCENARIOS)('scores $scenario ($specVersion) the same directly and through the shim', async (run) => {
    const fixture = await startedFixture();
    const shim = await startShim({ target: fixture, token: () => Promise.resolve('opaque') });
    cleanUps.push(shim.close);
    const direct = await runSuite({ ...run, url: fixture, outDir });
    const through = await runSuite({ ...run, url: shim.url, outDir });
    expect(direct.size).toBeGreaterThan(0);
    expect([...direct.values()]).not.toContain('fail');
    expect(compare(direct, through)).toEqual({ worse: [], better: [] });
  });

  it('names the checks that a proxy breaks by collapsing streams', async () => {
    const fixture = await startedFixture();
    const run = { specVersion: '2026-07-28', scenario: 'server-stateless', outDir } as const;
    const broken = await startedProxy(collapsingStreams(fixture));
    const { worse } = compare(await runSuite({ ...run, url: fixture }), await runSuite({ ...run, url: broken }));
    expect(worse).toContain('server-stateless/sep-2575-server-sends-subscription-ack');
  });
});

async function startedFixture(): Promise<string> {
  const fixture = await startFixture({ port: 0 });
  cleanUps.push(fixture.close);
  return fixture.url;
}

async function startedProxy(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  cleanUps.push(
    () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  );
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
}

/** What a gateway without streaming would do: wait for the end of the stream, and answer with its last message. */
function collapsingStreams(target: string): RequestListener {
  return (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', async () => {
      const { connection: _, 'content-length': __, ...headers } = incoming.headers as Record<string, string>;
      const init = { method: incoming.method ?? 'POST', headers, body: Buffer.concat(chunks) };
      const answer = await fetch(target, { ...init, signal: AbortSignal.timeout(2_000) });
      const last = (await answer.text().catch(() => '')).split('data: ').at(-1) ?? '';
      outgoing.writeHead(answer.status, { 'content-type': 'application/json' }).end(last);
    });
  };
}
