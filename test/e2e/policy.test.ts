// Policies as clients meet them: lists cut to what they could use, refusals in words, and what the record says of it.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client as ClientV2 } from '@modelcontextprotocol/client';
import { Client as ClientV1 } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceEnvironment } from '../../local/gateway.ts';
import { HeadlessAuthProvider } from '../../local/sign-in/headless-auth-provider.ts';
import { connectSignedIn as connectV1 } from '../../local/sign-in/sdk-v1.ts';
import { connectSignedIn as connectV2 } from '../../local/sign-in/sdk-v2.ts';
import { stackEnvironment } from '../../local/stack.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { type Called, call, initialize, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let ledger: Ledger;
let url: string;

beforeAll(async () => {
  stack = await startTestStack();
  ledger = openLedger(stack.resources, stack.config.log.origin);
  url = stack.url('core-banking');
});
afterAll(() => stack.close());

const as = async (person: string, method: string, params: Record<string, unknown> = {}) =>
  call(url, { token: await stack.tokenOf(person), ...modern(method, params) });

const names = (answer: Called, list = 'tools'): string[] =>
  ((answer.message?.result?.[list] ?? []) as { name?: string; uri?: string }[]).map((one) => one.name ?? one.uri ?? '');

const entriesOf = async (answer: Called) => {
  const callId = answer.headers.get('x-countersign-call');
  return (await ledger.all()).map(({ entry }) => entry).filter((entry) => 'callId' in entry && entry.callId === callId);
};

const wire = (amount: unknown) => ({
  name: 'wire_transfer',
  arguments: {
    from: 'ACC-00011',
    to: 'GB29NWBK60161331926819',
    amount,
    currency: 'GBP',
    reference: `R-${String(amount)}`,
  },
});

const ALL = [
  ...['freeze_card', 'get_account', 'get_customer', 'list_accounts', 'list_transactions', 'query', 'run_report'],
  ...['search_customers', 'wire_transfer'],
];
const CHANGES = ['freeze_card', 'wire_transfer'];

describe('a list', () => {
  it('holds what the principal could use, with an approval if need be', async () => {
    expect(names(await as('ana', 'tools/list')).sort()).toEqual(ALL);
    expect(names(await as('paul', 'tools/list')).sort()).toEqual(ALL.filter((name) => !CHANGES.includes(name)));
    expect(names(await as('erin', 'tools/list'))).toEqual(['run_report']);
    expect(names(await as('ana', 'resources/list'), 'resources')).toEqual([]);
    expect(names(await as('erin', 'prompts/list'), 'prompts')).toEqual([]);
    expect(names(await as('ana', 'prompts/list'), 'prompts')).toEqual(['explain_transaction']);
  });

  it('may not be cached for others, and the outcome counts what was left out', async () => {
    const answer = await as('erin', 'tools/list');
    expect(answer.message?.result).toMatchObject({ cacheScope: 'private' });
    expect(Number(answer.message?.result?.['ttlMs'])).toBeLessThanOrEqual(60_000);
    const outcome = (await entriesOf(answer)).find((entry) => entry.type === 'call.outcome');
    expect(outcome).toMatchObject({ result: { filtered: { shown: '1', hidden: '8' } } });
    expect(JSON.stringify(outcome)).not.toContain('wire_transfer');
  });

  it.each(['ana', 'erin'])('is the same for %s with SDK v1 and v2', async (person) => {
    const authProvider = new HeadlessAuthProvider({ person });
    const v1 = new ClientV1({ name: 'v1', version: '1' });
    await connectV1({ client: v1, serverUrl: url, authProvider });
    const v2 = new ClientV2({ name: 'v2', version: '1' }, { versionNegotiation: { mode: 'auto' } });
    await connectV2({ client: v2, serverUrl: url, authProvider });
    const expected = person === 'ana' ? ALL : ['run_report'];
    for (const client of [v1, v2]) {
      const { tools } = await client.listTools();
      expect(tools.map(({ name }) => name).sort()).toEqual(expected);
      await client.close();
    }
  });
});

describe('a refusal', () => {
  it('says the same of a hidden tool and of one that does not exist', async () => {
    const hidden = await as('erin', 'tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } });
    const unknown = await as('erin', 'tools/call', { name: 'get_customers', arguments: {} });
    expect(hidden.status).toBe(403);
    const said = ({ message }: Called) => ({ ...message?.error, data: undefined });
    expect(said(hidden)).toEqual(said(unknown));
    expect(hidden.message?.error?.message).toBe('Not permitted to you, or no such thing on this server');
  });

  it('of a call that is held says what is demanded, and nothing was forwarded', async () => {
    // Without a reason nobody is asked, and the answer comes at once.
    const answer = await as('ana', 'tools/call', wire('1250.00'));
    expect(answer).toMatchObject({ status: 200, message: { result: { isError: true } } });
    const [intent, outcome] = await entriesOf(answer);
    expect(outcome).toMatchObject({ type: 'call.outcome', result: { status: 'held', http: null } });
    expect(intent).toMatchObject({
      type: 'call.intent',
      decision: {
        effect: 'needs-approval',
        reasons: ['wires-need-two'],
        policy: stack.config.policy.digest,
        demand: { approvers: [{ groups: ['payments-approvers'], quorum: '2' }], expiresSeconds: '1800' },
      },
    });
    expect(stack.bank.calls().some(({ tool }) => tool === 'wire_transfer')).toBe(false);
  });

  it('gives the advice of the policy, and names an argument that cannot be decided on', async () => {
    const large = await as('ana', 'tools/call', wire('1000000.01'));
    expect(large.message?.error).toMatchObject({ code: -31403 });
    expect(large.message?.error?.message).toContain('made at the payments desk');
    const number = await as('ana', 'tools/call', wire(1250));
    expect(number).toMatchObject({ status: 400, message: { error: { code: -32602 } } });
    expect(number.message?.error?.message).toContain('amount');
  });

  it('of bulk data without a second factor names no data', async () => {
    const answer = await as('ana', 'resources/read', { uri: 'bank://reports/daily-positions' });
    expect(answer.status).toBe(403);
    const [denied] = await entriesOf(answer);
    expect(denied).toMatchObject({ decision: { effect: 'forbid', reasons: ['exports-need-mfa'] } });
  });

  it('of a server says the same in both eras', async () => {
    const token = await stack.tokenOf('amir');
    const legacy = await call(url, { token, body: initialize() });
    const discovered = await as('amir', 'server/discover');
    expect([legacy.status, discovered.status]).toEqual([403, 403]);
    expect(legacy.message?.error?.message).toBe(discovered.message?.error?.message);
  });
});

describe('a rule on trial', () => {
  it('stands in the entry and changes nothing', async () => {
    const answer = await as('ana', 'tools/call', { name: 'search_customers', arguments: { text: 'a', limit: 30 } });
    expect(answer.message?.result).toBeDefined();
    const intent = (await entriesOf(answer)).find((entry) => entry.type === 'call.intent');
    expect(intent).toMatchObject({
      decision: {
        effect: 'permit',
        reasons: ['analysts-read'],
        trial: { effect: 'forbid', reasons: ['searches-stay-small'] },
      },
    });
  });
});

// Each command is a process of its own, which on a busy machine takes seconds to start.
describe('countersign policy', { timeout: 120_000 }, () => {
  const run = async (...args: string[]) => {
    const env = {
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      ...stackEnvironment(stack),
      ...resourceEnvironment(stack.resources),
    };
    try {
      const { stdout } = await promisify(execFile)(process.execPath, ['bin/cli.ts', 'policy', ...args], { env });
      return { code: 0, stdout };
    } catch (cause) {
      const { code, stdout, stderr } = cause as { code: number; stdout: string; stderr: string };
      return { code, stdout: `${stdout}${stderr}` };
    }
  };

  it('runs a table, and says what differs', async () => {
    expect(await run('test', 'test/policies/sample-bank.yaml')).toMatchObject({ code: 0 });
    const wrong = await run('test', 'test/policies/wrong.yaml');
    expect(wrong.code).toBe(1);
    expect(wrong.stdout).toContain('✗ auditors look up customers');
    expect(wrong.stdout).toContain('decision: expected permit, got forbid');
    expect(wrong.stdout).toContain('1 of 2 cases hold');
  });

  it('explains a recorded decision, and decides it again', async () => {
    const answer = await as('ana', 'tools/call', wire('77.00'));
    const callId = answer.headers.get('x-countersign-call') ?? '';
    const explained = await run('explain', callId);
    expect(explained.stdout).toContain('tools/call wire_transfer at core-banking');
    expect(explained.stdout).toContain('needs-approval: by wires-need-two');
    expect(explained.stdout).toContain('needs 2 of payments-approvers');
    expect(explained.stdout).toContain('@quorum("2")');
    expect(explained.stdout).toContain('Today: depends on the arguments');
    const again = await run('explain', callId, '--args', '{"amount":"77.00","currency":"GBP"}');
    expect(again.stdout).toContain('Today: needs-approval by wires-need-two');
    const read = await as('ana', 'tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } });
    const permitted = await run('explain', read.headers.get('x-countersign-call') ?? '');
    expect(permitted.stdout).toContain('Today: permit by analysts-read');
    expect((await run('explain', '01a20327-930f-769f-83be-41aa7a8752eb')).code).toBe(2);
  });

  it('checks the policies and lists them', async () => {
    const { code, stdout } = await run('check');
    expect(code).toBe(0);
    expect(stdout).toMatch(/wires-need-two +forbid +2 of payments-approvers +policies\/core-banking\.cedar:\d+/);
  });
});
