// Event streams: what passes, what is withheld, and what each end of a stream leaves in the ledger.

import { describe, expect, it } from 'vitest';
import { aMessage } from '../../support/builders.ts';
import {
  type Answer,
  aGet,
  anEvent,
  bytesOf,
  codeOf,
  events,
  gatewayWith,
  progress,
  RESULT,
} from './gateway-under-test.ts';

const LIMITS = { responseBytes: 100_000, headersSeconds: 1, idleSeconds: 0.1, streamSeconds: 5 };
const ERROR = { jsonrpc: '2.0', id: 1, error: { code: -32601, message: 'no such tool' } };

describe('an event stream in answer to a request', () => {
  it.each([
    ['a result', RESULT, 'result', null],
    ['an error', ERROR, 'rpc_error', '-32601'],
    ['an error without a readable id', { ...ERROR, id: null }, 'rpc_error', '-32601'],
    ['an error with a strange code', { ...ERROR, error: { code: -4_111_111_111_111_111 } }, 'rpc_error', 'other'],
  ])('passes %s and what came before it, byte for byte', async (_what, answer, status, rpcCode) => {
    const request = anEvent({ jsonrpc: '2.0', id: 99, method: 'sampling/createMessage', params: {} });
    const stream = `: hello\n\n${progress()}${request}${anEvent(answer)}`;
    const gateway = gatewayWith([events(stream.slice(0, 50), stream.slice(50))]);
    expect(String(await bytesOf(await gateway.ask()))).toBe(stream);
    expect(String(gateway.recorded())).toBe(stream);
    expect(gateway.outcomes()).toMatchObject([{ status, rpcCode, failure: null, complete: true }]);
  });

  it.each([
    ['without version', { id: 1, result: { text: 'SECRET' } }],
    ['of version 1.0', { ...RESULT, jsonrpc: '1.0' }],
    ['of a version that is a number', { ...RESULT, jsonrpc: 2 }],
    ['with its result spelt otherwise', { jsonrpc: '2.0', id: 1, Result: { text: 'SECRET' } }],
    ['that is a notification with a result', { ...RESULT, method: 'notifications/progress' }],
    ['with both outcomes', { ...RESULT, ...ERROR }],
    ['that answers another request', { ...RESULT, id: 2 }],
    ['that answers with the id as text', { ...RESULT, id: '1' }],
    ['with a result to nobody', { ...RESULT, id: null }],
    ['that is an error of another request', { ...ERROR, id: 2 }],
    ['that is a batch', [RESULT]],
  ])('withholds a message %s', async (_what, message) => {
    const gateway = gatewayWith([events(progress(), anEvent(message), anEvent(RESULT))]);
    const text = String(await bytesOf(await gateway.ask()));
    expect(text.startsWith(progress())).toBe(true);
    expect(JSON.parse(text.slice(text.lastIndexOf('data: ') + 6))).toMatchObject({ id: 1, error: { code: -31519 } });
    expect(text).not.toContain('SECRET');
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason: 'garbage' } }]);
    expect(String(gateway.recorded())).toBe(progress());
  });

  it.each([
    ['CR', '\r\r'],
    ['LF', '\n\n'],
    ['CRLF', '\r\n\r\n'],
    ['LF CR', '\n\r'],
  ])('takes an answer whose event is closed by %s at the very end', async (_name, ends) => {
    const stream = `data: ${JSON.stringify(RESULT)}${ends}`;
    const gateway = gatewayWith([events(...stream)]);
    expect(String(await bytesOf(await gateway.ask()))).toBe(stream);
    expect(gateway.outcomes()).toMatchObject([{ status: 'result', complete: true }]);
  });

  it.each(['', '\r', '\n', '\r\n'])('does not take an answer whose event ends in %j for whole', async (ends) => {
    const gateway = gatewayWith([events(`data: ${JSON.stringify(RESULT)}${ends}`)]);
    expect(await codeOf(await gateway.ask())).toBe(-31521);
    expect(gateway.outcomes()).toMatchObject([{ failure: { reason: 'broken_off' } }]);
  });
});

describe('an event stream that ends without the answer', () => {
  const resumable = (next: NonNullable<Answer['next']>): Answer => ({ ...events(anEvent(progressMessage, '7')), next });
  const plain = (next: NonNullable<Answer['next']>): Answer => ({ ...events(anEvent(progressMessage)), next });
  const progressMessage = { jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1 } };
  const cases = [
    ['breaks off', 'break', 'broken_off', -31521, LIMITS],
    ['falls silent', 'hang', 'idle_timeout', -31514, LIMITS],
    ['reaches its limit', 'hang', 'stream_limit', -31515, { ...LIMITS, idleSeconds: 5, streamSeconds: 0.1 }],
  ] as const;

  it.each(cases)('tells the client when it %s, since it could not know', async (_w, next, reason, code, limits) => {
    const gateway = gatewayWith([plain(next)], { limits });
    expect(await codeOf(await gateway.ask())).toBe(code);
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason }, complete: false }]);
  });

  it.each(cases)('says nothing when it %s and can be resumed', async (_what, next, reason, _code, limits) => {
    const gateway = gatewayWith([resumable(next)], { limits });
    expect(String(await bytesOf(await gateway.ask()))).toBe(anEvent(progressMessage, '7'));
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason }, complete: false }]);
    expect(String(gateway.recorded())).toBe(anEvent(progressMessage, '7'));
  });

  it('is fine when it ends and can be resumed, and broken when it cannot', async () => {
    const [ending, broken] = [gatewayWith([resumable('end')]), gatewayWith([plain('end')])];
    expect(String(await bytesOf(await ending.ask()))).toBe(anEvent(progressMessage, '7'));
    expect(ending.outcomes()).toMatchObject([{ status: 'stream', failure: null }]);
    expect(await codeOf(await broken.ask())).toBe(-31521);
  });

  it('tells the client of garbage even when it can be resumed: it would only come again', async () => {
    const gateway = gatewayWith([events(anEvent(progressMessage, '7'), 'data: garbage\n\n')]);
    expect(await codeOf(await gateway.ask())).toBe(-31519);
  });
});

describe('a standing stream', () => {
  it('that falls silent ends as a stream', async () => {
    const gateway = gatewayWith([{ ...events(progress()), next: 'hang' }], { limits: LIMITS });
    expect(String(await bytesOf(await gateway.ask(aGet)))).toBe(progress());
    expect(gateway.outcomes()).toMatchObject([{ status: 'stream', failure: { reason: 'idle_timeout' } }]);
  });

  it('that was quiet from its beginning ends as a stream', async () => {
    const gateway = gatewayWith([{ ...events(), next: 'hang' }], { limits: LIMITS });
    expect(String(await bytesOf(await gateway.ask(aGet)))).toBe('');
    expect(gateway.outcomes()).toMatchObject([{ status: 'stream', content: null }]);
  });

  it('that breaks off has failed', async () => {
    const gateway = gatewayWith([{ ...events(progress()), next: 'break' }]);
    expect(String(await bytesOf(await gateway.ask(aGet)))).toBe(progress());
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason: 'broken_off' } }]);
  });

  it('may carry answers of other requests, but only sound ones', async () => {
    const other = anEvent({ ...RESULT, id: 'of another POST' });
    const gateway = gatewayWith([events(other, anEvent({ id: 2, result: { text: 'SECRET' } }))]);
    expect(String(await bytesOf(await gateway.ask(aGet)))).toBe(other);
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed', failure: { reason: 'garbage' } }]);
  });

  it('that falls silent on a request is a failure', async () => {
    const gateway = gatewayWith([{ ...events(), next: 'hang' }], { limits: LIMITS });
    expect(await codeOf(await gateway.ask({ body: aMessage('tools/call', { name: 'a' }) }))).toBe(-31514);
    expect(gateway.outcomes()).toMatchObject([{ status: 'failed' }]);
  });
});
