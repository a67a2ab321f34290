// Replay in the console: who sees what was recorded, masked, and who may have the original opened, on record.

import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DeleteItemCommand, DynamoDBClient, PutItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { unwrapKeys } from '../../bin/commands/keys-unwrap.ts';
import { openings as listOpenings } from '../../bin/commands/openings.ts';
import { ENV } from '../../lambdas/contract.ts';
import type { ContentOpened } from '../../lambdas/core/ledger/entry.ts';
import { canonicalLine, intentSort, sessionPartition } from '../../lambdas/core/ledger/line.ts';
import { configDigest } from '../../lib/config.ts';
import { findCustomer, openBank } from '../../local/bank/operations.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { signInToConsole, type Visitor } from '../../local/sign-in/console-visitor.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, modern, request } from '../support/mcp-call.ts';
import { type SayingUpstream, startSayingUpstream } from '../support/saying-upstream.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

const QUENTIN = findCustomer(openBank(), 'CUS-0001');
const REASON = 'case 2026-114, disputed transfer';

let upstream: SayingUpstream;
let stack: TestStack;
let ledger: Ledger;
let rita: Visitor;
let amir: Visitor;
let sid: string;

const sessionOf = async (needle: string): Promise<string> => {
  const found = (await ledger.all()).find(
    ({ entry }) => entry.type === 'call.intent' && JSON.stringify(entry).includes(needle),
  );
  if (found === undefined || !('sid' in found.entry)) throw new Error(`no intent with ${needle}`);
  return found.entry.sid;
};
const openings = async (): Promise<readonly ContentOpened[]> =>
  (await ledger.all()).flatMap(({ entry }) => (entry.type === 'content.opened' ? [entry] : []));

beforeAll(async () => {
  upstream = await startSayingUpstream();
  stack = await startTestStack({ upstreams: { leaky: { url: upstream.url } } });
  ledger = openLedger(stack.resources, stack.config.log.origin);
  await call(stack.url('core-banking'), {
    token: await stack.tokenOf('ana'),
    ...modern('tools/call', { name: 'get_customer', arguments: { customerId: QUENTIN.id } }),
  });
  sid = await sessionOf('get_customer');
  [rita, amir] = await Promise.all([
    signInToConsole(stack.publicUrl, 'rita', `/console/sessions/${sid}`, { anew: true }),
    signInToConsole(stack.publicUrl, 'amir'),
  ]);
});
afterAll(async () => {
  await stack.close();
  await upstream.close();
});

describe('the sessions of a day', () => {
  it('are listed for auditors, with a link in the frame', async () => {
    const day = new Date().toISOString().slice(0, 10);
    const { text } = await amir.get('/console/sessions');
    expect(text).toContain(`sessions/${sid}`);
    expect(text).toContain('<a class="to" href="sessions">Sessions</a>');
    expect((await amir.get(`/console/sessions?day=${day}`)).text).toContain(sid);
    expect((await amir.get('/console/sessions?day=2020-01-01')).text).toContain('None.');
  });

  it.each(['2999-01-01', 'yesterday', '2026-1-1'])('of %s are refused, with what was expected', async (day) => {
    const { status, text } = await amir.get(`/console/sessions?day=${day}`);
    expect(status).toBe(400);
    expect(text).toContain('write it like 20');
  });

  it('are nothing that others see, and their console does not speak of them', async () => {
    const ana = await signInToConsole(stack.publicUrl, 'ana');
    for (const path of ['/console/sessions', `/console/sessions/${sid}`]) {
      const { status, text } = await ana.get(path);
      expect([status, text.includes('not for you to see')]).toEqual([404, true]);
    }
    expect((await ana.get('/console')).text).not.toContain('href="sessions"');
  });

  it('lead strangers to the sign-in and back', async () => {
    const path = `/console/sessions/${sid}`;
    expect((await amir.get(path, '')).location).toContain(`return=${encodeURIComponent(path)}`);
  });
});

describe('the page of a session', () => {
  it('shows an auditor masked values and their proof, and no way to the original', async () => {
    const { status, text } = await amir.get(`/console/sessions/${sid}`);
    expect(status).toBe(200);
    for (const shown of ['get_customer', '‹ssn›', '‹email›', 'us-bank.ssn-field@2', 'hmac:', 'Ana Silva', 'permit by'])
      expect(text).toContain(shown);
    for (const hidden of [QUENTIN.ssn, QUENTIN.email]) expect(text).not.toContain(hidden);
    expect(text).not.toContain('/raw"');
    expect(await openings()).toEqual([]);
  });

  it('offers the original to a records officer, and does not hold it', async () => {
    const { text } = await rita.get(`/console/sessions/${sid}`);
    expect(text).toContain(`action="sessions/${sid}/raw"`);
    expect(text).not.toContain(QUENTIN.ssn);
  });

  it('says so when there is no such session', async () => {
    const { status, text } = await amir.get(`/console/sessions/${randomUUID()}`);
    expect([status, text.includes('No such session')]).toEqual([404, true]);
  });

  it('is cut into pages of fifty exchanges', async () => {
    const token = await stack.tokenOf('ivo', 'leaky');
    const names = Array.from({ length: 53 }, (_, index) => `numbered-${index + 1}-`);
    for (const name of names)
      await call(stack.url('leaky'), { token, body: request('tools/call', { name, arguments: {} }) });
    const long = await sessionOf('numbered-1-');
    const [first, second] = [
      await amir.get(`/console/sessions/${long}`),
      await amir.get(`/console/sessions/${long}?from=51`),
    ];
    expect(first.text).toContain('numbered-50-');
    expect(first.text).not.toContain('numbered-51-');
    expect(first.text).toContain('from=51');
    expect(second.text).toContain('numbered-51-');
    expect(second.text).not.toContain('numbered-50-');
    expect(second.text).toContain('Ivo Brandt');
    // What is no number, or beyond the end, is not answered with a fault.
    for (const from of ['x', '0', '99999'])
      expect((await amir.get(`/console/sessions/${long}?from=${from}`)).status).toBe(200);
  }, 60_000);
});

describe('the original', () => {
  it('is opened for a records officer, on record before it is shown', async () => {
    const { status, text, headers } = await rita.openRaw(sid, '1', REASON);
    expect(status).toBe(200);
    for (const shown of [QUENTIN.ssn, QUENTIN.email, 'get_customer', 'Exactly what the log commits to', REASON])
      expect(text).toContain(shown);
    expect(headers.get('cache-control')).toBe('no-store');
    const [opened, ...others] = await openings();
    expect(others).toEqual([]);
    expect(opened).toMatchObject({
      actor: { sub: 'rita', kind: 'person', name: 'Rita Okafor' },
      ...{ sid, seq: '1', reason: REASON, gw: { fn: 'opener' } },
    });
    expect(text).toContain(opened?.id);
    const entries = await ledger.ofSession(sid);
    const cts = entries.flatMap(({ entry }) =>
      entry.type === 'call.intent' ? [entry.args?.ct] : entry.type === 'call.outcome' ? [entry.result.content?.ct] : [],
    );
    expect(opened?.bodies).toEqual(cts);
  });

  it('is put on record again each time', async () => {
    const before = (await openings()).length;
    await rita.openRaw(sid, '1', 'a second look');
    expect((await openings()).map(({ reason }) => reason)).toHaveLength(before + 1);
  });

  it.each([
    ['no reason', '', 'Say why'],
    ['a reason of two lines', 'one\ntwo', 'one line of plain text'],
    ['a reason too long', 'x'.repeat(501), 'at most 500 characters'],
  ])('stays closed for %s', async (_, reason, told) => {
    const before = (await openings()).length;
    const { status, text } = await rita.openRaw(sid, '1', reason);
    expect([status, text.includes(told), text.includes(QUENTIN.ssn)]).toEqual([400, true, false]);
    expect(await openings()).toHaveLength(before);
  });

  it('stays closed for an auditor, whose console makes no form for it', async () => {
    const before = (await openings()).length;
    const mine = /name="token" value="([^"]*)"/.exec((await amir.get('/console')).text)?.[1] ?? '';
    for (const change of [{}, { token: mine }]) {
      const { status, text } = await amir.openRaw(sid, '1', REASON, change);
      expect([status, text.includes(QUENTIN.ssn)]).toEqual([403, false]);
    }
    expect(await openings()).toHaveLength(before);
  });

  it.each([
    ['another origin', { headers: { origin: 'https://elsewhere.example' } }, 403],
    ['no token', { token: '' }, 403],
    ['nobody signed in', { cookie: '' }, 403],
  ])('stays closed for a form of %s', async (_, change, expected) => {
    const { status, text } = await rita.openRaw(sid, '1', REASON, change);
    expect([status, text.includes(QUENTIN.ssn)]).toEqual([expected, false]);
  });

  it('stays closed for the form of another session', async () => {
    const page = await rita.get(`/console/sessions/${sid}`);
    const token = /raw"><input type="hidden" name="token" value="([^"]*)"/.exec(page.text)?.[1] ?? '';
    expect((await rita.openRaw(randomUUID(), '1', REASON, { token })).status).toBe(403);
    expect((await rita.openRaw(sid, '1', REASON, { token })).status).toBe(200);
  });

  it.each(['0', '99', 'x', ''])('of exchange "%s" is none', async (seq) => {
    const { status } = await rita.openRaw(sid, seq, REASON);
    expect(status).toBe(seq === '99' ? 404 : 400);
  });

  it('is opened from the locked bucket where it was too large for the table, and cut to what a page holds', async () => {
    const token = await stack.tokenOf('ana', 'leaky');
    const text = `${'All is well here. '.repeat(40_000)} the end`;
    const { message } = await call(stack.url('leaky'), {
      ...{ token },
      body: request('tools/call', { name: 'large', arguments: { text } }),
    });
    expect(message).toBeDefined();
    const large = await sessionOf('"large"');
    const { entry } = (await ledger.ofSession(large)).find(
      (item) => item.entry.type === 'call.intent' && item.entry.call.subject === 'large',
    ) ?? { entry: undefined };
    if (entry?.type !== 'call.intent') throw new Error('no intent');
    expect(entry.args?.at).toBe('object');
    const opened = await rita.openRaw(large, entry.seq, REASON);
    expect(opened.text).toContain('All is well here.');
    expect(opened.text).toMatch(/\d+ more characters are not shown here/);
  });
});

describe('what is not as it was recorded', () => {
  let dynamo: DynamoDBClient;
  beforeAll(() => {
    dynamo = new DynamoDBClient();
  });
  afterAll(() => dynamo.destroy());

  /** What somebody with a hand on the table could do. */
  const change = (field: 'body' | 'line', value: string) =>
    dynamo.send(
      new UpdateItemCommand({
        TableName: stack.resources.ledgerTable,
        Key: { pk: { S: sessionPartition(sid) }, sk: { S: intentSort(1) } },
        UpdateExpression: 'SET #field = :value',
        ExpressionAttributeNames: { '#field': field },
        ExpressionAttributeValues: { ':value': { S: value } },
      }),
    );
  const intentOf = async () => {
    const item = (await ledger.ofSession(sid)).find(({ entry }) => entry.type === 'call.intent');
    if (item?.entry.type !== 'call.intent' || item.body === null) throw new Error('no intent with a body beside it');
    return { entry: item.entry, body: item.body };
  };

  it('is not shown as if it were: a body that was exchanged', async () => {
    const { body } = await intentOf();
    await change('body', `${body.slice(0, -3)}AAA`);
    const { text } = await rita.openRaw(sid, '1', REASON);
    // The answer is as it was; the request that the entry names is not there any more.
    expect(text).toContain('It is not stored any more');
    expect(text).toContain(QUENTIN.ssn);
    await change('body', body);
    expect((await rita.openRaw(sid, '1', REASON)).text).not.toContain('not stored any more');
  });

  it('opens nothing: a key that was shredded, with one that was not beside it', async () => {
    const { entry } = await intentOf();
    const Key = { pk: { S: sessionPartition(sid) }, sk: { S: `key#${entry.args?.kid}` } };
    const table = { TableName: stack.resources.ledgerTable };
    const { Attributes } = await dynamo.send(new DeleteItemCommand({ ...table, Key, ReturnValues: 'ALL_OLD' }));
    const { text } = await rita.openRaw(sid, '1', REASON);
    expect(text).toContain('it was shredded');
    expect(text).not.toContain(QUENTIN.ssn);
    await dynamo.send(new PutItemCommand({ ...table, Item: Attributes }));
    expect((await rita.openRaw(sid, '1', REASON)).text).toContain(QUENTIN.ssn);
  });

  it('opens nothing: an entry whose line was changed', async () => {
    const before = (await openings()).length;
    const line = canonicalLine((await intentOf()).entry);
    await change('line', line.replace('get_customer', 'get_customers'));
    const { status, text } = await rita.openRaw(sid, '1', REASON);
    expect([status, text.includes('not what its hash says'), text.includes(QUENTIN.ssn)]).toEqual([409, true, false]);
    expect((await amir.get(`/console/sessions/${sid}`)).text).toContain(
      '1 entries of this page are not what their hash',
    );
    await change('line', line);
    expect(await openings()).toHaveLength(before);
  });
});

describe('a sign-in that is too old', () => {
  it('sees no form, only the way to sign in again', async () => {
    // Without being asked for it, the issuer does not say when somebody signed in: as old as can be.
    const early = await signInToConsole(stack.publicUrl, 'rita');
    const { text } = await early.get(`/console/sessions/${sid}`);
    expect(text).toContain(`sign-in?anew=1&amp;return=/console/sessions/${sid}`);
    expect(text).not.toContain('/raw"');
    const token = /raw"><input type="hidden" name="token" value="([^"]*)"/;
    expect(token.exec((await rita.get(`/console/sessions/${sid}`)).text)).not.toBeNull();
  });
});

describe('countersign openings', () => {
  it('lists who had what opened, how and why', async () => {
    Object.assign(process.env, resourceEnvironment(stack.resources), {
      [LOG_ORIGIN_VARIABLE]: stack.config.log.origin,
      [ENV.configDigest]: configDigest(stack.config),
    });
    const lines: string[] = [];
    const print = process.stdout.write;
    process.stdout.write = ((line: string) => lines.push(line) > 0) as typeof process.stdout.write;
    const folder = await mkdtemp(join(tmpdir(), 'countersign-openings-'));
    try {
      await unwrapKeys([sid, '--reason', 'case 2026-115', '--out', join(folder, 'keys.json')]);
      lines.length = 0;
      expect(await listOpenings([])).toBe(0);
    } finally {
      process.stdout.write = print;
      await rm(folder, { recursive: true, force: true });
    }
    const text = lines.join('');
    expect(text).toMatch(new RegExp(`rita +in the console +exchange 1 of ${sid} +${REASON}`));
    expect(text).toMatch(new RegExp(`arn:aws:iam::\\S+ +keys unwrapped +${sid} +case 2026-115`));
  });
});
