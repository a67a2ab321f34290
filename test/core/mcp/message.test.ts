import { describe, expect, it } from 'vitest';
import { parseMessage, subjectOf } from '../../../lambdas/core/mcp/message.ts';
import { accepted, refused, verdict } from '../../support/result.ts';

const read = (body: unknown) => parseMessage(JSON.stringify(body));

describe('parseMessage', () => {
  it('reads a request', () => {
    const message = { jsonrpc: '2.0', id: 'a', method: 'tools/call', params: { name: 'x' }, extra: true };
    expect(accepted(read(message))).toEqual({ kind: 'request', id: 'a', method: 'tools/call', params: { name: 'x' } });
  });

  it('reads a request without parameters as one with none', () => {
    expect(accepted(read({ jsonrpc: '2.0', id: 0, method: 'ping' }))).toMatchObject({ id: 0, params: {} });
  });

  it('reads a notification', () => {
    const message = { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId: 1 } };
    expect(accepted(read(message))).toEqual({
      kind: 'notification',
      method: 'notifications/cancelled',
      params: { requestId: 1 },
    });
    expect(accepted(read({ jsonrpc: '2.0', method: 'm' }))).toEqual({ kind: 'notification', method: 'm', params: {} });
  });

  it.each([
    [{ result: {} }, 'result'],
    [{ result: null }, 'result'],
    [{ error: { code: 1, message: 'm' } }, 'error'],
  ])('reads the response %j', (outcome, kind) => {
    const message = { jsonrpc: '2.0', id: 7, ...outcome };
    expect(accepted(read(message))).toEqual({ kind: 'response', id: 7, outcome: kind });
  });

  it('passes on what strict JSON refuses', () => {
    expect(verdict(parseMessage('{'))).toBe('invalid_json');
    expect(verdict(parseMessage('{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}'))).toBe('duplicate_member');
  });

  it('refuses a batch, even of one and even an empty one', () => {
    expect(refused(read([{ jsonrpc: '2.0', id: 1, method: 'ping' }]))).toEqual({ reason: 'batch' });
    expect(refused(read([]))).toEqual({ reason: 'batch' });
  });

  it.each([
    ['text', '"ping"'],
    ['null', 'null'],
    ['a number', '1'],
    ['no version', '{"id":1,"method":"ping"}'],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"ping"}'],
    ['a version that is a number', '{"jsonrpc":2.0,"id":1,"method":"ping"}'],
    ['an empty method', '{"jsonrpc":"2.0","id":1,"method":""}'],
    ['a method that is no text', '{"jsonrpc":"2.0","id":1,"method":1}'],
    ['a method that is null', '{"jsonrpc":"2.0","id":1,"method":null}'],
    ['parameters by position', '{"jsonrpc":"2.0","id":1,"method":"ping","params":[]}'],
    ['parameters that are null', '{"jsonrpc":"2.0","id":1,"method":"ping","params":null}'],
    ['an id of null', '{"jsonrpc":"2.0","id":null,"method":"ping"}'],
    ['a fraction as id', '{"jsonrpc":"2.0","id":1.5,"method":"ping"}'],
    ['an id beyond exact integers', '{"jsonrpc":"2.0","id":9007199254740993,"method":"ping"}'],
    ['neither method nor outcome', '{"jsonrpc":"2.0","id":1}'],
    ['both outcomes', '{"jsonrpc":"2.0","id":1,"result":{},"error":{}}'],
    ['a response without id', '{"jsonrpc":"2.0","result":{}}'],
    ['a response to null', '{"jsonrpc":"2.0","id":null,"error":{}}'],
  ])('refuses %s', (_what, text) => {
    expect(verdict(parseMessage(text))).toBe('invalid_message');
  });

  it('takes the largest exact integer as id', () => {
    expect(accepted(read({ jsonrpc: '2.0', id: Number.MAX_SAFE_INTEGER, method: 'ping' }))).toMatchObject({
      id: 9007199254740991,
    });
  });
});

describe('subjectOf', () => {
  it.each([
    ['tools/call', { name: 's' }],
    ['prompts/get', { name: 's' }],
    ['resources/read', { uri: 's' }],
    ['tasks/get', { taskId: 's' }],
    ['tasks/update', { taskId: 's' }],
    ['tasks/cancel', { taskId: 's' }],
  ])('names what %s acts on', (method, params) => {
    expect(subjectOf(method, params)).toBe('s');
  });

  it.each([
    ['tools/list', { name: 's' }],
    ['tools/call', { uri: 's' }],
    ['tools/call', { name: 1 }],
    ['constructor', { name: 's' }],
    ['__proto__', { name: 's' }],
  ])('names nothing for %s with %j', (method, params) => {
    expect(subjectOf(method, params)).toBeUndefined();
  });
});
