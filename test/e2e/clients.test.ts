// Clients we did not write, given nothing but a URL: they sign in, list and call tools, in both eras.

import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HeadlessAuthProvider } from '../../local/sign-in/headless-auth-provider.ts';
import { runInspector } from '../../local/sign-in/inspector.ts';
import { connectSignedIn as connectV1 } from '../../local/sign-in/sdk-v1.ts';
import { connectSignedIn as connectV2 } from '../../local/sign-in/sdk-v2.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let ledger: Ledger;

beforeAll(async () => {
  stack = await startTestStack();
  ledger = openLedger(stack.resources, stack.config.log.origin);
});
afterAll(() => stack.close());

const lastSession = async () => {
  const opened = (await ledger.all()).filter(({ entry }) => entry.type === 'session.open');
  const entry = opened.at(-1)?.entry;
  if (entry?.type !== 'session.open') throw new Error('no session was opened');
  return entry;
};

const callSubjects = async (sid: string) =>
  (await ledger.ofSession(sid)).flatMap(({ entry }) =>
    entry.type === 'call.intent' && entry.call.method === 'tools/call' ? [entry.call.subject] : [],
  );

describe('SDK v1 (2025-11-25)', () => {
  it('signs in from the URL alone, calls a tool, and ends its session', async () => {
    const client = new ClientV1({ name: 'v1', version: '1.0.0' });
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    const transport = await connectV1({ client, serverUrl: stack.url('core-banking'), authProvider });
    const { tools } = await client.listTools();
    expect(tools.map((tool) => tool.name)).toContain('wire_transfer');
    const result = await client.callTool({ name: 'get_customer', arguments: { customerId: 'CUS-0001' } });
    expect(result.structuredContent).toMatchObject({ customer: { id: 'CUS-0001' } });
    const session = await lastSession();
    expect(session).toMatchObject({ era: 'legacy', actor: { sub: 'ana', kind: 'person' }, clientInfo: { name: 'v1' } });
    expect(transport.sessionId).toBe(session.sid);
    await transport.terminateSession();
    await client.close();
    expect(await callSubjects(session.sid)).toEqual(['get_customer']);
    const closed = (await ledger.ofSession(session.sid)).find(({ entry }) => entry.type === 'session.close');
    expect(closed?.entry).toMatchObject({ why: 'client' });
  });

  it('gets progress while the call runs, not at its end', async () => {
    const client = new ClientV1({ name: 'v1', version: '1.0.0' });
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    await connectV1({ client, serverUrl: stack.url('core-banking'), authProvider });
    const started = Date.now();
    const at: number[] = [];
    const call = { name: 'run_report', arguments: { seconds: 1 } };
    await client.callTool(call, undefined, { onprogress: () => at.push(Date.now() - started) });
    await client.close();
    expect(at.length).toBeGreaterThan(2);
    expect(Date.now() - started - (at[0] ?? Number.POSITIVE_INFINITY)).toBeGreaterThan(500);
  });

  it('works with the reference server, whose credential is another one', async () => {
    const client = new ClientV1({ name: 'v1', version: '1.0.0' });
    const authProvider = new HeadlessAuthProvider({ person: 'erin' });
    await connectV1({ client, serverUrl: stack.url('everything'), authProvider });
    const result = await client.callTool({ name: 'echo', arguments: { message: 'hello' } });
    expect(JSON.stringify(result.content)).toContain('hello');
    await client.close();
  });
});

describe('SDK v2', () => {
  it.each([
    ['legacy', 'legacy'],
    ['auto', 'modern'],
    [{ pin: '2026-07-28' }, 'modern'],
  ] as const)('connects with version negotiation %j in the %s era and calls a tool', async (mode, era) => {
    const client = new ClientV2({ name: 'v2', version: '1.0.0' }, { versionNegotiation: { mode } });
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    await connectV2({ client, serverUrl: stack.url('core-banking'), authProvider });
    const result = await client.callTool({ name: 'get_customer', arguments: { customerId: 'CUS-0002' } });
    expect(result.structuredContent).toMatchObject({ customer: { id: 'CUS-0002' } });
    await client.close();
    const session = await lastSession();
    expect(session.era).toBe(era);
    expect(await callSubjects(session.sid)).toEqual(['get_customer']);
  });

  it('falls back by itself when the upstream knows only the legacy era', async () => {
    const client = new ClientV2({ name: 'v2', version: '1.0.0' }, { versionNegotiation: { mode: 'auto' } });
    const authProvider = new HeadlessAuthProvider({ person: 'ana' });
    await connectV2({ client, serverUrl: stack.url('everything'), authProvider });
    const result = await client.callTool({ name: 'echo', arguments: { message: 'fallback' } });
    expect(JSON.stringify(result.content)).toContain('fallback');
    await client.close();
  });
});

describe('MCP Inspector CLI', () => {
  it.each(['legacy', 'modern'])('signs in by itself and calls a tool in the %s era', async (era) => {
    const args = ['--protocol-era', era, '--method', 'tools/call', '--tool-name', 'get_customer'];
    const run = await runInspector({
      serverUrl: stack.url('core-banking'),
      person: 'ana',
      args: [...args, '--tool-arg', 'customerId=CUS-0003'],
    });
    expect(run.stderr).not.toMatch(/error/i);
    expect(run.stdout).toContain('CUS-0003');
    expect(run.exitCode).toBe(0);
    expect(await lastSession()).toMatchObject({ era });
  });
});
