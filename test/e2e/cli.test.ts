// The `countersign` command as an auditor runs it: another process, its output and its exit code.

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import {
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { resourceEnvironment } from '../../local/gateway.ts';
import { stackEnvironment } from '../../local/stack.ts';
import { call, initialize, modern, request } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let sid: string;

beforeAll(async () => {
  stack = await startTestStack();
  const url = stack.url('core-banking');
  const token = await stack.tokenOf('ana');
  const opened = await call(url, { token, body: initialize() });
  sid = opened.headers.get('mcp-session-id') ?? '';
  const headers = { 'mcp-session-id': sid, 'mcp-protocol-version': '2025-11-25' };
  await call(url, {
    token,
    headers,
    body: request('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }, 2),
  });
  await call(url, { token: await stack.tokenOf('amir'), ...modern('tools/list') });
});
afterAll(() => stack.close());

const run = async (...args: string[]) => {
  const env = {
    PATH: process.env['PATH'],
    NO_COLOR: '1',
    ...stackEnvironment(stack),
    ...resourceEnvironment(stack.resources),
  };
  try {
    const { stdout, stderr } = await promisify(execFile)(process.execPath, ['bin/cli.ts', ...args], { env });
    return { code: 0, stdout, stderr };
  } catch (cause) {
    const { code, stdout, stderr } = cause as { code: number; stdout: string; stderr: string };
    return { code, stdout, stderr };
  }
};

const typesOf = (stdout: string): readonly string[] =>
  stdout
    .trim()
    .split('\n')
    .map((line) => (JSON.parse(line) as { type: string }).type);

/** Changes one refusal of today in the table; gives back what undoes it. */
const damageDay = async (): Promise<() => Promise<unknown>> => {
  const dynamo = new DynamoDBClient();
  const TableName = stack.resources.ledgerTable;
  const pk = { S: `day#${new Date().toISOString().slice(0, 10)}` };
  const { Items } = await dynamo.send(
    new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }),
  );
  const denial = Items?.find((item) => item['line']?.S?.includes('"sent":"403"') === true);
  const line = denial?.['line']?.S?.replace('"sent":"403"', '"sent":"200"') ?? '';
  await dynamo.send(new PutItemCommand({ TableName, Item: { ...denial, line: { S: line } } }));
  return () => dynamo.send(new PutItemCommand({ TableName, Item: denial }));
};

describe('countersign sessions', () => {
  it('lists the sessions of a day, and none of another', async () => {
    const today = await run('sessions');
    expect(today).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`${sid} .* ana +core-banking .* 2 +open`)),
    });
    expect((await run('sessions', '--day', '2001-01-01')).stdout).toContain('No sessions were opened on 2001-01-01');
  });
});

describe('countersign replay', () => {
  it('shows each exchange, masked, and exits 0 when nothing is missing', async () => {
    const { code, stdout } = await run('replay', sid);
    expect(stdout).toMatch(/who +Ana Silva \(person\), ana at http/);
    expect(stdout).toMatch(/2 {2}\d\d:\d\d:\d\d\.\d{3} {2}tools\/call get_customer {2}permit by analysts-read/);
    expect(stdout).toContain('{"arguments":{"customerId":"CUS-0001"}');
    expect(stdout).toMatch(/masked +.*2 by us-bank\.ssn-field@2/);
    expect(stdout).not.toMatch(/\d{3}-\d\d-\d{4}/);
    expect(stdout).toContain('2 exchanges: 2 with outcome, 0 unknown, 0 missing');
    expect(code).toBe(0);
  });

  it('prints the exact lines with --json', async () => {
    const { stdout } = await run('replay', sid, '--json');
    expect(typesOf(stdout)).toEqual(['session.open', 'call.intent', 'call.outcome', 'call.intent', 'call.outcome']);
  });

  it('names a damaged entry, a missing outcome and a missing intent, and exits 1', async () => {
    // Sealed first, so that the damage done here stays out of the log.
    await waitUntilSealed(stack);
    const dynamo = new DynamoDBClient();
    const TableName = stack.resources.ledgerTable;
    const pk = { S: `session#${sid}` };
    const { Items } = await dynamo.send(
      new QueryCommand({ TableName, KeyConditionExpression: 'pk = :pk', ExpressionAttributeValues: { ':pk': pk } }),
    );
    const itemAt = (sort: string) => Items?.find((item) => item['sk']?.S === sort);
    const outcome = itemAt('entry#000000000002#3');
    const intent = itemAt('entry#000000000002#1');
    const setLine = (line: string) =>
      dynamo.send(
        new UpdateItemCommand({
          TableName,
          Key: { pk, sk: { S: 'entry#000000000002#3' } },
          UpdateExpression: 'SET line = :line',
          ExpressionAttributeValues: { ':line': { S: line } },
        }),
      );
    const line = outcome?.['line']?.S ?? '';
    try {
      await setLine(line.replace('"status":"result"', '"status":"failed"'));
      const edited = await run('replay', sid);
      expect(edited).toMatchObject({ code: 1, stdout: expect.stringContaining('leaf_mismatch') });
      expect(edited.stdout).toContain('outcome unknown: the call may have run');
      await dynamo.send(new DeleteItemCommand({ TableName, Key: { pk, sk: { S: 'entry#000000000002#1' } } }));
      const removed = await run('replay', sid);
      expect(removed).toMatchObject({ code: 1, stdout: expect.stringContaining('1 missing') });
    } finally {
      // Other tests read the same ledger where they share a deployment.
      await setLine(line);
      await dynamo.send(new PutItemCommand({ TableName, Item: intent }));
    }
  });
});

describe('countersign sessions revoke', () => {
  const open = async () => {
    const token = await stack.tokenOf('ana');
    const opened = await call(stack.url('core-banking'), { token, body: initialize() });
    return { token, own: opened.headers.get('mcp-session-id') ?? '' };
  };

  it('ends a session: its next call is refused with a reason of its own, and the list says why', async () => {
    const { token, own } = await open();
    const revoked = await run('sessions', 'revoke', own, '--reason', 'left the bank');
    expect(revoked).toMatchObject({ code: 0, stdout: expect.stringMatching(/of ana is revoked by (os|aws):./) });
    const headers = { 'mcp-session-id': own, 'mcp-protocol-version': '2025-11-25' };
    const refused = await call(stack.url('core-banking'), { token, headers, body: request('tools/list') });
    expect([refused.status, refused.message?.error?.code]).toEqual([404, -31408]);
    expect((await run('sessions')).stdout).toMatch(new RegExp(`${own} .* closed \\(revoked\\)`));
    expect((await run('denials')).stdout).toMatch(/ana +core-banking +404 +session_revoked/);
    const again = await run('sessions', 'revoke', own, '--reason', 'twice');
    expect(again).toMatchObject({ code: 2, stderr: expect.stringContaining('has ended already (revoked)') });
  });
});

describe('countersign denials', () => {
  it('says who was refused and why', async () => {
    const { stdout } = await run('denials');
    expect(stdout).toMatch(/amir +core-banking +403 +access_denied/);
    expect(stdout).toMatch(/- +core-banking +401 +token_missing/);
  });

  it('prints the lines of refusals and of nothing else with --json', async () => {
    const { code, stdout } = await run('denials', '--json');
    expect(typesOf(stdout)).toEqual(expect.arrayContaining(['auth.denied', 'call.denied']));
    expect(new Set(typesOf(stdout))).toEqual(new Set(['auth.denied', 'call.denied']));
    expect(code).toBe(0);
  });

  it.each([['denials'], ['changes']])('counts a damaged entry in both forms and exits 1: %s', async (command) => {
    await waitUntilSealed(stack);
    const mend = await damageDay();
    try {
      const table = await run(command);
      expect(table).toMatchObject({ code: 1, stdout: expect.stringContaining('1 entries are damaged') });
      const lines = await run(command, '--json');
      expect(lines).toMatchObject({ code: 1, stderr: expect.stringContaining('1 entries are damaged') });
      expect(lines.stdout).not.toContain('damaged');
    } finally {
      await mend();
    }
  });
});

describe('countersign changes', () => {
  it('prints the lines of changes and of nothing else with --json', async () => {
    const { code, stdout } = await run('changes', '--json');
    expect(new Set(typesOf(stdout))).toEqual(new Set(['policy.changed']));
    expect(code).toBe(0);
  });
});

const NOBODYS = '018f0000-0000-7000-8000-000000000000';

describe('a mistake', () => {
  const cases: readonly [string, string[], RegExp][] = [
    ['an unknown command', ['nonsense'], /No command "nonsense"\. Commands: sessions, replay, denials/],
    ['no session', ['replay'], /Name one session/],
    ['a session nobody has', ['replay', '018f0000-0000-7000-8000-000000000000'], /No session 018f/],
    ['an unknown option', ['sessions', '--dya', '2026-01-01'], /--dya/],
    ['a session to revoke that nobody has', ['sessions', 'revoke', NOBODYS, '--reason', 'x'], /No session 018f/],
    ['no reason to revoke', ['sessions', 'revoke', NOBODYS], /Say why, for the record/],
    ['a reason of two lines', ['sessions', 'revoke', NOBODYS, '--reason', 'a\nb'], /Say why, for the record/],
    ['no session to revoke', ['sessions', 'revoke', '--reason', 'x'], /Name one session/],
    ['a session where none is taken', ['sessions', NOBODYS], /sessions takes no "018f/],
    ['no day', ['sessions', '--day', 'yesterday'], /expected a UTC day such as/],
  ];
  it.each(cases)('is told in one line, exit code 2: %s', async (_name, args, message) => {
    const { code, stderr } = await run(...args);
    expect(stderr).toMatch(message);
    expect([code, stderr.trim().split('\n')].flat()).toHaveLength(2);
    expect(code).toBe(2);
  });

  it('explains itself with --help', async () => {
    for (const command of ['sessions', 'replay', 'denials']) {
      expect((await run(command, '--help')).stdout).toMatch(/^Usage: countersign /);
    }
  });
});
