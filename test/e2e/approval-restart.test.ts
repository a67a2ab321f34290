// A request that waits while the machine is stopped and started.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { freePorts } from '../../local/ports.ts';
import { type Approvers, makeApprovers, wire } from '../support/approvers.ts';
import { makeKillableGateway } from '../support/killable-gateway.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let dataDir: string;
let stack: TestStack;
let approvers: Approvers;
let start: () => Promise<TestStack>;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-held-'));
  const ports = await freePorts();
  start = () =>
    startTestStack({
      ...{ dataDir, ports, startGateway: makeKillableGateway().start },
      overlay: { approvals: { holdSeconds: 0 } },
    });
  stack = await start();
  approvers = makeApprovers(stack);
});
afterAll(async () => {
  approvers.close();
  await stack.close();
  await rm(dataDir, { recursive: true, force: true });
});

interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
}

const textOf = ({ content }: ToolResult): string => content.map(({ text }) => text).join('\n');
const referenceIn = (text: string): string => /Reference: ([0-9a-f-]{36})/.exec(text)?.[1] ?? '';

describe('a request that waits while everything is stopped and started', () => {
  it('is decided afterwards, and its call runs once', async () => {
    const args = wire();
    // The same client: another one's identical call is another request.
    const token = await stack.tokenOf('ana');
    const order = async () => {
      const { message } = await call(stack.url('core-banking'), {
        token,
        ...modern('tools/call', { name: 'wire_transfer', arguments: args }),
      });
      return (message as { readonly result: unknown }).result as ToolResult;
    };
    const id = referenceIn(textOf(await order()));
    await approvers.decide(id, 'paul');
    approvers.close();
    await stack.close();
    stack = await start();
    approvers = makeApprovers(stack);
    expect((await approvers.load(id)).approvals).toHaveLength(1);
    await approvers.decide(id, 'petra');
    expect((await order()).isError ?? false).toBe(false);
    expect(approvers.wiresSent(args.reference)).toBe(1);
    expect(textOf(await order())).toContain('used already');
    expect(approvers.wiresSent(args.reference)).toBe(1);
  }, 60_000);
});
