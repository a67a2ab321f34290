// Masking through the whole gateway: what clients get, what is stored, and what an investigator can ask.

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { unwrapKeys } from '../../bin/commands/keys-unwrap.ts';
import { masked } from '../../bin/commands/masked.ts';
import { ENV } from '../../lambdas/contract.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { configDigest } from '../../lib/config.ts';
import { findCustomer, openBank } from '../../local/bank/operations.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { HeadlessAuthProvider } from '../../local/sign-in/headless-auth-provider.ts';
import { connectSignedIn as connectV1 } from '../../local/sign-in/sdk-v1.ts';
import { connectSignedIn as connectV2 } from '../../local/sign-in/sdk-v2.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { encode, encoding, leaks, secret } from '../support/masking/plant.ts';
import { call, modern, request } from '../support/mcp-call.ts';
import { type SayingUpstream, startSayingUpstream } from '../support/saying-upstream.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const QUENTIN = findCustomer(openBank(), 'CUS-0001');

let upstream: SayingUpstream;
let stack: TestStack;
let ledger: Ledger;
let token: string;

beforeAll(async () => {
  upstream = await startSayingUpstream();
  stack = await startTestStack({ upstreams: { leaky: { url: upstream.url } } });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  token = await stack.tokenOf('ana', 'leaky');
});
afterAll(async () => {
  await stack.close();
  await upstream.close();
});

const entriesOf = async (callId: string | null): Promise<readonly Entry[]> =>
  (await ledger.all()).map(({ entry }) => entry).filter((entry) => 'callId' in entry && entry.callId === callId);
const ask = (text: string) =>
  call(stack.url('leaky'), { token, body: request('tools/call', { name: 'anything', arguments: { text } }) });

describe('a client of the official SDK', { timeout: 120_000 }, () => {
  const expected = { id: QUENTIN.id, ssn: '‹ssn›', email: '‹email›', phone: '‹phone›', name: QUENTIN.name };

  it.each(['v1', 'v2'])('%s gets masked values, valid against the schema that it checks', async (version) => {
    const [client, connect] =
      version === 'v1'
        ? ([new ClientV1({ name: 'v1', version: '1' }), connectV1] as const)
        : ([new ClientV2({ name: 'v2', version: '1' }), connectV2] as const);
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    await connect({ client: client as never, serverUrl: stack.url('core-banking'), authProvider });
    // Having listed the tools, the client checks structuredContent against their schemas.
    await client.listTools();
    const result = await client.callTool({ name: 'get_customer', arguments: { customerId: QUENTIN.id } });
    expect(result.structuredContent).toMatchObject({ customer: expected });
    expect(JSON.stringify(result)).not.toContain(QUENTIN.ssn);
    expect(JSON.stringify(result)).not.toContain(QUENTIN.email);
    const accounts = await client.callTool({ name: 'list_accounts', arguments: { customerId: QUENTIN.id } });
    expect(JSON.stringify(accounts)).toContain('‹iban …');
    await client.close();
  });
});

// Each of these is many calls, or waits on purpose; the machine may have other things to do.
const SLOW_MS = 120_000;

describe('a planted secret', { timeout: SLOW_MS }, () => {
  const bodies = [
    ['a result', (text: string) => ({ result: { content: [{ type: 'text', text }] } })],
    [
      'structured content',
      (text: string) => ({ result: { content: [], structuredContent: { rows: [{ note: text }] } } }),
    ],
    ['an error', (text: string) => ({ error: { code: -32000, message: text, data: { text } } })],
    [
      'an embedded resource',
      (text: string) => ({ result: { content: [{ type: 'resource', resource: { uri: 'a:b', text } }] } }),
    ],
  ] as const;

  it('comes out nowhere: not to the client, not in what is stored, not in what is recorded to be seen', async () => {
    const all: string[] = [];
    await fc.assert(
      fc.asyncProperty(
        secret,
        encoding,
        fc.constantFrom(...bodies),
        fc.boolean(),
        fc.array(fc.nat(200), { maxLength: 4 }),
        async (planted, how, [, make], streams, cuts) => {
          all.push(planted);
          const message = (id: unknown) =>
            JSON.stringify({ jsonrpc: '2.0', id, ...make(`see ${encode(how, planted)} here`) });
          upstream.say = (id) =>
            streams
              ? { type: 'text/event-stream', body: chunked(`event: message\ndata: ${message(id)}\n\n`, cuts) }
              : { body: chunked(message(id), cuts) };
          const answer = await ask(planted);
          expect(answer.status).toBe(200);
          expect(leaks(JSON.stringify(answer.message), planted)).toBe(false);
          expect(upstream.heard).toContain(JSON.stringify(planted).slice(1, -1));
          const entries = await entriesOf(answer.headers.get('x-countersign-call'));
          expect(entries.map(({ type }) => type)).toEqual(expect.arrayContaining(['call.intent', 'call.outcome']));
          expect(leaks(JSON.stringify(entries), planted)).toBe(false);
        },
      ),
      { numRuns: 30 },
    );
    const dump = await ledger.dump();
    expect(all.length).toBeGreaterThanOrEqual(30);
    expect(all.filter((planted) => dump.includes(planted))).toEqual([]);
  });

  it('that is none passes, byte for byte', async () => {
    const raw =
      '{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"order \\u0034711 of 2026-11-22"}] }}';
    upstream.say = () => ({ body: [raw] });
    expect((await ask('x')).text).toBe(raw);
  });
});

/** A body in pieces that end anywhere. */
const chunked = (body: string, cuts: readonly number[]): string[] => {
  const at = [...new Set(cuts.map((cut) => cut % body.length))].sort((a, b) => a - b);
  return [0, ...at].map((from, index) => body.slice(from, at[index] ?? body.length));
};

describe('a card number over three progress events', { timeout: SLOW_MS }, () => {
  const progress = (message: string, index: number) =>
    `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 7, progress: index, message } })}\n\n`;

  /** When each word of the answer came, the answer, and the call. */
  const listen = async () => {
    const parts = ['Charging card 4111 11', '11 1111', ' 1111 now.'];
    upstream.say = (id) => ({
      type: 'text/event-stream',
      body: [
        progress('Starting.', 0),
        1500,
        ...parts.map((part, index) => progress(part, index + 1)),
        1500,
        progress('step 5 of 6', 5),
        1500,
        `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`,
      ],
    });
    const { body, headers } = modern('tools/call', { name: 'anything', arguments: {} });
    const started = Date.now();
    const response = await fetch(stack.url('leaky'), {
      method: 'POST',
      headers: {
        ...{ accept: 'application/json, text/event-stream', 'content-type': 'application/json' },
        ...{ authorization: `Bearer ${token}`, ...headers },
      },
      body: JSON.stringify(body),
    });
    let got = '';
    const at = new Map<string, number>();
    for await (const chunk of response.body ?? []) {
      got += Buffer.from(chunk).toString('utf8');
      for (const word of ['Starting.', 'now.', 'step 5 of 6', '"result"'])
        if (got.includes(word) && !at.has(word)) at.set(word, Date.now() - started);
    }
    return { got, at, callId: response.headers.get('x-countersign-call') };
  };
  let heard: ReturnType<typeof listen> | undefined;
  const listened = () => {
    heard ??= listen();
    return heard;
  };

  it('leaks no part, to the client or into the entries', async () => {
    const { got, at, callId } = await listened();
    expect(got).toContain('Charging card ‹card …1111›');
    expect(got).not.toMatch(/4111|11 1111/);
    expect(at.size).toBe(4);
    expect(JSON.stringify(await entriesOf(callId))).not.toMatch(/4111 ?11/);
  });

  it('holds up no progress that is none', async () => {
    const [first = 0, card = 0, open = 0, answer = 0] = [...(await listened()).at.values()];
    // Each came well before the pause that follows it was over.
    expect(card - first).toBeGreaterThan(1000);
    expect(open - card).toBeGreaterThan(1000);
    expect(answer - open).toBeGreaterThan(700);
  });
});

describe('countersign masked', { timeout: SLOW_MS }, () => {
  it('tells who has the keys whether a value was there, and nobody else', async () => {
    upstream.say = (id) => ({
      body: [JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text: 'SSN 219-09-9999' }] } })],
    });
    await ask('x');
    const folder = await mkdtemp(join(tmpdir(), 'countersign-masked-'));
    Object.assign(process.env, resourceEnvironment(stack.resources), {
      [LOG_ORIGIN_VARIABLE]: stack.config.log.origin,
      [ENV.configDigest]: configDigest(stack.config),
    });
    await waitUntilSealed(stack);
    const [log, keys] = [join(folder, 'log'), join(folder, 'keys.json')];
    await exportLog([log]);
    await unwrapKeys(['--all', '--reason', 'a test of masking', '--out', keys]);
    const lines: string[] = [];
    const print = process.stdout.write;
    process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof process.stdout.write;
    try {
      const asked = (value: string, file = keys) =>
        masked([log, '--content-keys', file, '--json'], () => Promise.resolve(`${value}\n`));
      expect(await asked('219 09 9999')).toBe(0);
      expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({
        rule: 'us-bank.ssn@2',
        path: '/content/*/text',
        shown: null,
      });
      expect(await asked('219-09-9998')).toBe(1);
      // Without its key a session cannot be asked, and that is said.
      const none = join(folder, 'none.json');
      await writeFile(none, JSON.stringify({ v: 1, log: stack.config.log.origin, keys: {} }));
      expect(await asked('219-09-9999', none)).toBe(2);
    } finally {
      process.stdout.write = print;
      await rm(folder, { recursive: true, force: true });
    }
  });
});
