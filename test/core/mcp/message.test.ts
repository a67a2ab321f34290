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

  it.each([
    ['Method', '{"jsonrpc":"2.0","id":1,"method":"ping","Method":"tools/call"}'],
    ['METHOD', '{"jsonrpc":"2.0","id":1,"method":"ping","METHOD":"tools/call"}'],
    ['Method, escaped', '{"jsonrpc":"2.0","id":1,"method":"ping","\\u004dethod":"tools/call"}'],
    ['Method instead of method', '{"jsonrpc":"2.0","id":1,"Method":"tools/call"}'],
    ['PARAMS', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"PARAMS":{"name":"b"}}'],
    ['paramſ', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a"},"paramſ":{"name":"b"}}'],
    ['param\\u017f', '{"jsonrpc":"2.0","id":1,"method":"ping","param\\u017f":{}}'],
    ['reſult', '{"jsonrpc":"2.0","id":1,"method":"ping","reſult":{}}'],
    ['JSONRPC', '{"jsonrpc":"2.0","JSONRPC":"1.0","id":1,"method":"ping"}'],
    ['jſonrpc', '{"jsonrpc":"2.0","jſonrpc":"1.0","id":1,"method":"ping"}'],
    ['ID', '{"jsonrpc":"2.0","id":1,"ID":2,"method":"ping"}'],
    ['ıd', '{"jsonrpc":"2.0","id":1,"ıd":2,"method":"ping"}'],
    ['İd', '{"jsonrpc":"2.0","id":1,"İd":2,"method":"ping"}'],
    ['Result of a response', '{"jsonrpc":"2.0","id":1,"error":{},"Result":{}}'],
    ['Error of a response', '{"jsonrpc":"2.0","id":1,"result":{},"Error":{}}'],
    ['Name', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Name":"b"}}'],
    ['NAME alone', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"NAME":"b"}}'],
    ['Arguments', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","Arguments":{}}}'],
    ['argumentſ', '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"a","argumentſ":{}}}'],
    ['Uri', '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b","Uri":"c:d"}}'],
    ['urı', '{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{"uri":"a:b","urı":"c:d"}}'],
    ['taskid', '{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"a","taskid":"b"}}'],
    ['tasKId with a Kelvin sign', '{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"tas\u212aId":"b"}}'],
    ['_Meta', '{"jsonrpc":"2.0","id":1,"method":"ping","params":{"_Meta":{}}}'],
  ])('refuses another spelling of a member that servers look up: %s', (_what, text) => {
    expect(refused(parseMessage(text))).toMatchObject({
      reason: 'invalid_message',
      detail: expect.stringMatching(/^a member is written as another spelling of "[a-zA-Z_]+"$/),
    });
  });

  it.each([
    ['an unrelated member', { Trace: 1, METHODS: 2, methode: 3, 'para ms': 4, '': 5 }, {}],
    ['an unrelated parameter', {}, { Names: 1, URL: 2, TaskIds: 3, ProgressToken: 4, _metadata: 5, __proto__x: 6 }],
    [
      'any name within the arguments, which are data',
      {},
      { arguments: { Name: 1, NAME: 2, name: 3, Method: 4, PARAMS: 5, paramſ: 6, tasKId: 7, Arguments: { URI: 8 } } },
    ],
    [
      'any name within other data',
      { extra: { Method: 1, method: 2, ID: 3 } },
      { _meta: { Name: 1 }, list: [{ ID: 1 }] },
    ],
  ])('takes %s, spelt in any way', (_what, members, params) => {
    const message = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'a', ...params }, ...members };
    expect(accepted(read(message))).toEqual({
      ...{ kind: 'request', id: 1, method: 'tools/call' },
      params: { name: 'a', ...params },
    });
  });

  it.each([{ result: {} }, { error: { code: 1, message: 'm' } }, { result: null }])(
    'refuses a call that is an answer too: %j',
    (outcome) => {
      const call = { jsonrpc: '2.0', id: 1, method: 'ping' };
      expect(verdict(read({ ...call, ...outcome }))).toBe('invalid_message');
      expect(verdict(read(call))).toBe('accepted');
      expect(verdict(read({ jsonrpc: '2.0', id: 1, ...outcome }))).toBe('accepted');
    },
  );

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
