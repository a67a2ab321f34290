// The loopback Step Functions through the real SDK client: callbacks, clocks, retries, and a process that ends in between.

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  UpdateStateMachineCommand,
} from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type LocalAws, startLocalAws } from '../../local/aws/server.ts';
import { refusal } from '../contract/contract-case.ts';
import { clientConfig } from '../contract/target.ts';

type Payload = Readonly<Record<string, unknown>>;

const invoke = (parameters: Payload, rest: Payload, resource = 'arn:aws:states:::lambda:invoke') => ({
  Type: 'Task',
  Resource: resource,
  Parameters: { FunctionName: 'notifier', Payload: parameters },
  ...rest,
});
const await_ = (rest: Payload) =>
  invoke({ step: 'await', 'token.$': '$$.Task.Token' }, rest, 'arn:aws:states:::lambda:invoke.waitForTaskToken');

/** Tells somebody, then waits for an answer while a clock runs; whichever is first ends it. */
const MACHINE = {
  StartAt: 'Tell',
  States: {
    Tell: invoke(
      { step: 'tell', 'id.$': '$.id' },
      {
        Retry: [{ ErrorEquals: ['States.TaskFailed'], IntervalSeconds: 1, MaxAttempts: 2 }],
        ResultPath: '$.told',
        Next: 'Wait',
      },
    ),
    Wait: {
      Type: 'Parallel',
      Branches: [
        {
          StartAt: 'Answer',
          States: {
            Answer: await_({ ResultPath: '$.answer', Next: 'Answered' }),
            Answered: { Type: 'Fail', Error: 'Answered' },
          },
        },
        {
          StartAt: 'Clock',
          States: {
            Clock: { Type: 'Wait', TimestampPath: '$.until', Next: 'Late' },
            Late: invoke({ step: 'late' }, { Next: 'TooLate' }),
            TooLate: { Type: 'Fail', Error: 'TooLate' },
          },
        },
      ],
      Catch: [
        { ErrorEquals: ['Answered'], ResultPath: '$.ended', Next: 'Done' },
        { ErrorEquals: ['TooLate'], ResultPath: '$.ended', Next: 'Expired' },
      ],
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
    Expired: { Type: 'Fail', Error: 'Expired', Cause: 'nobody answered' },
  },
};

let dataDir = '';
let server: LocalAws;
let client: SFNClient;
let asked: Payload[] = [];
let fails = 0;

const notifier = (payload: unknown): Promise<unknown> => {
  const { step, token } = payload as { step: string; token?: string };
  asked.push(token === undefined ? { step } : { step, token });
  if (step === 'tell' && fails > 0) {
    fails -= 1;
    return Promise.reject(new Error('mail is down'));
  }
  return Promise.resolve({ step });
};

const open = async (): Promise<void> => {
  server = await startLocalAws({ port: 0, dataDir, functions: new Map([['notifier', notifier]]) });
  client = new SFNClient(clientConfig(server.url));
  server.resumeExecutions();
};
const restart = async (): Promise<void> => {
  client.destroy();
  await server.close();
  await open();
};

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'countersign-'));
  asked = [];
  fails = 0;
  await open();
});
afterEach(async () => {
  client.destroy();
  await server.close();
  await rm(dataDir, { recursive: true });
});

const create = async (definition: object = MACHINE, name = 'approval'): Promise<string> => {
  const made = await client.send(
    new CreateStateMachineCommand({
      name,
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::000000000000:role/x',
    }),
  );
  return made.stateMachineArn ?? '';
};
const start = async (stateMachineArn: string, name: string, inMs = 60_000): Promise<string> => {
  const input = JSON.stringify({ id: name, until: new Date(Date.now() + inMs).toISOString() });
  return (await client.send(new StartExecutionCommand({ stateMachineArn, name, input }))).executionArn ?? '';
};
const describeOf = (executionArn: string) => client.send(new DescribeExecutionCommand({ executionArn }));
const tokenAsked = async (): Promise<string> => {
  for (let tries = 0; tries < 200; tries += 1) {
    const found = asked.findLast(({ token }) => token !== undefined)?.['token'];
    if (typeof found === 'string') return found;
    await setTimeout(20);
  }
  throw new Error('nobody was asked');
};
const ended = async (executionArn: string) => {
  for (let tries = 0; tries < 300; tries += 1) {
    const execution = await describeOf(executionArn);
    if (execution.status !== 'RUNNING') return execution;
    await setTimeout(20);
  }
  throw new Error('the execution goes on');
};
const succeed = (taskToken: string, output: unknown = { state: 'approved' }) =>
  client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(output) }));

describe('an execution', () => {
  it('waits for its callback and carries the answer on', async () => {
    const arn = await start(await create(), 'a');
    const token = await tokenAsked();
    expect((await describeOf(arn)).status).toBe('RUNNING');
    await succeed(token);
    const { status, output = '' } = await ended(arn);
    expect(status).toBe('SUCCEEDED');
    // What the branch learnt is gone with it; that it ended, and how, is not.
    expect(JSON.parse(output)).toMatchObject({ id: 'a', ended: { Error: 'Answered' } });
  });

  it('takes one callback: a second, a late and an invented one are refused', async () => {
    const arn = await start(await create(), 'b');
    const token = await tokenAsked();
    await succeed(token);
    expect(await refusal(succeed(token))).toBe('TaskTimedOut');
    await ended(arn);
    expect(await refusal(succeed(token))).toBe('TaskTimedOut');
    expect(await refusal(succeed('invented'))).toBe('InvalidToken');
    expect(await refusal(client.send(new SendTaskSuccessCommand({ taskToken: token, output: 'no json' })))).toBe(
      'InvalidOutput',
    );
  });

  it('ends by its clock when nobody answers', async () => {
    const arn = await start(await create(), 'c', 300);
    expect(await ended(arn)).toMatchObject({ status: 'FAILED', error: 'Expired', cause: 'nobody answered' });
    expect(asked.map(({ step }) => step)).toEqual(['tell', 'await', 'late']);
  });

  it('fails with the failure of its task', async () => {
    const arn = await start(await create(), 'd');
    await client.send(new SendTaskFailureCommand({ taskToken: await tokenAsked(), error: 'Denied', cause: 'no' }));
    expect(await ended(arn)).toMatchObject({ status: 'FAILED' });
  });

  it('tries a failed step again, as often as the machine says', async () => {
    fails = 1;
    const arn = await start(await create(), 'e');
    await succeed(await tokenAsked());
    expect((await ended(arn)).status).toBe('SUCCEEDED');
    expect(asked.filter(({ step }) => step === 'tell')).toHaveLength(2);
  });

  it('is started once for one name and input, and refused for another input', async () => {
    const machine = await create();
    const input = JSON.stringify({ id: 'f', until: new Date(Date.now() + 60_000).toISOString() });
    const send = (text: string) =>
      client.send(new StartExecutionCommand({ stateMachineArn: machine, name: 'f', input: text }));
    const [first, second] = [await send(input), await send(input)];
    expect(second.executionArn).toBe(first.executionArn);
    expect(await refusal(send('{}'))).toBe('ExecutionAlreadyExists');
    expect(await refusal(send('no json'))).toBe('InvalidExecutionInput');
    await succeed(await tokenAsked());
    await ended(first.executionArn ?? '');
    expect(await refusal(send(input))).toBe('ExecutionAlreadyExists');
    expect(asked.filter(({ step }) => step === 'tell')).toHaveLength(1);
  });

  it('is stopped, and its callback comes to nothing', async () => {
    const arn = await start(await create(), 'g');
    const token = await tokenAsked();
    await client.send(new StopExecutionCommand({ executionArn: arn, error: 'Operator', cause: 'enough' }));
    expect(await describeOf(arn)).toMatchObject({ status: 'ABORTED', error: 'Operator' });
    expect(await refusal(succeed(token))).toBe('TaskTimedOut');
  });
});

describe('a process that ends while an execution waits', () => {
  it('goes on under the same token, without telling anybody twice', async () => {
    const arn = await start(await create(), 'h');
    const token = await tokenAsked();
    await restart();
    await setTimeout(200);
    expect((await describeOf(arn)).status).toBe('RUNNING');
    expect(asked.filter(({ step }) => step === 'tell')).toHaveLength(1);
    await succeed(token);
    expect((await ended(arn)).status).toBe('SUCCEEDED');
  });

  it('takes a callback that came before it went on', async () => {
    const arn = await start(await create(), 'i');
    const token = await tokenAsked();
    client.destroy();
    await server.close();
    server = await startLocalAws({ port: 0, dataDir, functions: new Map([['notifier', notifier]]) });
    client = new SFNClient(clientConfig(server.url));
    await succeed(token);
    server.resumeExecutions();
    expect((await ended(arn)).status).toBe('SUCCEEDED');
  });

  it('lets a clock run out that was due in between', async () => {
    const arn = await start(await create(), 'j', 400);
    await tokenAsked();
    client.destroy();
    await server.close();
    await setTimeout(500);
    await open();
    expect(await ended(arn)).toMatchObject({ status: 'FAILED', error: 'Expired' });
  });
});

describe('a definition', () => {
  it.each([
    ['no JSON', 'nothing'],
    ['no state machine', '{}'],
    ['a state that does not exist', JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' } } })],
    [
      'another service',
      JSON.stringify({
        StartAt: 'A',
        States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', End: true } },
      }),
    ],
    ['two tokens', JSON.stringify({ StartAt: 'A', States: { A: await_({ Next: 'B' }), B: await_({ End: true }) } })],
  ])('is refused for %s', async (_, definition) => {
    const command = new CreateStateMachineCommand({
      name: 'bad',
      definition,
      roleArn: 'arn:aws:iam::000000000000:role/x',
    });
    expect(await refusal(client.send(command))).toBe('InvalidDefinition');
  });

  it('is created once, and changed by an update', async () => {
    const arn = await create();
    expect(await create()).toBe(arn);
    const other = { ...MACHINE, Comment: 'another' };
    expect(await refusal(create(other))).toBe('StateMachineAlreadyExists');
    await client.send(new UpdateStateMachineCommand({ stateMachineArn: arn, definition: JSON.stringify(other) }));
    expect(await create(other)).toBe(arn);
    expect(
      await refusal(client.send(new UpdateStateMachineCommand({ stateMachineArn: `${arn}x`, definition: '{}' }))),
    ).toBe('InvalidDefinition');
    expect(await refusal(start(`${arn}x`, 'k'))).toBe('StateMachineDoesNotExist');
    expect(await refusal(describeOf(`${arn}:k`))).toBe('ExecutionDoesNotExist');
  });
});
