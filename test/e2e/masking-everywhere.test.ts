// A planted secret that comes by a way which is no ordinary answer: broken messages, error pages, what a requester writes
// for approvers. It must not come out at the client, in the entries, in the functions' logs, or in a message to people.

import { DynamoDBClient, paginateScan } from '@aws-sdk/client-dynamodb';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Approvers, eventually, makeApprovers, wire } from '../support/approvers.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { encode, encoding, leaks, secret } from '../support/masking/plant.ts';
import { call, modern, request } from '../support/mcp-call.ts';
import { type SayingUpstream, startSayingUpstream } from '../support/saying-upstream.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const SLOW_MS = 120_000;

let upstream: SayingUpstream;
let stack: TestStack;
let ledger: Ledger;
let approvers: Approvers;
let token: string;
let logged = '';
const restore: (() => void)[] = [];

/** What the functions of this process write for CloudWatch. */
const listen = (stream: NodeJS.WriteStream): void => {
  const write = stream.write;
  stream.write = ((chunk: unknown, ...rest: never[]) => {
    logged += String(chunk);
    return write.call(stream, chunk as string, ...rest);
  }) as typeof stream.write;
  restore.push(() => {
    stream.write = write;
  });
};

beforeAll(async () => {
  upstream = await startSayingUpstream();
  stack = await startTestStack({
    upstreams: { leaky: { url: upstream.url } },
    overlay: { approvals: { holdSeconds: 0 } },
  });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  approvers = makeApprovers(stack);
  token = await stack.tokenOf('ana', 'leaky');
  listen(process.stdout);
  listen(process.stderr);
});
afterAll(async () => {
  for (const undo of restore) undo();
  approvers.close();
  await stack.close();
  await upstream.close();
});
beforeEach(() => {
  logged = '';
});

/** Texts that are no JSON, read as the text of a message. */
const leaksIn = (text: string, planted: string): boolean => leaks(JSON.stringify(text), planted);
const linesOf = async (callId: string | null): Promise<string> =>
  JSON.stringify(
    (await ledger.all()).map(({ entry }) => entry).filter((entry) => 'callId' in entry && entry.callId === callId),
  );

const WAYS: Readonly<
  Record<string, (text: string, id: unknown) => { type?: string; status?: number; body: readonly string[] }>
> = {
  'JSON that breaks off': (text, id) => ({
    body: [JSON.stringify({ jsonrpc: '2.0', id, result: { text } }).slice(0, -2)],
  }),
  'an answer to another request': (text) => ({
    body: [JSON.stringify({ jsonrpc: '2.0', id: text, result: { text } })],
  }),
  'no JSON-RPC': (text) => ({ body: [JSON.stringify({ text })] }),
  'a member twice': (text, id) => ({
    body: [`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"a":1},"result":{"text":${JSON.stringify(text)}}}`],
  }),
  'an error page': (text) => ({ type: 'text/html', status: 502, body: [`<h1>${text}</h1>`] }),
  'plain text that calls itself JSON': (text) => ({ body: [text] }),
  'a 500 with JSON': (text) => ({ status: 500, body: [JSON.stringify({ message: text })] }),
  'a content block of no known type': (text, id) => ({
    body: [JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'hologram', text }] } })],
  }),
  'an event that breaks off': (text) => ({
    type: 'text/event-stream',
    body: [`data: {"jsonrpc":"2.0","method":"notifications/message","params":{"data":${JSON.stringify(text)}`],
  }),
  'an event that is no JSON': (text) => ({ type: 'text/event-stream', body: [`data: ${text}\n\n`] }),
  'names and ids of events': (text, id) => ({
    type: 'text/event-stream',
    body: [
      `: ${text}\nid: ${text}\nevent: ${text}\nretry: ${text}\n${text}: ${text}\ndata: ${JSON.stringify({ jsonrpc: '2.0', id, result: {} })}\n\n`,
    ],
  }),
  'a header of the answer': (text, id) => ({
    type: `application/json; note=${encodeURIComponent(text)}`,
    body: [JSON.stringify({ jsonrpc: '2.0', id, result: {} })],
  }),
};

describe('a planted secret in what is no answer', { timeout: SLOW_MS }, () => {
  it.each(Object.entries(WAYS))('%s: comes out nowhere', async (_, way) => {
    await fc.assert(
      fc.asyncProperty(secret, encoding, async (planted, how) => {
        const text = encode(how, planted);
        upstream.say = (id) => way(text, id) as ReturnType<SayingUpstream['say']>;
        const answer = await call(stack.url('leaky'), { token, body: request('tools/call', { name: 'anything' }) });
        const told = `${answer.text} ${JSON.stringify([...answer.headers])}`;
        expect(leaksIn(told, planted)).toBe(false);
        const entries = await linesOf(answer.headers.get('x-countersign-call'));
        expect(entries).toContain('call.outcome');
        expect(leaks(entries, planted)).toBe(false);
        expect(leaksIn(logged, planted)).toBe(false);
      }),
      { numRuns: 12 },
    );
  });
});

describe('a planted secret in what a requester writes', { timeout: SLOW_MS }, () => {
  const stored = async (): Promise<string> => {
    const client = new DynamoDBClient();
    const items: unknown[] = [];
    for await (const page of paginateScan({ client }, { TableName: stack.resources.approvalsTable }))
      items.push(...(page.Items ?? []));
    client.destroy();
    return JSON.stringify(items);
  };

  it('is told to nobody by mail or Slack, and stands in no table, no entry and no log', async () => {
    const planted: string[] = [];
    await fc.assert(
      fc.asyncProperty(secret, secret, encoding, async (inReason, inArguments, how) => {
        planted.push(inReason, inArguments);
        const args = wire({ approval_reason: `please: ${encode(how, inReason)} waits`, reference: inArguments });
        const answer = await call(stack.url('core-banking'), {
          token: await stack.tokenOf('ana'),
          ...modern('tools/call', { name: 'wire_transfer', arguments: args }),
        });
        const id = /Reference: ([0-9a-f-]{36})/.exec(answer.text)?.[1] ?? '';
        await eventually(async () => (await approvers.outbox()).includes(id));
        expect(leaksIn(answer.text, inReason)).toBe(false);
      }),
      { numRuns: 12 },
    );
    const [outbox, approvals, ledgerItems] = [await approvers.outbox(), await stored(), await ledger.dump()];
    expect(outbox).toContain('please: ');
    for (const value of planted)
      for (const text of [outbox, approvals, ledgerItems, logged]) expect(text.includes(value)).toBe(false);
    for (const value of planted) expect(leaks(outbox, value)).toBe(false);
  });
});
