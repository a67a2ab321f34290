// A held call of a client that can ask its user: why, on which page it stands, and whether to go on waiting. The client is
// the official SDK, which answers `input_required` by itself; then what a client could make up.

import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Approvers, makeApprovers, wire } from '../support/approvers.ts';
import { deployedEnvironment } from '../support/deployed-environment.ts';
import { HELD } from '../support/held-policies.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let approvers: Approvers;
let server: Server;
let description = 'Adds a note';
const notes: unknown[] = [];

/** A server of one tool, whose description can change. */
const startNotes = async (): Promise<string> => {
  server = createServer(async (request, response) => {
    const chunks: Uint8Array[] = [];
    for await (const chunk of request) chunks.push(chunk as Uint8Array);
    const { id, method, params } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    const tool = {
      name: 'add',
      description,
      inputSchema: { type: 'object', properties: { note: { type: 'string' } } },
    };
    if (method === 'tools/call') notes.push(params);
    const result =
      method === 'tools/list'
        ? { resultType: 'complete', tools: [tool], ttlMs: 1000, cacheScope: 'private' }
        : { resultType: 'complete', content: [{ type: 'text', text: 'noted' }] };
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  });
  await new Promise<void>((resolve) => server.listen(deployedEnvironment()?.ports.upstream ?? 0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
};

beforeAll(async () => {
  stack = await startTestStack({
    overlay: { approvals: { holdSeconds: 0 } },
    upstreams: { notes: { url: await startNotes() } },
    policies: [HELD.notes],
  });
  approvers = makeApprovers(stack);
});
afterAll(async () => {
  approvers.close();
  server.closeAllConnections();
  server.close();
  await stack.close();
});

type Asked = { readonly mode?: string; readonly message: string; readonly url?: string };

/** The official client, whose user answers with `answer`. */
const connect = async (elicitation: object, answer: (asked: Asked) => object, path = 'core-banking') => {
  const asked: Asked[] = [];
  const client = new Client({ name: 'asking-client', version: '1' }, {
    capabilities: { elicitation },
    versionNegotiation: { mode: 'auto' },
  } as never);
  client.setRequestHandler('elicitation/create', (request) => {
    const params = request.params as unknown as Asked;
    asked.push(params);
    return answer(params) as never;
  });
  const headers = { authorization: `Bearer ${await stack.tokenOf('ana')}` };
  await client.connect(new StreamableHTTPClientTransport(new URL(stack.url(path)), { requestInit: { headers } }));
  return { client, asked };
};

const textOf = (result: unknown): string =>
  (result as { readonly content: readonly { readonly text: string }[] }).content.map(({ text }) => text).join('\n');
const idIn = (text: string): string => /([0-9a-f]{8}-[0-9a-f-]{27})/.exec(text)?.[1] ?? '';

describe('a client that shows forms', () => {
  it('asks its user why, tells the approvers, and asks whether to wait', async () => {
    const { approval_reason: reason, ...args } = wire();
    const { client, asked } = await connect({}, ({ message }) =>
      message.includes('Why is it wanted')
        ? { action: 'accept', content: { reason } }
        : { action: 'accept', content: { choice: 'withdraw' } },
    );
    const result = await client.callTool({ name: 'wire_transfer', arguments: args });
    expect(asked.map(({ message }) => message)).toEqual([
      expect.stringContaining('Why is it wanted'),
      expect.stringContaining('Waits for approval by 2 of payments-approvers'),
    ]);
    expect(textOf(result)).toContain('withdrawn');
    const withdrawn = await approvers.load(idIn(textOf(result)));
    expect(withdrawn).toMatchObject({ state: 'withdrawn', justification: reason });
    expect(approvers.wiresSent(args.reference)).toBe(0);
    await client.close();
  }, 30_000);

  it('asks once: a user who gives no reason gets words, and nobody is asked', async () => {
    const { approval_reason: _none, ...args } = wire();
    const { client, asked } = await connect({}, () => ({ action: 'decline' }));
    const result = await client.callTool({ name: 'wire_transfer', arguments: args });
    expect(asked).toHaveLength(1);
    expect(textOf(result)).toContain('approval_reason');
    await client.close();
  });

  it('gives up asking after eight rounds, and says how to go on', async () => {
    const { client, asked } = await connect({}, () => ({ action: 'accept', content: { choice: 'wait' } }));
    const result = await client.callTool({ name: 'wire_transfer', arguments: wire() });
    expect(asked).toHaveLength(8);
    expect(textOf(result)).toContain('call wire_transfer again');
    await client.close();
  }, 60_000);
});

describe('what a client could make up', () => {
  const order = async (args: object, more: object) => {
    const answer = await call(stack.url('core-banking'), {
      token: await stack.tokenOf('ana'),
      ...modern('tools/call', { name: 'wire_transfer', arguments: args, ...more }),
    });
    return answer.message as { readonly result: object };
  };

  it('is no approval, whatever it claims', async () => {
    const args = wire();
    const inputResponses = { countersign: { action: 'accept', content: { choice: 'approve', approved: true } } };
    const { result } = await order(args, { requestState: 'countersign:wait:1', inputResponses });
    expect(textOf(result)).toContain('NOT run');
    expect(approvers.wiresSent(args.reference)).toBe(0);
  });

  it('is part of the call when it is meant for the server: another answer is another request', async () => {
    const args = wire();
    const [first, second, plain] = [
      await order(args, { requestState: 'server-1', inputResponses: { a: { action: 'accept' } } }),
      await order(args, { requestState: 'server-1', inputResponses: { a: { action: 'decline' } } }),
      await order(args, {}),
    ].map(({ result }) => idIn(textOf(result)));
    expect(new Set([first, second, plain]).size).toBe(3);
  });
});

describe('the definition of the tool', () => {
  const add = async (note: string) => {
    const answer = await call(stack.url('notes'), {
      token: await stack.tokenOf('ana', 'notes'),
      ...modern('tools/call', { name: 'add', arguments: { note } }),
    });
    return textOf((answer.message as { readonly result: object }).result);
  };

  it('is approved with the call: when the server changes it, the approval is void, once said, and asked anew', async () => {
    const id = idIn(await add('first'));
    await approvers.decide(id, 'paul');
    description = 'Adds a note, and sends it to everybody';
    expect(await add('first')).toContain('the definition of the tool have changed');
    expect(notes).toHaveLength(0);
    const next = idIn(await add('first'));
    expect(next).not.toBe(id);
    await approvers.decide(next, 'paul');
    expect(await add('first')).toBe('noted');
    expect(notes).toHaveLength(1);
  });
});
