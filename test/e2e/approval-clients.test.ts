// Held calls and clients we did not write: one of each era that knows nothing of approvals, and the Inspector; and a
// request that nobody decides.

import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport as TransportV1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runInspector } from '../../local/sign-in/inspector.ts';
import { type Approvers, eventually, makeApprovers, wire } from '../support/approvers.ts';
import { HELD, HELD_SEARCH } from '../support/held-policies.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let approvers: Approvers;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { approvals: { holdSeconds: 0 } }, policies: [HELD.search] });
  approvers = makeApprovers(stack);
});
afterAll(async () => {
  approvers.close();
  await stack.close();
});

interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
}

const textOf = (result: unknown): string => (result as ToolResult).content.map(({ text }) => text).join('\n');
const referenceIn = (text: string): string => /Reference: ([0-9a-f-]{36})/.exec(text)?.[1] ?? '';
const headers = async () => ({ authorization: `Bearer ${await stack.tokenOf('ana')}` });
const url = (): URL => new URL(stack.url('core-banking'));

type CallTool = (args: Record<string, unknown>) => Promise<unknown>;

const viaV1 = async (): Promise<CallTool> => {
  const client = new ClientV1({ name: 'v1', version: '1.0.0' });
  await client.connect(new TransportV1(url(), { requestInit: { headers: await headers() } }) as never);
  return (args) => client.callTool({ name: 'wire_transfer', arguments: args });
};

const viaV2 = async (): Promise<CallTool> => {
  const client = new ClientV2({ name: 'v2', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
  await client.connect(new TransportV2(url(), { requestInit: { headers: await headers() } }));
  return (args) => client.callTool({ name: 'wire_transfer', arguments: args });
};

describe.each([
  ['SDK v1 (2025-11-25)', viaV1],
  ['SDK v2 (2026-07-28)', viaV2],
])('%s', (_name, connect) => {
  it('is told that people must decide, and gets the result of the same call afterwards', async () => {
    const callTool = await connect();
    const args = wire();
    const told = textOf(await callTool(args));
    expect(told).toContain('call wire_transfer again');
    await approvers.decide(referenceIn(told), 'paul');
    await approvers.decide(referenceIn(told), 'petra');
    const done = (await callTool(args)) as ToolResult;
    expect(done.isError ?? false).toBe(false);
    expect(approvers.wiresSent(args.reference)).toBe(1);
  });
});

// In the modern era it asks its user for what the gateway asks, and nobody sits in front of this one.
describe('the Inspector (2025-11-25)', () => {
  it('shows that people must decide, and the result of the same call afterwards', async () => {
    const { authorization } = await headers();
    const args = wire();
    const inspect = async (): Promise<string> => {
      // It reads a value as JSON where it can: an amount is text, and stays so in quotes.
      const values = Object.entries(args).flatMap(([name, value]) => [
        '--tool-arg',
        `${name}=${JSON.stringify(value)}`,
      ]);
      const method = ['--protocol-era', 'legacy', '--method', 'tools/call', '--tool-name', 'wire_transfer'];
      const run = await runInspector({
        serverUrl: stack.url('core-banking'),
        person: 'ana',
        args: ['--header', `Authorization: ${authorization}`, ...method, ...values],
      });
      return `${run.stdout}${run.stderr}`;
    };
    const id = referenceIn(await inspect());
    await approvers.decide(id, 'paul');
    await approvers.decide(id, 'petra');
    expect(await inspect()).toContain(args.reference);
    expect(approvers.wiresSent(args.reference)).toBe(1);
  }, 60_000);
});

describe('a request that nobody decides', () => {
  const search = async (): Promise<string> => {
    const { message } = await call(stack.url('core-banking'), {
      token: await stack.tokenOf('ana'),
      ...modern('tools/call', { name: 'search_customers', arguments: { text: HELD_SEARCH } }),
    });
    return textOf((message as { readonly result: unknown }).result);
  };

  it('runs out, is said once, and may be asked anew', async () => {
    const first = referenceIn(await search());
    await eventually(async () => (await approvers.load(first)).state === 'expired');
    await expect(approvers.decide(first, 'paul')).rejects.toThrow(/409|403/);
    expect(await search()).toContain('nobody decided in time');
    expect(referenceIn(await search())).not.toBe(first);
  });
});
