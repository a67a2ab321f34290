// What is recorded, how it can be opened, and what must not be in it.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry, Intent, Outcome } from '../../lambdas/core/ledger/entry.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, initialize, modern, request } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let ledger: Ledger;
let url: string;
let token: string;

beforeAll(async () => {
  stack = await startTestStack();
  ledger = openLedger(stack.resources, stack.config.log.origin);
  url = stack.url('core-banking');
  token = await stack.tokenOf('ana');
});
afterAll(() => stack.close());

const exchange = async (callId: string | null) => {
  const items = (await ledger.all()).filter(({ entry }) => 'callId' in entry && entry.callId === callId);
  const find = <Type extends Entry['type']>(type: Type) => {
    const item = items.find(({ entry }) => entry.type === type);
    if (item === undefined) throw new Error(`no ${type} of call ${callId}`);
    return { ...item, entry: item.entry as Extract<Entry, { type: Type }> };
  };
  return { intent: find('call.intent'), outcome: find('call.outcome'), items };
};

const getCustomer = (customerId: string, id: string | number = 1) =>
  modern('tools/call', { name: 'get_customer', arguments: { customerId } }, id);

describe('an exchange', () => {
  it('is an intent before and an outcome after, tied to the person, the request and the code', async () => {
    const answer = await call(url, { token, ...getCustomer('CUS-0001') });
    const { intent, outcome } = await exchange(answer.headers.get('x-countersign-call'));
    expect(intent.entry).toMatchObject({
      v: 1,
      log: stack.config.log.origin,
      actor: { iss: stack.idp.issuer, sub: 'ana', kind: 'person', name: 'Ana Silva', groups: ['analysts'] },
      req: { ip: '127.0.0.1' },
      call: {
        server: 'core-banking',
        era: 'modern',
        protocol: '2026-07-28',
        method: 'tools/call',
        subject: 'get_customer',
        rpcId: '1',
      },
      decision: { effect: 'permit', reasons: ['analysts-read'], policy: stack.config.policy.digest },
      gw: { fn: 'mcp', code: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) },
    });
    expect(outcome.entry).toMatchObject({
      seq: intent.entry.seq,
      result: { status: 'result', http: '200', complete: true },
    });
    const items = await ledger.ofSession(intent.entry.sid);
    expect(items.find(({ entry }) => entry.type === 'call.intent')?.entry.ts).toBe(intent.entry.ts);
  });

  it('keeps both bodies verbatim, readable only with the key of KMS', async () => {
    const { body, headers } = getCustomer('CUS-0004');
    const sent = JSON.stringify(body, null, 3);
    const answer = await call(url, { token, body: sent, headers });
    const { intent, outcome } = await exchange(answer.headers.get('x-countersign-call'));
    const { sid } = intent.entry;
    expect(await ledger.open(sid, intent.entry.args!, intent.body)).toBe(sent);
    // What the client got is masked, so it is the server's own words that must be there.
    const opened = await ledger.open(sid, outcome.entry.result.content!, outcome.body);
    const { customer } = JSON.parse(opened).result.structuredContent;
    expect(customer.ssn).toMatch(/^\d{3}-\d\d-\d{4}$/);
    expect(answer.text).toContain('‹ssn›');
    expect(answer.text).not.toContain(customer.ssn);
    await expect(ledger.open('another-session', intent.entry.args!, intent.body)).rejects.toThrow();
  });

  it('puts a large body into the locked bucket', async () => {
    const { body, headers } = modern('tools/call', {
      name: 'search_customers',
      arguments: { text: 'x'.repeat(200_000) },
    });
    const answer = await call(url, { token, body, headers });
    const { intent } = await exchange(answer.headers.get('x-countersign-call'));
    expect(intent.body).toBeNull();
    expect(intent.entry.args).toMatchObject({ at: 'object' });
    expect(await ledger.open(intent.entry.sid, intent.entry.args!, null)).toBe(JSON.stringify(body));
  });

  it('shows what was said as it is masked, and commits to what was', async () => {
    const answer = await call(url, { token, ...getCustomer('CUS-0005') });
    const { intent, outcome } = await exchange(answer.headers.get('x-countersign-call'));
    expect(intent.entry.args?.masked).toMatchObject({ arguments: { customerId: 'CUS-0005' } });
    const { masked, mask, content } = outcome.entry.result;
    expect(masked).toMatchObject({ structuredContent: { customer: { id: 'CUS-0005', ssn: '‹ssn›' } } });
    expect(mask?.values.map(({ rule }) => rule)).toContain('us-bank.ssn-field@2');
    expect(mask?.handed.bytes).toBe(String(Buffer.byteLength(answer.text)));
    const opened = await ledger.open(intent.entry.sid, content!, outcome.body);
    const { customer } = JSON.parse(opened).result.structuredContent as { customer: Record<string, string> };
    const lines = JSON.stringify([intent.entry, outcome.entry]);
    for (const secret of [customer['ssn'], customer['phone'], customer['email']]) {
      expect(secret).toMatch(/.{5}/);
      expect(lines).not.toContain(secret);
    }
  });

  it('records a stream in segments, each openable, that join to what the client got', async () => {
    const report = modern('tools/call', { name: 'run_report', arguments: { seconds: 5 }, _meta: {} });
    report.body.params = {
      ...report.body.params,
      _meta: { ...(report.body.params as { _meta: object })._meta, progressToken: 1 },
    } as never;
    const answer = await call(url, { token, ...report });
    const { intent, outcome, items } = await exchange(answer.headers.get('x-countersign-call'));
    const segments = items.filter(({ entry }) => entry.type === 'stream.segment');
    expect(segments.length).toBeGreaterThan(0);
    expect(outcome.entry.result.parts).toBe(String(segments.length));
    const parts = await Promise.all(
      [...segments, outcome].map(({ entry, body }) => {
        const content = entry.type === 'stream.segment' ? entry.content : (entry as Outcome).result.content;
        return ledger.open(intent.entry.sid, content!, body);
      }),
    );
    expect(parts.join('')).toBe(answer.text);
    expect(outcome.entry.result.bytes).toBe(String(Buffer.byteLength(answer.text)));
  });
});

const AT_ONCE = 20;

describe('a session', () => {
  it('numbers 100 calls, many at once, densely and loses none', async () => {
    const opened = await call(url, { token, body: initialize() });
    const sid = opened.headers.get('mcp-session-id') ?? '';
    const headers = { 'mcp-session-id': sid, 'mcp-protocol-version': '2025-11-25' };
    await call(url, { token, headers, body: { jsonrpc: '2.0', method: 'notifications/initialized' } });
    const one = (index: number) =>
      call(url, {
        token,
        headers,
        body: request('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }, index),
      });
    // All at once, a loopback in the same process may answer later than the gateway waits for its ledger.
    for (let first = 0; first < 100; first += AT_ONCE) {
      const calls = Array.from({ length: AT_ONCE }, (_, index) => one(first + index));
      for (const answer of await Promise.all(calls)) expect(answer.message?.result).toBeDefined();
    }
    const entries = (await ledger.ofSession(sid)).map(({ entry }) => entry);
    const numbers = (type: Entry['type']) =>
      entries
        .filter((entry) => entry.type === type)
        .map((entry) => Number((entry as Intent).seq))
        .sort((a, b) => a - b);
    const dense = Array.from({ length: 102 }, (_, index) => index + 1);
    expect(numbers('call.intent')).toEqual(dense);
    expect(numbers('call.outcome')).toEqual(dense);
  }, 60_000);

  it('is one window for a modern client, also when its first calls race', async () => {
    const erin = await stack.tokenOf('erin');
    const report = (id: number) => modern('tools/call', { name: 'run_report', arguments: { seconds: 0 } }, id);
    // A deployment has a past, and other tests of the same person in it.
    const before = new Set((await ledger.all()).map(({ entry }) => entry.id));
    await Promise.all(Array.from({ length: 12 }, (_, id) => call(url, { token: erin, ...report(id) })));
    const added = (await ledger.all()).map(({ entry }) => entry).filter(({ id }) => !before.has(id));
    const intents = added.filter(
      (entry): entry is Intent => entry.type === 'call.intent' && entry.actor.sub === 'erin',
    );
    expect(intents).toHaveLength(12);
    const sids = [...new Set(intents.map(({ sid }) => sid))];
    expect(sids).toHaveLength(1);
    const items = await ledger.ofSession(sids[0] ?? '');
    expect(items.map(({ entry }) => entry.type).filter((type) => type === 'session.open')).toHaveLength(1);
    expect(items[0]?.entry.type).toBe('session.open');
    const seqs = items.flatMap(({ entry }) => (entry.type === 'call.intent' ? [Number(entry.seq)] : []));
    expect(seqs.sort((a, b) => a - b)).toEqual(Array.from({ length: seqs.length }, (_, index) => index + 1));
  });
});

describe('credentials', () => {
  it('appear in nothing that is stored: neither the client’s token nor the upstream’s secret', async () => {
    const everything = await ledger.dump();
    const upstreamSecret = stack.bank.requests()[0]?.headers['authorization']?.replace('Bearer ', '') ?? '';
    expect(upstreamSecret.length).toBeGreaterThan(20);
    for (const secret of [token, token.split('.')[2]!, upstreamSecret]) expect(everything).not.toContain(secret);
  });

  it('never cross the gateway: the upstream sees only its own', () => {
    const seen = JSON.stringify(stack.bank.requests());
    expect(seen).not.toContain(token.split('.')[2]);
    expect(new Set(stack.bank.requests().map(({ headers }) => headers['authorization'])).size).toBe(1);
  });
});
