// Every way an upstream can fail: a distinct answer for the client, and an entry that says what happened.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambdas/core/ledger/entry.ts';
import { call, initialize, modern, request } from '../support/mcp-call.ts';
import { type MisbehavingStack, startMisbehavingStack } from '../support/misbehaving-stack.ts';
import type { Misbehaviour } from '../support/misbehaving-upstream.ts';

let { upstream, stack, ledger, token, close } = {} as MisbehavingStack;

beforeAll(async () => {
  ({ upstream, stack, ledger, token, close } = await startMisbehavingStack());
});
afterAll(() => close());

const ask = (server: string) => call(stack.url(server), { token, ...modern('tools/list', {}, 7) });

const outcomeOf = async (callId: string | null): Promise<Outcome['result'] | undefined> => {
  const entries = (await ledger.all()).map(({ entry }) => entry);
  const outcome = entries.find((entry) => entry.type === 'call.outcome' && entry.callId === callId);
  return outcome?.type === 'call.outcome' ? outcome.result : undefined;
};

describe('an upstream that fails before its answer', () => {
  const cases: readonly [string, number, number, string][] = [
    ['down', 502, -31512, 'unreachable'],
    ['silent', 504, -31513, 'headers_timeout'],
    ['refuses', 502, -31516, 'auth_refused'],
    ['redirects', 502, -31517, 'redirect'],
    ['server-error', 502, -31518, 'server_error'],
    ['garbage', 502, -31519, 'garbage'],
    ['html', 502, -31519, 'garbage'],
    ['too-large', 502, -31520, 'response_too_large'],
    ['breaks-json', 502, -31521, 'broken_off'],
    ['unsecreted', 502, -31511, 'credential_unavailable'],
    ['refuses-truncated', 502, -31516, 'auth_refused'],
    ['refuses-stalled', 502, -31516, 'auth_refused'],
    ['json-500', 502, -31518, 'server_error'],
  ];
  it.each(cases)(
    '%s: the client gets status %i and code %i, the ledger says %s',
    async (server, status, code, reason) => {
      const answer = await ask(server);
      expect([answer.status, answer.message?.error?.code, answer.message?.id]).toEqual([status, code, 7]);
      expect(await outcomeOf(answer.headers.get('x-countersign-call'))).toMatchObject({
        status: 'failed',
        failure: { reason },
        complete: false,
        sent: String(status),
      });
      expect(answer.text).not.toMatch(/SECRET-IN-GARBAGE|internal-host/);
      expect(answer.headers.get('www-authenticate')).toBeNull();
    },
  );

  it('is asked a second time only with a credential read afresh, after it refused the first', () => {
    for (const way of ['refuses', 'refuses-truncated', 'refuses-stalled'] as const)
      expect(upstream.seen(way)).toHaveLength(2);
    for (const way of ['server-error', 'json-500'] as const) expect(upstream.seen(way)).toHaveLength(1);
  });

  it.each(['refuses-truncated', 'refuses-stalled'])(
    'does not hold the call up with its refusal: %s',
    async (server) => {
      const begun = performance.now();
      expect((await ask(server)).status).toBe(502);
      expect(performance.now() - begun).toBeLessThan(2000);
    },
  );
});

describe('an upstream that fails within a stream', () => {
  const cases: readonly [string, number, string][] = [
    ['garbage-event', -31519, 'garbage'],
    ['silent-body', -31514, 'idle_timeout'],
    ['breaks-stream', -31521, 'broken_off'],
    ['no-answer-stream', -31521, 'broken_off'],
    ['too-large-stream', -31520, 'response_too_large'],
  ];
  it.each(cases)('%s: the stream ends with error %i, the ledger says %s', async (server, code, reason) => {
    const answer = await ask(server);
    expect([answer.status, answer.message?.error?.code, answer.message?.id]).toEqual([200, code, 7]);
    expect(await outcomeOf(answer.headers.get('x-countersign-call'))).toMatchObject({
      status: 'failed',
      failure: { reason },
    });
  });
});

describe('what crosses', () => {
  it('an error page nobody can inspect does not, its status does', async () => {
    const answer = await ask('html-404');
    expect([answer.status, answer.text]).toEqual([404, '']);
    expect(await outcomeOf(answer.headers.get('x-countersign-call'))).toMatchObject({ http: '404', complete: false });
  });

  it('JSON of an error that is no JSON-RPC does, and is no result', async () => {
    const answer = await ask('json-404');
    expect([answer.status, answer.text]).toEqual([404, '{"detail":"Not Found"}']);
    const outcome = await outcomeOf(answer.headers.get('x-countersign-call'));
    expect(outcome).toMatchObject({ status: 'rpc_error', http: '404', complete: true });
  });

  it('a stream that can be resumed ends without an error of the gateway', async () => {
    const answer = await ask('resumable-breaks');
    expect([answer.status, answer.text.includes('"error"'), answer.text.includes('id: 7')]).toEqual([200, false, true]);
    expect(await outcomeOf(answer.headers.get('x-countersign-call'))).toMatchObject({
      status: 'failed',
      failure: { reason: 'broken_off' },
    });
  });

  it('a quiet standing stream ends as a stream', async () => {
    const answer = await call(stack.url('quiet'), { token, method: 'GET' });
    expect([answer.status, answer.text]).toEqual([200, '']);
    expect(await outcomeOf(answer.headers.get('x-countersign-call'))).toMatchObject({
      status: 'stream',
      failure: { reason: 'idle_timeout' },
    });
  });

  it('no header of the upstream but the few that MCP needs', async () => {
    const answer = await ask('sets-cookie');
    expect(answer.status).toBe(200);
    for (const name of ['set-cookie', 'x-internal', 'mcp-session-id']) expect(answer.headers.get(name)).toBeNull();
  });

  it('no header of the client but the few that MCP needs', async () => {
    const listing = modern('tools/list');
    const smuggled = {
      cookie: 'a=b',
      'x-forwarded-for': '1.2.3.4',
      'proxy-authorization': 'Basic x',
      'mcp-session-id': 'mine',
    };
    const answer = await call(stack.url('echo'), {
      token,
      body: listing.body,
      headers: { ...listing.headers, ...smuggled, 'mcp-param-region': 'eu' },
    });
    const { headers, body } = answer.message!.result as { headers: Record<string, string>; body: string };
    for (const name of ['authorization', ...Object.keys(smuggled)]) expect(headers).not.toHaveProperty(name);
    expect(headers).toMatchObject({
      'mcp-param-region': 'eu',
      'mcp-method': 'tools/list',
      'accept-encoding': 'identity',
    });
    expect(body).toBe(JSON.stringify(listing.body));
  });

  it('every byte of a stream, however it was cut', async () => {
    const answer = await ask('split');
    expect(answer.text.match(/notifications\/progress/g)).toHaveLength(3);
    expect(answer.message?.result).toEqual({ text: 'grüße €' });
  });

  it('a failed initialize leaves no open session behind', async () => {
    const answer = await call(stack.url('garbage'), { token, body: initialize() });
    expect(answer.headers.get('mcp-session-id')).toBeNull();
    const entries = (await ledger.all()).map(({ entry }) => entry);
    expect(entries.findLast((entry) => entry.type === 'session.close')).toMatchObject({ why: 'initialize_failed' });
  });
});

describe('a session whose upstream fails at its end', () => {
  it.each(['delete-fails', 'delete-breaks'])('is closed all the same: %s', async (server) => {
    const opened = await call(stack.url(server), { token, body: initialize() });
    const sid = opened.headers.get('mcp-session-id') ?? '';
    const headers = { 'mcp-session-id': sid, 'mcp-protocol-version': '2025-11-25' };
    expect((await call(stack.url(server), { token, headers, method: 'DELETE' })).status).toBe(502);
    const entries = (await ledger.ofSession(sid)).map(({ entry }) => entry);
    expect(entries.filter((entry) => entry.type === 'session.close')).toMatchObject([{ why: 'client' }]);
    expect(entries.filter((entry) => entry.type === 'call.outcome')).toHaveLength(2);
    expect((await call(stack.url(server), { token, headers, body: request('tools/list') })).status).toBe(404);
  });
});

describe('a client that goes away', () => {
  it('before the upstream answers leaves an outcome all the same', async () => {
    const leaving = new AbortController();
    const pending = call(stack.url('late-events'), { token, ...modern('tools/list', {}, 9), signal: leaving.signal });
    const left = expect(pending).rejects.toThrow();
    const ofLeft = async (type: 'call.intent' | 'call.outcome') => {
      const entries = (await ledger.all()).flatMap(({ entry }) => ('callId' in entry ? [entry] : []));
      const mine = entries.findLast((entry) => entry.type === 'call.intent' && entry.call.server === 'late-events');
      return entries.find((entry) => entry.type === type && entry.callId === mine?.callId);
    };
    await expect.poll(() => ofLeft('call.intent')).toBeDefined();
    leaving.abort();
    await left;
    await expect
      .poll(() => ofLeft('call.outcome'), { timeout: 3000 })
      .toMatchObject({ result: { status: 'failed', failure: { reason: 'client_closed' }, complete: false } });
  });

  it('cancels the call, and the ledger says so', async () => {
    const leaving = new AbortController();
    const way: Misbehaviour = 'silent-body';
    const listing = modern('tools/call', { name: 'leave' }, 8);
    const pending = call(stack.url(way), { token, ...listing, signal: leaving.signal });
    setTimeout(() => leaving.abort(), 300);
    await expect(pending).rejects.toThrow();
    await expect
      .poll(async () =>
        (await ledger.all()).map(({ entry }) => entry).findLast((entry) => entry.type === 'call.outcome'),
      )
      .toMatchObject({ result: { failure: { reason: 'client_closed' }, complete: false } });
  });
});
