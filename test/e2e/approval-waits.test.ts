// A client that is kept for a quick decision, in place of being told to call again. Apart from the other tests of
// approvals, which would wait with it at every held call.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Approvers, makeApprovers, wire } from '../support/approvers.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const HOLD_SECONDS = 1;

let stack: TestStack;
let approvers: Approvers;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { approvals: { holdSeconds: HOLD_SECONDS } } });
  approvers = makeApprovers(stack);
});
afterAll(async () => {
  approvers.close();
  await stack.close();
});

const order = async (args: object) => {
  const asked = modern('tools/call', { name: 'wire_transfer', arguments: args });
  const { message } = await call(stack.url('core-banking'), { token: await stack.tokenOf('ana'), ...asked });
  const text = JSON.stringify(message?.result ?? {});
  return { ran: message?.result?.['isError'] !== true, id: /Reference: ([0-9a-f-]{36})/.exec(text)?.[1] ?? '' };
};
const agree = (id: string) => approvers.decide(id, 'paul').then(() => approvers.decide(id, 'petra'));

describe('a client that shows neither pages nor forms', () => {
  it('is kept while nobody decides, and no longer', async () => {
    const args = wire();
    const started = Date.now();
    expect((await order(args)).ran).toBe(false);
    expect(Date.now() - started).toBeGreaterThanOrEqual(HOLD_SECONDS * 1000);
  });

  it('gets the result of its call, within the call or by the next, when people are quick', async () => {
    const args = wire();
    const { id } = await order(args);
    const [answer] = await Promise.all([order(args), agree(id)]);
    expect((answer.ran ? answer : await order(args)).ran).toBe(true);
    expect(approvers.wiresSent(args.reference)).toBe(1);
  });
});

describe('a client that shows pages', () => {
  type Asked = { readonly mode?: string; readonly url?: string };

  it('gets the page of the request, and its result when people are quick', async () => {
    const args = wire();
    let decided: Promise<void> | undefined;
    const asked: Asked[] = [];
    const client = new Client({ name: 'asking-client', version: '1' }, {
      capabilities: { elicitation: { url: {} } },
      versionNegotiation: { mode: 'auto' },
    } as never);
    client.setRequestHandler('elicitation/create', (request) => {
      const params = request.params as unknown as Asked;
      asked.push(params);
      decided ??= agree(/([0-9a-f]{8}-[0-9a-f-]{27})/.exec(params.url ?? '')?.[1] ?? '');
      return { action: 'accept' } as never;
    });
    const headers = { authorization: `Bearer ${await stack.tokenOf('ana')}` };
    const url = new URL(stack.url('core-banking'));
    await client.connect(new StreamableHTTPClientTransport(url, { requestInit: { headers } }));
    const result = await client.callTool({ name: 'wire_transfer', arguments: args });
    await decided;
    expect(asked[0]).toMatchObject({ mode: 'url', url: expect.stringContaining('/console/approvals/') });
    expect(result.isError ?? false).toBe(false);
    expect(approvers.wiresSent(args.reference)).toBe(1);
    // Neither the state nor the answers of the gateway's questions reach the server.
    const sent = stack.bank.requests().findLast(({ body }) => JSON.stringify(body ?? '').includes(args.reference));
    expect(JSON.stringify(sent)).not.toContain('countersign:');
    await client.close();
  }, 30_000);
});
