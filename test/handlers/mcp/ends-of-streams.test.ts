// A client that leaves, stops reading or reads slowly: the exchange ends all the same, and its outcome is recorded.

import { once } from 'node:events';
import { type Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failureToWire } from '../../../lambdas/core/upstreams/failure.ts';
import { endBody } from '../../../lambdas/mcp/readable.ts';
import { aGet, anEvent, bytesOf, events, gatewayWith, json, progress, RESULT, streamOf } from './gateway-under-test.ts';

const LIMITS = { responseBytes: 10_000_000, headersSeconds: 1, idleSeconds: 5, streamSeconds: 0.2 };
/** More than any buffer between the upstream and the client takes. */
const MUCH = Array.from({ length: 20 }, (_, index) => progress(`${index} ${'x'.repeat(20_000)}`));

/** A function's response stream whose client takes so many chunks and then no more. */
const clientThatTakes = (chunks: number): Writable & { readonly taken: Buffer[] } => {
  const taken: Buffer[] = [];
  const write = (chunk: Buffer, _encoding: string, done: () => void) => {
    taken.push(chunk);
    if (taken.length < chunks) done();
  };
  return Object.assign(new Writable({ write }), { taken });
};

const isRunning = async (work: Promise<unknown>): Promise<boolean> =>
  Promise.race([
    work.then(
      () => false,
      () => false,
    ),
    wait(0, true),
  ]);

describe('a client that stops reading', () => {
  it('is cut off a second after the limit of the stream, with the outcome recorded', async () => {
    const gateway = gatewayWith([{ ...events(...MUCH), next: 'hang' }], { limits: LIMITS });
    const client = clientThatTakes(1);
    const begun = performance.now();
    const handler = pipeline(streamOf(await gateway.ask()), client);
    handler.catch(() => undefined);
    await wait(600);
    expect(await isRunning(handler)).toBe(true);
    expect(gateway.outcomes()).toEqual([]);
    await expect(handler).rejects.toThrow();
    const took = performance.now() - begun;
    expect(took).toBeGreaterThan(1150);
    expect(took).toBeLessThan(2500);
    expect(gateway.outcomes()).toMatchObject([
      { status: 'failed', failure: { reason: 'stream_limit' }, complete: false },
    ]);
    expect(gateway.said).toEqual([]);
  });

  it('has on record what was handed on to it', async () => {
    const gateway = gatewayWith([{ ...events(...MUCH), next: 'hang' }], { limits: LIMITS });
    const client = clientThatTakes(3);
    await pipeline(streamOf(await gateway.ask()), client).catch(() => undefined);
    expect(String(gateway.recorded())).toContain(String(Buffer.concat(client.taken)));
  });

  it('is cut off on a standing stream too, which has not failed by that', async () => {
    const gateway = gatewayWith([{ ...events(...MUCH), next: 'hang' }], { limits: LIMITS });
    await pipeline(streamOf(await gateway.ask(aGet)), clientThatTakes(1)).catch(() => undefined);
    expect(gateway.outcomes()).toMatchObject([{ status: 'stream', failure: { reason: 'stream_limit' } }]);
  });

  it('is cut off when the whole answer is recorded and waits for it', async () => {
    const gateway = gatewayWith([events(anEvent(RESULT))], { limits: LIMITS });
    const body = streamOf(await gateway.ask());
    body.resume().pause();
    await once(body, 'close');
    expect(gateway.outcomes()).toMatchObject([{ status: 'result', failure: null }]);
  });

  it('is cut off in a JSON answer, which is recorded', async () => {
    const gateway = gatewayWith([json(RESULT)], { limits: LIMITS });
    const body = streamOf(await gateway.ask());
    await once(body, 'close');
    expect(gateway.outcomes()).toMatchObject([{ status: 'result', failure: null }]);
  });
});

describe('a client that reads slowly', () => {
  const slowly = async (body: Readable, pauseMs: number): Promise<string> => {
    const chunks: Buffer[] = [];
    for await (const chunk of body) {
      chunks.push(chunk as Buffer);
      if (chunks.length === 1) await wait(pauseMs);
    }
    return String(Buffer.concat(chunks));
  };

  it('gets all of a stream that ended while it paused', async () => {
    const stream = `${progress()}${progress()}${anEvent(RESULT)}`;
    const gateway = gatewayWith([events(progress(), progress(), anEvent(RESULT))], {
      limits: { ...LIMITS, streamSeconds: 60 },
    });
    expect(await slowly(streamOf(await gateway.ask()), 1500)).toBe(stream);
    expect(gateway.outcomes()).toMatchObject([{ status: 'result', complete: true }]);
  });

  it('is not taken for a server that fell silent', async () => {
    const gateway = gatewayWith([events(...MUCH, anEvent(RESULT))], {
      limits: { ...LIMITS, idleSeconds: 0.2, streamSeconds: 60 },
    });
    expect(await slowly(streamOf(await gateway.ask()), 500)).toBe(`${MUCH.join('')}${anEvent(RESULT)}`);
    expect(gateway.outcomes()).toMatchObject([{ status: 'result', failure: null }]);
  });
});

describe('a client that leaves', () => {
  it('before its stream is read leaves an outcome', async () => {
    const gateway = gatewayWith([{ ...events(progress()), next: 'hang' }]);
    const body = streamOf(await gateway.ask());
    body.destroy();
    await once(body, 'close');
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason: 'client_closed' } }]);
  });

  it('before its stream is piped leaves an outcome, although nothing takes the stream up', async () => {
    const gateway = gatewayWith([{ ...events(progress()), next: 'hang' }]);
    const body = streamOf(await gateway.ask());
    await expect(pipeline(body, clientThatTakes(1).destroy())).rejects.toThrow();
    expect([body.destroyed, gateway.outcomes()]).toEqual([false, []]);
    await endBody(body);
    expect(gateway.outcomes()).toMatchObject([{ failure: { reason: 'client_closed' } }]);
  });

  it.each(['', undefined, null])('is not looked for behind a body that is no stream: %j', async (body) => {
    await expect(endBody(body)).resolves.toBeUndefined();
  });

  it('after all of its stream was read changes nothing', async () => {
    const gateway = gatewayWith([events(anEvent(RESULT))]);
    const reply = await gateway.ask();
    await bytesOf(reply);
    await endBody(reply.body);
    expect(gateway.outcomes()).toMatchObject([{ status: 'result', failure: null }]);
  });

  it('in the middle leaves an outcome, and the upstream is told', async () => {
    const gateway = gatewayWith([{ ...events(progress()), next: 'hang' }]);
    const body = streamOf(await gateway.ask());
    await once(body, 'readable');
    body.destroy();
    await once(body, 'close');
    expect(gateway.outcomes()).toMatchObject([
      { failure: { reason: 'client_closed' }, bytes: String(progress().length) },
    ]);
    expect(gateway.sent[0]?.signal.aborted).toBe(true);
  });

  it('while nothing can be recorded is said where the alarm listens', async () => {
    const gateway = gatewayWith([{ ...events(...MUCH), next: 'hang' }]);
    gateway.failOn = 'call.outcome';
    const body = streamOf(await gateway.ask());
    body.on('error', () => undefined);
    await once(body, 'readable');
    body.destroy();
    await once(body, 'close');
    expect(gateway.said).toEqual([expect.stringMatching(/ended without a recorded outcome$/)]);
  });
});

describe('a fault of the gateway after the intent', () => {
  it('is recorded as one', async () => {
    const gateway = gatewayWith([{ ...json(RESULT), status: Number.NaN }]);
    Object.defineProperty(gateway.sent, 'push', {
      value: () => {
        throw new TypeError('bug');
      },
    });
    const reply = await gateway.ask();
    const { code, status } = failureToWire({ reason: 'gateway_fault' });
    expect(reply.statusCode).toBe(status);
    expect(JSON.parse(String(await bytesOf(reply)))).toMatchObject({ id: 1, error: { code } });
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason: 'gateway_fault' } }]);
    expect(gateway.said).toEqual([expect.stringContaining('met a fault of the gateway')]);
  });

  it('that keeps the outcome from the ledger is said where the alarm listens, and to the client', async () => {
    const gateway = gatewayWith([json(RESULT)]);
    gateway.failOn = 'call.outcome';
    const reply = await gateway.ask();
    expect(String(await bytesOf(reply))).not.toContain('"result"');
    expect(gateway.said.at(-1)).toMatch(/ended without a recorded outcome$/);
  });
});
