import { describe, expect, it } from 'vitest';
import { asAnswer, parseUpstreamMessage } from '../../../lambdas/core/mcp/answer.ts';

const answer = (body: object) => asAnswer({ jsonrpc: '2.0', id: 1, ...body });

describe('asAnswer', () => {
  it.each([
    ['a result', { result: { content: [] } }, 'result', null],
    ['a result that is no object', { result: null }, 'result', null],
    ['a tool error', { result: { isError: true } }, 'tool_error', null],
    ['a result whose isError is not true', { result: { isError: 'true' } }, 'result', null],
    ['an error', { error: { code: -32601, message: 'm' } }, 'rpc_error', -32601],
    ['an error without a code', { error: { message: 'm' } }, 'rpc_error', null],
    ['an error that is no object', { error: 'broken' }, 'rpc_error', null],
    ['an error beside a result', { error: { code: 1 }, result: {} }, 'rpc_error', 1],
  ])('reads %s', (_what, body, status, code) => {
    expect(answer(body)).toEqual({ id: 1, status, code, body: 'error' in body ? body.error : body.result });
  });

  it.each([
    ['text', 'a', 'a'],
    ['null', null, null],
    ['an object', {}, null],
  ])('reads an id that is %s', (_what, id, read) => {
    expect(answer({ id, result: {} })?.id).toBe(read);
  });

  it('does not take a notification or a request of the server for an answer', () => {
    expect(answer({ method: 'notifications/progress', params: {} })).toBeUndefined();
    expect(answer({ method: 'sampling/createMessage', result: {} })).toBeUndefined();
  });

  it('does not take anything else for an answer', () => {
    expect(answer({})).toBeUndefined();
    expect(asAnswer({ id: 1, result: {} })).toBeUndefined();
  });
});

describe('parseUpstreamMessage', () => {
  it('reads one JSON object', () => {
    expect(parseUpstreamMessage(' {"a":1} ')).toEqual({ a: 1 });
  });

  it.each(['', '[]', 'null', '"a"', '1', '{', '{}{}', '<html>'])('reads nothing from %j', (text) => {
    expect(parseUpstreamMessage(text)).toBeUndefined();
  });
});
