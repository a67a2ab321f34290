// JSON answers: what is handed on is what was recorded, and what is no answer is not handed on.

import { describe, expect, it } from 'vitest';
import { aMessage } from '../../support/builders.ts';
import { type Answer, aGet, bytesOf, codeOf, gatewayWith, json, RESULT } from './gateway-under-test.ts';

const ERROR = { jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no such tool' } };
const NOT_RPC = { message: 'Internal server error' };

const typed = (type: string | undefined, body: string, status = 200): Answer => ({
  ...{ status, chunks: body === '' ? [] : [body] },
  headers: type === undefined ? {} : { 'content-type': type },
});

describe('a JSON answer', () => {
  it.each([
    ['a result', 200, RESULT, 'result', null],
    ['an error', 200, ERROR, 'rpc_error', '-32601'],
    ['an error that could not read the id', 200, { ...ERROR, id: null }, 'rpc_error', '-32601'],
    ['an error without id', 200, { jsonrpc: '2.0', error: ERROR.error }, 'rpc_error', '-32601'],
    ['an error with a strange code', 200, { ...ERROR, error: { code: 4_111_111_111_111_111 } }, 'rpc_error', 'other'],
    ['an error with a fraction as code', 200, { ...ERROR, error: { code: 1.5 } }, 'rpc_error', 'other'],
    ['an error with text as code', 200, { ...ERROR, error: { code: '4111111111111111' } }, 'rpc_error', null],
    ['a JSON-RPC error with status 400', 400, ERROR, 'rpc_error', '-32601'],
    ['a JSON-RPC error with status 404', 404, { ...ERROR, id: null }, 'rpc_error', '-32601'],
    ['a JSON-RPC error with status 500', 500, ERROR, 'rpc_error', '-32601'],
    ['other JSON with status 404', 404, NOT_RPC, 'rpc_error', null],
    ['other JSON with status 400', 400, { result: {} }, 'rpc_error', null],
  ])('passes unchanged when it is %s', async (_what, status, body, recorded, rpcCode) => {
    const text = JSON.stringify(body, null, 2);
    const gateway = gatewayWith([json(text, status)]);
    const reply = await gateway.ask();
    expect(reply).toMatchObject({ statusCode: status, headers: { 'content-type': 'application/json' } });
    expect(String(await bytesOf(reply))).toBe(text);
    expect(String(gateway.recorded())).toBe(text);
    expect(gateway.outcomes()).toMatchObject([
      { status: recorded, http: String(status), sent: String(status), rpcCode, failure: null, complete: true },
    ]);
  });

  it.each([
    ['a result of another request', { ...RESULT, id: 2 }],
    ['a result with the id as text', { ...RESULT, id: '1' }],
    ['a result to nobody', { ...RESULT, id: null }],
    ['an error of another request', { ...ERROR, id: 2 }],
    ['a result without version', { id: 1, result: {} }],
    ['a result of version 1.0', { ...RESULT, jsonrpc: '1.0' }],
    ['a result spelt otherwise', { jsonrpc: '2.0', id: 1, Result: {} }],
    ['a result and an error', { ...RESULT, ...ERROR }],
    ['a call and a result', { ...RESULT, method: 'ping' }],
    ['a notification', { jsonrpc: '2.0', method: 'notifications/progress' }],
    ['a request to the client', { jsonrpc: '2.0', id: 1, method: 'sampling/createMessage' }],
    ['other JSON', NOT_RPC],
    ['a batch', [RESULT]],
    ['not JSON', 'SECRET'],
    ['preceded by a byte order mark', `\ufeff${JSON.stringify(RESULT)}`],
    ['not UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"text":"\xff"}}', 'latin1')],
    ['a lone half in UTF-8', Buffer.from('{"jsonrpc":"2.0","id":1,"result":{"text":"\xed\xa0\xbd"}}', 'latin1')],
  ])('is withheld as garbage when it is %s', async (_what, body) => {
    const gateway = gatewayWith([json(body)]);
    const reply = await gateway.ask();
    expect([reply.statusCode, await codeOf(reply)]).toEqual([502, -31519]);
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason: 'garbage' }, content: null }]);
  });

  it.each([
    [500, NOT_RPC],
    [502, NOT_RPC],
    [503, 'not JSON'],
    [500, { ...RESULT, id: 2 }],
    [500, { jsonrpc: '2.0', id: 1, method: 'ping' }],
    [500, [ERROR]],
    [500, ''],
  ])('of status %i that is no JSON-RPC answer is a server error: %j', async (status, body) => {
    const gateway = gatewayWith([json(body, status)]);
    const reply = await gateway.ask();
    expect([reply.statusCode, await codeOf(reply)]).toEqual([502, -31518]);
    expect(gateway.outcomes()).toMatchObject([
      { status: 'failed', http: String(status), failure: { reason: 'server_error', status } },
    ]);
  });

  it('of status 404 that is not JSON at all is withheld', async () => {
    expect(await codeOf(await gatewayWith([json('<h1>internal-host-7', 404)]).ask())).toBe(-31519);
  });

  it.each(['utf-7', 'utf-16', 'iso-8859-1', '"utf-8"'])(
    'says its type in the gateway’s words, so that charset=%s makes no other text of it',
    async (charset) => {
      const reply = await gatewayWith([typed(`application/json; charset=${charset}`, JSON.stringify(RESULT))]).ask();
      expect(reply.headers['content-type']).toBe('application/json');
    },
  );
});

describe('a successful answer that names no type', () => {
  it.each([undefined, '', ' ; charset=utf-8'])('is JSON, and said to be: %j', async (type) => {
    const gateway = gatewayWith([typed(type, JSON.stringify(RESULT))]);
    const reply = await gateway.ask();
    expect([reply.statusCode, reply.headers['content-type']]).toEqual([200, 'application/json']);
    expect(JSON.parse(String(await bytesOf(reply)))).toEqual(RESULT);
    expect(gateway.outcomes()).toMatchObject([{ status: 'result' }]);
  });

  it.each([undefined, ''])('is garbage when it is text: %j', async (type) => {
    const gateway = gatewayWith([typed(type, 'It works!')]);
    expect(await codeOf(await gateway.ask())).toBe(-31519);
    expect(gateway.outcomes()).toMatchObject([{ failure: { reason: 'garbage' } }]);
  });

  it('is an acknowledgement when it is empty', async () => {
    const gateway = gatewayWith([typed(undefined, '')]);
    const note = aMessage('notifications/initialized').replace('"id":1,', '');
    expect(await gateway.ask({ body: note })).toMatchObject({ statusCode: 200, body: '' });
    expect(gateway.outcomes()).toMatchObject([{ status: 'accepted', complete: true }]);
  });
});

describe('JSON in answer to what is no request', () => {
  it('passes, and is recorded', async () => {
    const gateway = gatewayWith([json(NOT_RPC)]);
    expect(JSON.parse(String(await bytesOf(await gateway.ask(aGet))))).toEqual(NOT_RPC);
    expect(gateway.outcomes()).toMatchObject([{ status: 'accepted', complete: true }]);
    expect(String(gateway.recorded())).toBe(JSON.stringify(NOT_RPC));
  });
});
