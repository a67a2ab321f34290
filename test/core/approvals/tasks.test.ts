import { GetTaskResultV2Schema } from '@modelcontextprotocol/ext-tasks/core/v2';
import { describe, expect, it } from 'vitest';
import type { Approval } from '../../../lambdas/core/approvals/approval.ts';
import {
  answerIn,
  askedTask,
  createdTask,
  type RunEnd,
  takesTasks,
  taskResult,
  withoutCapabilities,
} from '../../../lambdas/core/approvals/tasks.ts';
import { approvalOf, NOW } from './builders.ts';

const describeTask = (change: Partial<Approval>, { begun = false, end = null as RunEnd | null } = {}) => {
  const text = taskResult(1, { approval: approvalOf({}, { runs: 'worker', ...change }), begun, end }, 'waits');
  return { text, task: GetTaskResultV2Schema.parse(JSON.parse(text).result) };
};
const answered = (text: string): RunEnd => ({ kind: 'answered', text, at: NOW + 5000 });
const ending = { issuer: 'https://idp', subject: 'paul', name: 'Paul Meyer', reason: 'unknown payee', at: NOW };

describe('a task', () => {
  it.each<[string, Partial<Approval>, { begun?: boolean }, string]>([
    ['while it waits', { state: 'pending' }, {}, 'working'],
    ['while the worker has not begun', { state: 'approved' }, {}, 'working'],
    ['while the worker runs', { state: 'used', uses: 1 }, { begun: true }, 'working'],
    ['when it was withdrawn', { state: 'withdrawn', ending: { ...ending, reason: null } }, {}, 'cancelled'],
    ['when it was denied', { state: 'denied', ending }, {}, 'completed'],
    ['when nobody decided', { state: 'expired' }, {}, 'completed'],
    ['when the client itself made the call', { state: 'used', uses: 1 }, {}, 'completed'],
  ])('%s', (_when, change, run, status) => {
    expect(describeTask(change, run).task.status).toBe(status);
  });

  it('hands on the server’s result byte for byte', () => {
    const { text, task } = describeTask(
      { state: 'used', uses: 1 },
      { begun: true, end: answered('{"jsonrpc":"2.0","id":9,"result":{ "content":[], "n":1.0e2 }}') },
    );
    expect(text).toContain('"result":{ "content":[], "n":1.0e2 }');
    expect(task).toMatchObject({ status: 'completed', lastUpdatedAt: new Date(NOW + 5000).toISOString() });
  });

  it('fails with the server’s own error', () => {
    const { task } = describeTask(
      { state: 'used' },
      { end: answered('{"jsonrpc":"2.0","id":9,"error":{"code":-1,"message":"no"}}') },
    );
    expect(task).toMatchObject({ status: 'failed', error: { code: -1, message: 'no' } });
  });

  it.each([
    [0, 'It did not run'],
    [1, 'not known'],
  ])('that was interrupted after %i uses says so', (uses, words) => {
    const { task } = describeTask({ state: 'approved', uses }, { begun: true, end: { kind: 'interrupted', at: NOW } });
    expect(task).toMatchObject({ status: 'failed', error: { message: expect.stringContaining(words) } });
  });

  it('is asked for by its own id only', () => {
    const { taskId } = JSON.parse(createdTask(1, approvalOf(), 'waits')).result;
    expect(askedTask('tasks/get', { taskId })).toBe(approvalOf().id);
    expect(askedTask('tools/call', { taskId })).toBeUndefined();
    expect(askedTask('tasks/get', { taskId: 'of-the-server' })).toBeUndefined();
  });
});

describe('takesTasks', () => {
  const declared = (capabilities: unknown) => ({
    _meta: { 'io.modelcontextprotocol/clientCapabilities': capabilities },
  });

  it('reads the capabilities of this very request', () => {
    expect(takesTasks(declared({ extensions: { 'io.modelcontextprotocol/tasks': {} } }) as never)).toBe(true);
    for (const other of [{}, { extensions: {} }, { extensions: { 'io.modelcontextprotocol/tasks': true } }, null]) {
      expect(takesTasks(declared(other) as never)).toBe(false);
    }
    expect(takesTasks({})).toBe(false);
  });
});

describe('withoutCapabilities', () => {
  it('changes nothing but what the client can do', () => {
    const body = '{ "params" : {"_meta":{"io.modelcontextprotocol/clientCapabilities":{"a":1}, "x": 1.0}} }';
    expect(withoutCapabilities(body)).toBe(
      '{ "params" : {"_meta":{"io.modelcontextprotocol/clientCapabilities":{}, "x": 1.0}} }',
    );
    expect(withoutCapabilities('{"params":{}}')).toBe('{"params":{}}');
  });
});

describe('answerIn', () => {
  it('takes an answer and nothing else for one', () => {
    const answer = '{"jsonrpc":"2.0","id":1,"result":{}}';
    expect(answerIn('application/json', answer)).toBe(answer);
    expect(answerIn('text/event-stream', `data: {"jsonrpc":"2.0","method":"m"}\n\ndata: ${answer}\r\r`)).toBe(answer);
    expect(answerIn('application/json', '{"jsonrpc":"2.0","method":"m"}')).toBeUndefined();
    expect(answerIn('application/json', '')).toBeUndefined();
  });
});
