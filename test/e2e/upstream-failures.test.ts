// Every way an upstream can fail: a distinct answer for the client, and an entry that says what happened.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Outcome } from '../../lambdas/core/ledger/entry.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize, modern } from '../support/mcp-call.ts';
import {
  type MisbehavingUpstream,
  type Misbehaviour,
  misbehavingServers,
  misbehavingUpstreams,
  startMisbehavingUpstream,
} from '../support/misbehaving-upstream.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let upstream: MisbehavingUpstream;
let stack: TestStack;
let ledger: Ledger;
let token: string;

beforeAll(async () => {
  upstream = await startMisbehavingUpstream();
  stack = await startTestStack({
    upstreams: misbehavingUpstreams(upstream.url),
    overlay: { servers: misbehavingServers(upstream.url) },
  });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  token = await stack.idp.mint({ resource: `${stack.publicUrl}/mcp`, claims: { scope: 'mcp', client_id: 'ide' } });
});
afterAll(async () => {
  await stack.close();
  await upstream.close();
});

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
    expect(upstream.seen('refuses')).toHaveLength(2);
    expect(upstream.seen('server-error')).toHaveLength(1);
  });
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

describe('a client that goes away', () => {
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
