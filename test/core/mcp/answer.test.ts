import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { finish } from '../../../lambdas/core/masking/work.ts';
import {
  asAnswer,
  messageFault,
  parseUpstreamMessage,
  readEnvelope,
  shownCode,
} from '../../../lambdas/core/mcp/answer.ts';

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
    expect(answer(body)).toEqual({ id: 1, status, code });
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

describe('messageFault', () => {
  const RESULT = { jsonrpc: '2.0', id: 1, result: {} };
  const ERROR = { jsonrpc: '2.0', id: 1, error: { code: -32000, message: 'm' } };

  it.each([
    ['a result', RESULT],
    ['a result that is null', { ...RESULT, result: null }],
    ['an error', ERROR],
    ['an error that could not read the id', { ...ERROR, id: null }],
    ['an error without id, as MCP allows', { jsonrpc: '2.0', error: { code: -32700, message: 'm' } }],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/progress', params: {} }],
    ['a request to the client, with an id of its own', { jsonrpc: '2.0', id: 99, method: 'sampling/createMessage' }],
  ])('finds none in %s', (_what, message) => {
    expect(messageFault(message, 1)).toBeUndefined();
    expect(messageFault(message, undefined)).toBeUndefined();
  });

  it.each([
    ['no version', { id: 1, result: {} }],
    ['version 1.0', { ...RESULT, jsonrpc: '1.0' }],
    ['a version that is a number', { ...RESULT, jsonrpc: 2 }],
    ['a version spelt otherwise', { JSONRPC: '2.0', id: 1, result: {} }],
    ['neither method nor outcome', { jsonrpc: '2.0', id: 1 }],
    ['an outcome spelt otherwise', { jsonrpc: '2.0', id: 1, Result: {} }],
    ['both outcomes', { ...RESULT, ...ERROR }],
    ['a method and a result', { ...RESULT, method: 'notifications/progress' }],
    ['a method and an error', { ...ERROR, method: 'ping' }],
    ['nothing', {}],
  ])('finds one in a message with %s', (_what, message) => {
    expect(messageFault(message, 1)).toEqual(expect.any(String));
    expect(messageFault(message, undefined)).toEqual(expect.any(String));
  });

  it.each([
    ['another number', { ...RESULT, id: 2 }],
    ['the same number as text', { ...RESULT, id: '1' }],
    ['null, in a result', { ...RESULT, id: null }],
    ['none, in a result', { jsonrpc: '2.0', result: {} }],
    ['another number, in an error', { ...ERROR, id: 2 }],
    ['no id at all', { ...RESULT, id: [1] }],
    ['true', { ...ERROR, id: true }],
  ])('finds an answer to another request by the id %s', (_what, message) => {
    expect(messageFault(message, 1)).toBe('an answer to another request');
    expect(messageFault(message, undefined)).toBeUndefined();
  });

  it('compares ids that are text', () => {
    expect(messageFault({ ...RESULT, id: 'a' }, 'a')).toBeUndefined();
    expect(messageFault({ ...RESULT, id: 'A' }, 'a')).toBe('an answer to another request');
  });
});

describe('shownCode', () => {
  it.each([
    [null, null],
    [-32601, '-32601'],
    [0, '0'],
    [99_999, '99999'],
    [-99_999, '-99999'],
    [100_000, 'other'],
    [-100_000, 'other'],
    [4_111_111_111_111_111, 'other'],
    [1.5, 'other'],
    [1e300, 'other'],
    [Number.NaN, 'other'],
    [Number.NEGATIVE_INFINITY, 'other'],
  ])('shows %d as %j', (code, shown) => {
    expect(shownCode(code)).toBe(shown);
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

describe('readEnvelope', () => {
  const NAMES = ['jsonrpc', 'id', 'method', 'result', 'error', 'isError', 'code', 'other', '__proto__'];
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { maxDepth: 3 },
      fc.constantFrom(
        '"2.0"',
        '"2\\u002e0"',
        '1',
        '1.0',
        '1e0',
        '"a"',
        'null',
        'true',
        '"true"',
        '[]',
        '[{"code":1}]',
        '-32601',
      ),
      tie('object'),
    ),
    // Names come twice, and written with escapes.
    object: fc
      .array(fc.tuple(fc.constantFrom(...NAMES, 'i\\u0064', '\\u0065rror', 'res\\u0075lt'), tie('any')), {
        maxLength: 6,
      })
      .map((members) => `{${members.map(([name, each]) => `"${name}": ${String(each)}`).join(',')}}`),
  }));

  it('says of a message what JSON.parse of all of it says', () => {
    fc.assert(
      fc.property(fc.oneof(value.object, value.any), (text) => {
        const read = finish(readEnvelope(String(text)))?.message;
        const whole = parseUpstreamMessage(String(text));
        expect(read === undefined).toBe(whole === undefined);
        if (read === undefined || whole === undefined) return;
        expect(asAnswer(read)).toEqual(asAnswer(whole));
        for (const id of [1, 'a', undefined]) expect(messageFault(read, id)).toBe(messageFault(whole, id));
        expect('method' in read).toBe('method' in whole);
      }),
      { numRuns: 2000 },
    );
  });

  it.each(['', '[]', '"a"', '{', '{"jsonrpc":"2.0"} x', '{"id":01}', '{"id":"\u0001"}', '{"a":1,}'])(
    'refuses what is not one JSON object: %j',
    (text) => {
      expect(finish(readEnvelope(text))).toBeUndefined();
      expect(parseUpstreamMessage(text)).toBeUndefined();
    },
  );

  it.each([
    ['a result', '{"jsonrpc":"2.0","id":1,"result":{"a":[1]}}', '{"a":[1]}'],
    ['an error, also beside a result', '{"jsonrpc":"2.0","id":1,"error":{"code":1},"result":2}', '{"code":1}'],
    ['the last of two results', '{"jsonrpc":"2.0","id":1,"result":1,"result":2}', '2'],
    ['all of a notification', '{"jsonrpc":"2.0","method":"m"}', '{"jsonrpc":"2.0","method":"m"}'],
  ])('points at %s', (_what, text, body) => {
    const envelope = finish(readEnvelope(text));
    expect(text.slice(envelope?.body.start, envelope?.body.end)).toBe(body);
  });

  it('reads nesting of any depth', () => {
    const deep = `{"jsonrpc":"2.0","id":1,"result":${'['.repeat(100_000)}${']'.repeat(100_000)}}`;
    expect(finish(readEnvelope(deep))?.message).toEqual({ jsonrpc: '2.0', id: 1, result: [] });
  });
});
