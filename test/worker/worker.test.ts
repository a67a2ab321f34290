import { Readable } from 'node:stream';
import { describe, expect, it } from 'vitest';
import type { StoredEnd } from '../../lambdas/adapters/dynamo-runs.ts';
import { sealContent, sealingContent } from '../../lambdas/adapters/jwe-sealer.ts';
import { heldKey, heldRequest, openHeld, writeHeldRequest } from '../../lambdas/core/approvals/held-call.ts';
import type { McpRequest } from '../../lambdas/core/mcp/http.ts';
import type { Reply } from '../../lambdas/mcp/exchange.ts';
import { makeWorker } from '../../lambdas/worker/worker.ts';
import { approvalOf } from '../core/approvals/builders.ts';
import { aRequest } from '../support/builders.ts';

const BODY = JSON.stringify({
  jsonrpc: '2.0',
  id: 7,
  method: 'tools/call',
  params: {
    name: 'wire_transfer',
    arguments: { amount: '1.00' },
    _meta: { 'io.modelcontextprotocol/clientCapabilities': { extensions: { 'io.modelcontextprotocol/tasks': {} } } },
  },
});
const ANSWER = '{"jsonrpc":"2.0","id":7,"result":{"content":[],"n":1.0e2}}';
const json = (body: string): Reply => ({ statusCode: 200, headers: { 'content-type': 'application/json' }, body });

const WRAPPED = Buffer.from('wrapped').toString('base64');
const dataKey = () => Buffer.alloc(32, 5);

/** A worker whose column answers with `answer`; one approved request waits for it. */
const workerWith = (answer: () => Promise<Reply>, runs: 'worker' | 'client' = 'worker') => {
  const approval = { ...approvalOf(), state: 'approved', runs } as const;
  const request = aRequest({ headers: { 'mcp-method': 'tools/call', authorization: 'Bearer secret' } });
  const held = sealContent(
    heldKey(WRAPPED, dataKey()),
    writeHeldRequest(heldRequest(request, BODY, { tool: null, reason: null })),
  ).jwe;
  const seen: McpRequest[] = [];
  const ends: StoredEnd[] = [];
  let begun = false;
  const run = makeWorker(
    {
      approvals: {
        find: () =>
          Promise.resolve({ approval, held: { jwe: held, wrapped: WRAPPED }, started: true, told: false, token: 't' }),
      } as never,
      runs: {
        begin: () => {
          const first = !begun;
          begun = true;
          return Promise.resolve(first);
        },
        end: (_id, end) => Promise.resolve(void ends.push(end)),
        find: () => Promise.resolve(undefined),
      },
      heldKeys: {
        generate: () => Promise.resolve({ plaintext: dataKey(), wrapped: WRAPPED }),
        unwrap: () => Promise.resolve(dataKey()),
      },
      seal: sealingContent,
      clock: { now: () => 1000 },
      diagnostics: { error: () => undefined },
    },
    (request_) => {
      seen.push(request_);
      return answer();
    },
  );
  return { run: () => run({ approval: approval.id }, 9000), seen, ends, id: approval.id };
};

const opened = (end: StoredEnd | undefined): string => {
  if (end?.kind !== 'answered') throw new Error(`ended ${end?.kind}`);
  return openHeld(end.sealed, dataKey()).toString('utf8');
};

describe('the worker', () => {
  it('makes the held call as the client would, in its name, and keeps the answer byte for byte', async () => {
    const { run, seen, ends, id } = workerWith(() => Promise.resolve(json(ANSWER)));
    await run();
    expect(seen).toHaveLength(1);
    expect(seen[0]).toMatchObject({ httpMethod: 'POST', run: id, requestId: null, deadlineAt: 9000 });
    expect(seen[0]?.headers).not.toHaveProperty('authorization');
    // Nobody is there to answer what a server asks of a client.
    expect(JSON.parse(seen[0]?.body ?? '').params).toMatchObject({
      arguments: { amount: '1.00' },
      _meta: { 'io.modelcontextprotocol/clientCapabilities': {} },
    });
    expect(opened(ends[0])).toBe(ANSWER);
  });

  it('finds the answer at the end of a stream', async () => {
    const events = `event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress"}\n\ndata: ${ANSWER}\n\n`;
    const headers = { 'content-type': 'text/event-stream' };
    const { run, ends } = workerWith(() =>
      Promise.resolve({ statusCode: 200, headers, body: Readable.from([events]) }),
    );
    await run();
    expect(opened(ends[0])).toBe(ANSWER);
  });

  it('says that it was interrupted when no answer came', async () => {
    const { run, ends } = workerWith(() => Promise.resolve(json('')));
    await run();
    expect(ends).toEqual([{ kind: 'interrupted', at: 1000 }]);
  });

  it('tries nothing again that it began, whoever invokes it twice', async () => {
    const { run, seen, ends } = workerWith(() => Promise.reject(new Error('killed')));
    await expect(run()).rejects.toThrow('killed');
    await run();
    expect(seen).toHaveLength(1);
    expect(ends).toEqual([{ kind: 'interrupted', at: 1000 }]);
  });

  it('makes no call that the client itself will make', async () => {
    const { run, seen } = workerWith(() => Promise.resolve(json(ANSWER)), 'client');
    await expect(run()).rejects.toThrow('is for the worker');
    expect(seen).toEqual([]);
  });
});
