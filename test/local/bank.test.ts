import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningBank, startBank } from '../../local/bank/bank.ts';
import { BEARER, CLIENT_INFO, connectV1, connectV2, post } from './bank-clients.ts';

let bank: RunningBank;

beforeAll(async () => {
  bank = await startBank({ port: 0, bearerToken: BEARER });
});

afterAll(() => bank.close());

/** The part of the three clients that the common tests use. */
interface AnyClient {
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
  listTools(): Promise<{ tools: { name: string; description?: string | undefined; outputSchema?: unknown }[] }>;
  readResource(params: { uri: string }): Promise<{ contents: unknown[] }>;
  getPrompt(params: { name: string; arguments: Record<string, string> }): Promise<unknown>;
  close(): Promise<void>;
}

const CLIENTS: readonly (readonly [string, () => Promise<AnyClient>])[] = [
  ['SDK v1', async () => (await connectV1(bank.url)).client],
  ['SDK v2, legacy era', () => connectV2(bank.url, 'legacy')],
  ['SDK v2, modern era', () => connectV2(bank.url, 'auto')],
];

describe.each(CLIENTS)('the bank through %s', (_, connect) => {
  let client: AnyClient;

  beforeAll(async () => {
    client = await connect();
  });

  afterAll(() => client.close());

  it('lists nine tools, each with a description and an output schema', async () => {
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name).sort()).toEqual([
      'freeze_card',
      'get_account',
      'get_customer',
      'list_accounts',
      'list_transactions',
      'query',
      'run_report',
      'search_customers',
      'wire_transfer',
    ]);
    expect(tools.every(({ description, outputSchema }) => description && outputSchema)).toBe(true);
  });

  it('answers with text and structured content that agree', async () => {
    const result = await client.callTool({ name: 'get_customer', arguments: { customerId: 'CUS-0007' } });
    expect(result).toMatchObject({ structuredContent: { customer: { id: 'CUS-0007' } } });
    const { content, structuredContent } = result as { content: { text: string }[]; structuredContent: unknown };
    expect(JSON.parse(content[0]!.text)).toEqual(structuredContent);
  });

  it('reports an unknown id as a tool error', async () => {
    const result = await client.callTool({ name: 'get_account', arguments: { accountId: 'ACC-99999' } });
    expect(result).toMatchObject({ isError: true, content: [{ text: 'No account has the id ACC-99999' }] });
  });

  it('serves the daily positions, a customer by template, and the prompt', async () => {
    const positions = await client.readResource({ uri: 'bank://reports/daily-positions' });
    expect(positions.contents).toEqual([expect.objectContaining({ mimeType: 'text/csv' })]);
    const customer = await client.readResource({ uri: 'bank://customers/CUS-0001' });
    expect(customer.contents).toEqual([expect.objectContaining({ text: expect.stringContaining('CUS-0001') })]);
    const prompt = await client.getPrompt({
      name: 'explain_transaction',
      arguments: { transactionId: 'TXN-00011-01' },
    });
    expect(JSON.stringify(prompt)).toContain('TXN-00011-01');
  });

  it('refuses to read a customer that does not exist', async () => {
    await expect(client.readResource({ uri: 'bank://customers/CUS-9999' })).rejects.toMatchObject({ code: -32602 });
  });
});

describe('eras', () => {
  it('keeps a session for a legacy client and forgets it on DELETE', async () => {
    const { client, transport } = await connectV1(bank.url);
    const sessionId = transport.sessionId!;
    await transport.terminateSession();
    await client.close();
    const answer = await post(bank.url, { jsonrpc: '2.0', id: 1, method: 'ping' }, { 'Mcp-Session-Id': sessionId });
    expect(answer.status).toBe(404);
  });

  it('speaks 2026-07-28 to a client that can, without a session', async () => {
    const client = await connectV2(bank.url, 'auto');
    expect(client.getNegotiatedProtocolVersion()).toBe('2026-07-28');
    await client.listTools();
    expect(bank.requests().at(-1)?.headers).not.toHaveProperty('mcp-session-id');
    await client.close();
  });

  it.each(['GET', 'DELETE'])('answers 405 to %s without a session', async (method) => {
    const answer = await fetch(bank.url, { method, headers: { Authorization: `Bearer ${BEARER}` } });
    expect(answer.status).toBe(405);
  });

  it('opens the stream of a session at once, and again after the client hung up', async () => {
    const params = { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: CLIENT_INFO };
    const opened = await post(bank.url, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    const sessionId = opened.headers.get('mcp-session-id')!;
    const headers = { Authorization: `Bearer ${BEARER}`, Accept: 'text/event-stream', 'Mcp-Session-Id': sessionId };
    for (const _ of [1, 2]) {
      const gone = new AbortController();
      await vi.waitFor(async () => {
        expect((await fetch(bank.url, { headers, signal: gone.signal })).status).toBe(200);
      });
      gone.abort();
    }
  });

  it.each(['2024-11-05', '2025-03-26', '2025-06-18', '2025-11-25'])('accepts initialize for %s', async (version) => {
    const params = { protocolVersion: version, capabilities: {}, clientInfo: CLIENT_INFO };
    const answer = await post(bank.url, { jsonrpc: '2.0', id: 1, method: 'initialize', params });
    expect(answer.headers.get('mcp-session-id')).toBeTruthy();
    expect(await answer.text()).toContain(`"protocolVersion":"${version}"`);
  });
});

describe('credentials', () => {
  it.each([
    ['no token', {}],
    ['another token', { Authorization: 'Bearer somebody-else' }],
    ['the right token in another scheme', { Authorization: `Basic ${BEARER}` }],
  ])('answers 401 to %s and remembers the request', async (_, headers) => {
    const answer = await fetch(bank.url, { method: 'POST', headers, body: '{"probe":true}' });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(bank.requests().at(-1)).toMatchObject({ method: 'POST', body: '{"probe":true}' });
  });

  it('refuses a page of another origin', async () => {
    const answer = await post(bank.url, { jsonrpc: '2.0', id: 1, method: 'ping' }, { Origin: 'http://evil.example' });
    expect(answer.status).toBe(403);
  });
});
