// Masking with Amazon Comprehend through the whole gateway: the bank's customers by name, wherever a server names them. The
// service is the loopback's, which knows these names; the client of it is the real one.

import { Client } from '@modelcontextprotocol/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { findCustomer, openBank } from '../../local/bank/operations.ts';
import { HeadlessAuthProvider } from '../../local/sign-in/headless-auth-provider.ts';
import { connectSignedIn } from '../../local/sign-in/sdk-v2.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, request } from '../support/mcp-call.ts';
import { type SayingUpstream, startSayingUpstream } from '../support/saying-upstream.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const QUENTIN = findCustomer(openBank(), 'CUS-0001');
const MAX_BYTES = 2000;

let upstream: SayingUpstream;
let stack: TestStack;
let ledger: Ledger;
let token: string;

beforeAll(async () => {
  upstream = await startSayingUpstream();
  stack = await startTestStack({
    upstreams: { leaky: { url: upstream.url } },
    overlay: {
      masking: {
        comprehend: {
          language: 'en',
          entities: ['NAME'],
          maxBytes: MAX_BYTES,
          where: { tools: ['anything', 'get_customer'] },
        },
      },
    },
  });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  token = await stack.tokenOf('ana', 'leaky');
});
afterAll(async () => {
  await stack.close();
  await upstream.close();
});

const entriesOf = async (callId: string | null): Promise<readonly Entry[]> =>
  (await ledger.all()).map(({ entry }) => entry).filter((entry) => 'callId' in entry && entry.callId === callId);
const ask = (text: string, name = 'anything') =>
  call(stack.url('leaky'), { token, body: request('tools/call', { name, arguments: { text } }) });
const saying = (text: string) => (id: unknown) => ({
  body: [JSON.stringify({ jsonrpc: '2.0', id, result: { content: [{ type: 'text', text }] } })],
});

describe('a customer’s name', { timeout: 120_000 }, () => {
  const [given, family] = QUENTIN.name.split(' ');
  const letter = `Dear ${QUENTIN.name} 😀, your card is on its way. Yours, the bank`;

  it('in free text reaches neither the client nor what is stored to be seen', async () => {
    upstream.say = saying(letter);
    const answer = await ask(`a letter to ${QUENTIN.name}`);
    expect(answer.text).toContain(letter.replace(QUENTIN.name, '‹name›'));
    expect(upstream.heard).toContain(QUENTIN.name);
    const entries = await entriesOf(answer.headers.get('x-countersign-call'));
    expect(JSON.stringify(entries)).toContain('a letter to ‹name›');
    expect(JSON.stringify(entries)).toContain('comprehend.NAME@1');
    expect(await ledger.dump()).not.toMatch(new RegExp(`${given} ?${family}`));
  });

  it('is no secret where the configuration names no such tool', async () => {
    upstream.say = saying(letter);
    expect((await ask('x', 'another')).text).toContain(QUENTIN.name);
  });

  it('over two events of a stream comes out in no part', async () => {
    const progress = (message: string) =>
      `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 7, progress: 1, message } })}\n\n`;
    upstream.say = (id) => ({
      type: 'text/event-stream',
      body: [
        progress(`Asking ${given}`),
        progress(` ${family} now.`),
        `data: ${JSON.stringify({ jsonrpc: '2.0', id, result: { content: [] } })}\n\n`,
      ],
    });
    const { text } = await ask('x');
    expect(text).toContain('‹name›');
    expect(text).not.toMatch(new RegExp(`${given}|${family}`));
  });

  it('is masked in structured content, valid against the schema that the client checks', async () => {
    const client = new Client({ name: 'v2', version: '1' });
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    await connectSignedIn({ client: client as never, serverUrl: stack.url('core-banking'), authProvider });
    await client.listTools();
    const result = await client.callTool({ name: 'get_customer', arguments: { customerId: QUENTIN.id } });
    expect(result.structuredContent).toMatchObject({ customer: { id: QUENTIN.id, name: '‹name›', ssn: '‹ssn›' } });
    expect(JSON.stringify(result)).not.toMatch(new RegExp(`${given} ${family}`));
    await client.close();
  });

  it('in more text than may be sent is withheld with the whole answer', async () => {
    const text = `${letter} ${'and so on '.repeat(MAX_BYTES / 10)}`;
    upstream.say = saying(text);
    const answer = await ask('x');
    expect(answer.message).toMatchObject({ result: { isError: true } });
    expect(answer.text).not.toContain(given);
    const [outcome] = (await entriesOf(answer.headers.get('x-countersign-call'))).filter(
      ({ type }) => type === 'call.outcome',
    );
    expect(outcome).toMatchObject({
      result: {
        failure: { reason: 'masking_withheld', why: { reason: 'too_much_text', maxBytes: MAX_BYTES } },
      },
    });
  });
});
