// Sessions belong to one person, one client and one server, and end.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize, modern, request } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let ledger: Ledger;
let url: string;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { sessions: { idleMinutes: 1 } } });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  url = stack.url('core-banking');
});
afterAll(() => stack.close());

const open = async (token: string) => {
  const answer = await call(url, { token, body: initialize() });
  return { 'mcp-session-id': answer.headers.get('mcp-session-id') ?? '', 'mcp-protocol-version': '2025-11-25' };
};
const lastReason = async () =>
  (await ledger.all()).map(({ entry }) => entry).findLast((entry) => entry.type === 'call.denied')?.denial;

describe('a legacy session', () => {
  it('has an id of the gateway’s, not the upstream’s', async () => {
    const headers = await open(await stack.tokenOf('ana'));
    expect(headers['mcp-session-id']).toMatch(/^[0-9a-f-]{36}$/);
    const upstreamIds = stack.bank.requests().map((seen) => seen.headers['mcp-session-id']);
    expect(upstreamIds).not.toContain(headers['mcp-session-id']);
  });

  it('cannot be used by another person, who is told no more than for an unknown one', async () => {
    const headers = await open(await stack.tokenOf('ana'));
    const erin = await stack.tokenOf('erin');
    const stolen = await call(url, { token: erin, headers, body: request('tools/list') });
    expect(await lastReason()).toMatchObject({ reason: 'session_foreign', difference: 'principal' });
    const unknown = { ...headers, 'mcp-session-id': '018f0000-0000-7000-8000-000000000000' };
    const guessed = await call(url, { token: erin, headers: unknown, body: request('tools/list') });
    expect(await lastReason()).toMatchObject({ reason: 'session_unknown' });
    expect([stolen.status, stolen.message?.error?.code, stolen.message?.error?.message]).toEqual([
      guessed.status,
      guessed.message?.error?.code,
      guessed.message?.error?.message,
    ]);
    const own = await call(url, { token: await stack.tokenOf('ana'), headers, body: request('tools/list') });
    expect(own.status).toBe(200);
  });

  it('cannot be used through another client of the same person', async () => {
    const mint = (client: string) => stack.idp.mint({ resource: url, claims: { scope: 'mcp', client_id: client } });
    const headers = await open(await mint('ide'));
    const other = await call(url, { token: await mint('script'), headers, body: request('tools/list') });
    expect(other.status).toBe(404);
    expect(await lastReason()).toMatchObject({ reason: 'session_foreign', difference: 'client' });
    expect((await call(url, { token: await mint('ide'), headers, body: request('tools/list') })).status).toBe(200);
  });

  it('ends with DELETE: closed, recorded, and unusable', async () => {
    const token = await stack.tokenOf('ana');
    const headers = await open(token);
    expect((await call(url, { token, headers, method: 'DELETE' })).status).toBe(200);
    const after = await call(url, { token, headers, body: request('tools/list') });
    expect(after.status).toBe(404);
    expect(await lastReason()).toMatchObject({ reason: 'session_ended', why: 'closed' });
    const entries = await ledger.ofSession(headers['mcp-session-id']);
    expect(entries.filter(({ entry }) => entry.type === 'session.close')).toHaveLength(1);
  });

  it('closes once when two DELETEs race, and both have an outcome', async () => {
    const token = await stack.tokenOf('ana');
    const headers = await open(token);
    const deleting = () => call(url, { token, headers, method: 'DELETE' });
    await Promise.all([deleting(), deleting(), deleting()]);
    const entries = (await ledger.ofSession(headers['mcp-session-id'])).map(({ entry }) => entry.type);
    expect(entries.filter((type) => type === 'session.close')).toHaveLength(1);
    expect(entries.filter((type) => type === 'call.outcome')).toHaveLength(
      entries.filter((type) => type === 'call.intent').length,
    );
  });
});

describe('requests that no session can help', () => {
  const cases: readonly [string, Parameters<typeof call>[1], number, string][] = [
    ['a batch', { body: [request('tools/list')] }, 400, 'batch'],
    ['no JSON', { body: '{"jsonrpc"' }, 400, 'invalid_json'],
    [
      'a member twice',
      { body: '{"jsonrpc":"2.0","id":1,"method":"tools/list","method":"ping"}' },
      400,
      'duplicate_member',
    ],
    ['another media type', { body: '{}', headers: { 'content-type': 'text/plain' } }, 415, 'unsupported_media_type'],
    ['a foreign origin', { body: request('ping'), headers: { origin: 'https://evil.example' } }, 403, 'origin_refused'],
    ['over 1 MiB', { body: request('ping', { text: 'x'.repeat(1024 * 1024) }) }, 413, 'request_too_large'],
    [
      'headers that disagree',
      { ...modern('tools/list'), headers: { ...modern('tools/list').headers, 'mcp-method': 'tools/call' } },
      400,
      'header_mismatch',
    ],
    [
      'an unknown revision',
      { body: request('tools/list'), headers: { 'mcp-protocol-version': '2099-01-01' } },
      400,
      'unsupported_version',
    ],
    ['a GET that the server does not offer', { method: 'GET' }, 405, 'method_not_allowed'],
    [
      'a DELETE in the modern era',
      { method: 'DELETE', headers: { 'mcp-protocol-version': '2026-07-28' } },
      405,
      'method_not_allowed',
    ],
  ];
  it.each(cases)('are refused and recorded: %s', async (_name, options, status, reason) => {
    const before = stack.bank.requests().length;
    const answer = await call(url, { token: await stack.tokenOf('ana'), ...options });
    expect(answer.status).toBe(status);
    expect(await lastReason()).toMatchObject({ reason });
    expect(stack.bank.requests()).toHaveLength(before);
  });

  it('a server nobody configured', async () => {
    const nowhere = stack.url('nowhere');
    const token = await stack.idp.mint({
      resource: `${stack.publicUrl}/mcp`,
      claims: { scope: 'mcp', client_id: 'ide' },
    });
    expect((await call(nowhere, { token, body: request('ping') })).status).toBe(404);
    expect(await lastReason()).toMatchObject({ reason: 'unknown_server' });
  });
});
