// A held call as a task: the client takes a handle, people decide, the worker makes the call, and the client fetches the
// answer. Once with the official client of the extension, then message by message.

import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { createTaskSessionFromClient, resultFromTaskOutcome } from '@modelcontextprotocol/ext-tasks/client';
import { CreateTaskResultV2Schema, GetTaskResultV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Approvers, eventually, makeApprovers, wire } from '../support/approvers.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let approvers: Approvers;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { approvals: { holdSeconds: 0 } } });
  approvers = makeApprovers(stack);
});
afterAll(async () => {
  approvers.close();
  await stack.close();
});

const TASKS = 'io.modelcontextprotocol/tasks';
const VERSION = '2026-07-28';

interface Answer {
  // biome-ignore lint/suspicious/noExplicitAny: whatever the gateway says, read by assertions
  readonly message: any;
}

interface RawRequest {
  readonly method: string;
  readonly params: { readonly name?: string; readonly taskId?: string };
}

const post = async (request: RawRequest, token: string): Promise<Answer['message']> => {
  const { method, params } = request;
  const response = await fetch(stack.url('core-banking'), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': VERSION,
      'mcp-method': method,
      'mcp-name': params.name ?? params.taskId ?? '',
    },
    body: JSON.stringify(request),
  });
  const text = await response.text();
  return JSON.parse(/data: (.*)\n/.exec(text)?.[1] ?? text);
};

const send = async (
  method: string,
  params: RawRequest['params'] & Record<string, unknown>,
  { person = 'ana', capabilities = { extensions: { [TASKS]: {} } } as object } = {},
): Promise<Answer> => {
  const _meta = {
    'io.modelcontextprotocol/protocolVersion': VERSION,
    'io.modelcontextprotocol/clientCapabilities': capabilities,
  };
  const request = { jsonrpc: '2.0', id: 1, method, params: { ...params, _meta } };
  return { message: await post(request, await stack.tokenOf(person)) };
};

const order = (args: object) => send('tools/call', { name: 'wire_transfer', arguments: args });
const get = (taskId: string, options = {}) => send('tasks/get', { taskId }, options);
const approvalOf = (taskId: string): string => taskId.replace(/^countersign-/, '');
const ask = async (args: object): Promise<string> => {
  const { result } = (await order(args)).message;
  return CreateTaskResultV2Schema.parse(result).taskId;
};
const ended = async (taskId: string) => {
  let task = GetTaskResultV2Schema.parse((await get(taskId)).message.result);
  await eventually(async () => {
    task = GetTaskResultV2Schema.parse((await get(taskId)).message.result);
    return task.status !== 'working';
  });
  return task;
};
const approve = async (taskId: string): Promise<void> => {
  await approvers.decide(approvalOf(taskId), 'paul');
  await approvers.decide(approvalOf(taskId), 'petra');
};

describe('a held call of a client that takes tasks', () => {
  it('is a task at once, and runs once when people have agreed, without the client', async () => {
    const args = wire();
    const taskId = await ask(args);
    expect((await get(taskId)).message.result).toMatchObject({
      resultType: 'complete',
      status: 'working',
      statusMessage: expect.stringContaining('2 of payments-approvers'),
    });
    expect(approvers.wiresSent(args.reference)).toBe(0);
    await approve(taskId);
    const task = await ended(taskId);
    expect(task.status).toBe('completed');
    if (task.status !== 'completed') throw new Error('unreachable');
    expect(task.result).toMatchObject({ content: [{ type: 'text' }] });
    expect(JSON.stringify(task.result)).toContain(args.reference);
    expect(approvers.wiresSent(args.reference)).toBe(1);
    // The answer can be fetched again; nothing runs again.
    expect((await ended(taskId)).status).toBe('completed');
    expect(approvers.wiresSent(args.reference)).toBe(1);
  });

  it('ends with who denied it and why', async () => {
    const taskId = await ask(wire());
    await approvers.decide(approvalOf(taskId), 'paul', 'deny', 'the payee is unknown');
    const task = await ended(taskId);
    expect(task).toMatchObject({ status: 'completed', result: { isError: true } });
    expect(JSON.stringify(task)).toContain('DENIED by Paul Meyer');
  });

  it('leaves no state machine waiting once it has ended, by a denial or by its call', async () => {
    const [denied, run, undecided] = [await ask(wire()), await ask(wire()), await ask(wire())];
    await eventually(async () => (await approvers.waitOf(approvalOf(undecided))) === 'RUNNING');
    await approvers.decide(approvalOf(denied), 'paul', 'deny', 'the payee is unknown');
    await approve(run);
    for (const taskId of [denied, run]) {
      await eventually(async () => (await approvers.waitOf(approvalOf(taskId))) === 'SUCCEEDED');
    }
    expect(await approvers.waitOf(approvalOf(undecided))).toBe('RUNNING');
  });

  it('is withdrawn by tasks/cancel, and then nobody can approve it', async () => {
    const args = wire();
    const taskId = await ask(args);
    expect((await send('tasks/cancel', { taskId })).message.result).toEqual({ resultType: 'complete' });
    expect((await ended(taskId)).status).toBe('cancelled');
    await expect(approvers.decide(approvalOf(taskId), 'paul')).rejects.toThrow(/409|403/);
    expect(approvers.wiresSent(args.reference)).toBe(0);
  });

  it('is cancelled too late without harm', async () => {
    const args = wire();
    const taskId = await ask(args);
    await approve(taskId);
    await ended(taskId);
    expect((await send('tasks/cancel', { taskId })).message.result).toEqual({ resultType: 'complete' });
    expect((await ended(taskId)).status).toBe('completed');
  });

  it("is nobody else's, and nothing that was made up", async () => {
    const taskId = await ask(wire());
    for (const answer of [
      await get(taskId, { person: 'erin' }),
      await get('countersign-01a20327-0000-7000-8000-000000000001'),
    ]) {
      expect(answer.message.error ?? answer.message).toMatchObject({ code: expect.any(Number) });
      expect(JSON.stringify(answer.message)).not.toContain('wire_transfer');
    }
    expect((await get('countersign-01a20327-0000-7000-8000-000000000001')).message.error.code).toBe(-32602);
    expect((await get(taskId, { capabilities: {} })).message.error.code).toBe(-32021);
    expect((await send('tasks/update', { taskId, inputResponses: {} })).message.error.code).toBe(-32602);
  });

  it('is the same task for an identical call, and another for another', async () => {
    const args = wire();
    const taskId = await ask(args);
    expect(await ask(args)).toBe(taskId);
    expect(await ask({ ...args, amount: '250.01' })).not.toBe(taskId);
  });

  it('is no task for a client that does not take any', async () => {
    const { message } = await send('tools/call', { name: 'wire_transfer', arguments: wire() }, { capabilities: {} });
    expect(message.result).toMatchObject({ isError: true, resultType: 'complete' });
  });
});

describe('the official client of the extension', () => {
  it('waits for people and gets the answer of the bank', async () => {
    const token = await stack.tokenOf('ana');
    const transport = new StreamableHTTPClientTransport(new URL(stack.url('core-banking')), {
      requestInit: { headers: { authorization: `Bearer ${token}` } },
    });
    const clientInfo = { name: 'task-client', version: '1' };
    const capabilities = { extensions: { [TASKS]: {} } };
    const client = new Client(clientInfo, { capabilities, versionNegotiation: { mode: 'auto' } });
    await client.connect(transport);
    const session = createTaskSessionFromClient(client, {
      endpointId: 'countersign',
      v2RequestFraming: { protocolVersion: VERSION, clientInfo, clientCapabilities: capabilities },
      rawDispatch: async (request) => {
        const { result, error } = await post(
          { jsonrpc: '2.0', id: 1, ...(request as unknown as RawRequest) } as RawRequest,
          token,
        );
        return error === undefined ? { kind: 'result', result } : { kind: 'error', error };
      },
    });
    const args = wire();
    const execution = await session.callTool('wire_transfer', args);
    const settled = execution.settle();
    const { taskId } = execution.handle ?? {};
    if (taskId === undefined) throw new Error('the call was no task');
    await approve(taskId);
    const { outcome } = await settled;
    expect(JSON.stringify(resultFromTaskOutcome(outcome))).toContain(args.reference);
    expect(approvers.wiresSent(args.reference)).toBe(1);
    await session.close();
    await client.close();
  }, 20_000);
});
