// A wire that two people must approve, through the real handlers, DynamoDB, Step Functions, outbox and console; and what
// somebody might try at the console.

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Approval } from '../../lambdas/core/approvals/approval.ts';
import { type FormChange, signInToConsole, type Visitor } from '../../local/sign-in/console-visitor.ts';
import { type Approvers, eventually, makeApprovers, wire } from '../support/approvers.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let approvers: Approvers;

beforeAll(async () => {
  stack = await startTestStack({ overlay: { approvals: { holdSeconds: 0 } } });
  approvers = makeApprovers(stack);
});
afterAll(async () => {
  approvers.close();
  await stack.close();
});

const load = (id: string): Promise<Approval> => approvers.load(id);
const visitorOf = (person: string): Promise<Visitor> => approvers.visitorOf(person);
const decide = (id: string, person: string, verdict?: string, reason?: string): Promise<void> =>
  approvers.decide(id, person, verdict, reason);
const wiresSent = (reference: string): number => approvers.wiresSent(reference);
const outbox = (): Promise<string> => approvers.outbox();

interface ToolResult {
  readonly isError?: boolean;
  readonly content: readonly { readonly text: string }[];
}

const call = async (args: unknown, person = 'ana'): Promise<{ status: number; result: ToolResult; callId: string }> => {
  const response = await fetch(stack.url('core-banking'), {
    method: 'POST',
    headers: {
      authorization: `Bearer ${await stack.tokenOf(person)}`,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
      'mcp-protocol-version': '2026-07-28',
      'mcp-method': 'tools/call',
      'mcp-name': 'wire_transfer',
    },
    body: JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: {
        name: 'wire_transfer',
        arguments: args,
        _meta: {
          'io.modelcontextprotocol/protocolVersion': '2026-07-28',
          'io.modelcontextprotocol/clientCapabilities': {},
        },
      },
    }),
  });
  const text = await response.text();
  const data = /data: (.*)\n/.exec(text)?.[1] ?? text;
  const { result } = JSON.parse(data) as { result: ToolResult };
  return { status: response.status, result, callId: response.headers.get('x-countersign-call') ?? '' };
};

const textOf = ({ result }: { result: ToolResult }): string => result.content.map(({ text }) => text).join('\n');
const referenceOf = (answer: { result: ToolResult }): string =>
  /Reference: ([0-9a-f-]{36})/.exec(textOf(answer))?.[1] ?? '';

describe('a wire that two people must approve', () => {
  it('is held, people are told, and it runs once when both have agreed and it is called again', async () => {
    const order = wire();
    const held = await call(order);
    expect(held.result.isError).toBe(true);
    expect(textOf(held)).toContain('This call has NOT run');
    const id = referenceOf(held);
    await eventually(async () => (await outbox()).split(id).length > 2);
    const sent = await outbox();
    expect(sent).toContain(`/console/approvals/${id}`);
    // What is asked for is not in a mail.
    expect(sent).not.toContain(order.to);
    expect(sent).not.toContain(order.reference);

    await decide(id, 'paul');
    expect(textOf(await call(order))).toContain('1 of payments-approvers');
    await decide(id, 'petra');
    expect(wiresSent(order.reference)).toBe(0);
    const done = await call(order);
    expect(done.result.isError ?? false).toBe(false);
    expect(wiresSent(order.reference)).toBe(1);
    expect((await load(id)).state).toBe('used');

    expect(textOf(await call(order))).toContain('used already');
    expect(wiresSent(order.reference)).toBe(1);
  });

  it('wants to hear why before it asks anybody, tells the approvers, and not the server', async () => {
    const { approval_reason: reason, ...order } = wire();
    const unjustified = await call(order);
    expect(textOf(unjustified)).toContain('approval_reason');
    expect(referenceOf(unjustified)).toBe('');
    const id = referenceOf(await call({ ...order, approval_reason: reason }));
    expect((await (await visitorOf('paul')).get(`/console/approvals/${id}`)).text).toContain(reason);
    await decide(id, 'paul');
    await decide(id, 'petra');
    // The reason is for people: the call is the same in other words, or in none.
    expect((await call(order)).result.isError ?? false).toBe(false);
    const sent = stack.bank.calls().findLast(({ tool }) => tool === 'wire_transfer');
    expect(sent?.args).toEqual(order);
  });

  it('tells what the reason says about a customer to those who sign in, not to a mailbox', async () => {
    const reason = 'customer with SSN 078-05-1120 is waiting';
    const id = referenceOf(await call(wire({ approval_reason: reason })));
    await eventually(async () => (await outbox()).split(id).length > 2);
    expect(await outbox()).toContain('customer with SSN ‹ssn› is waiting');
    expect(await outbox()).not.toContain('078-05-1120');
    expect(JSON.stringify(await load(id))).not.toContain('078-05-1120');
    expect((await (await visitorOf('paul')).get(`/console/approvals/${id}`)).text).toContain(reason);
  });

  it('attaches identical calls to one request, and takes any other argument as another', async () => {
    const order = wire();
    const [first, second] = await Promise.all([call(order), call(order)]);
    expect(referenceOf(second)).toBe(referenceOf(first));
    const other = await call({ ...order, amount: '250.01' });
    expect(referenceOf(other)).not.toBe(referenceOf(first));
    await decide(referenceOf(first), 'paul');
    await decide(referenceOf(first), 'petra');
    expect(textOf(await call({ ...order, amount: '250.01' }))).toContain('NOT run');
    expect(wiresSent(order.reference)).toBe(0);
  });

  it('runs once when twenty identical calls come at once after the approval', async () => {
    const order = wire();
    const id = referenceOf(await call(order));
    await decide(id, 'paul');
    await decide(id, 'petra');
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(order)));
    const ran = answers.filter(({ result }) => result.isError !== true);
    expect(ran).toHaveLength(1);
    expect(wiresSent(order.reference)).toBe(1);
  });

  it('tells the client who denied it and why', async () => {
    const order = wire();
    const id = referenceOf(await call(order));
    await decide(id, 'paul', 'deny', 'the payee is unknown');
    const denied = await call(order);
    expect(textOf(denied)).toContain('DENIED by Paul Meyer');
    expect(textOf(denied)).toContain('the payee is unknown');
    expect(textOf(await call(order))).toContain('DENIED');
    expect(wiresSent(order.reference)).toBe(0);
  });

  it('is not for another person, whose identical call is a request of their own', async () => {
    const order = wire();
    const id = referenceOf(await call(order));
    await decide(id, 'paul');
    await decide(id, 'petra');
    const other = await call(order, 'erin');
    expect(wiresSent(order.reference)).toBe(0);
    expect(other.status).not.toBe(500);
  });
});

/** Path of the console on its host: behind a stage of API Gateway, the stage comes first. */
const rootOf = (): string => new URL(`${stack.publicUrl}/console`).pathname;

describe('the console', () => {
  const asked = async (): Promise<string> => referenceOf(await call(wire()));

  it('leads to its own pages only, by addresses that hold where it stands', async () => {
    const id = await asked();
    const paul = await visitorOf('paul');
    const { text } = await paul.get(`/console/approvals/${id}`);
    const base = new URL(/<base href="([^"]*)"/.exec(text)?.[1] ?? '', stack.publicUrl);
    const addresses = [...text.matchAll(/(?:href|action)="([^"]*)"/g)].map(([, to = '']) => new URL(to, base).href);
    const outside = addresses.filter((address) => !`${address}/`.startsWith(`${stack.publicUrl}/console/`));
    expect(outside).toEqual([]);
    expect(addresses).toContain(`${stack.publicUrl}/console/approvals/${id}`);
    expect((await fetch(new URL('style.css', base))).headers.get('content-type')).toContain('text/css');
    const decided = await paul.decide(id, 'approve');
    expect(decided.location).toBe(`${rootOf()}/approvals/${id}`);
  });

  it('sends whoever is not signed in to the issuer, and back to where the link led', async () => {
    const id = await asked();
    const link = `/console/approvals/${id}`;
    const stranger = await fetch(`${stack.publicUrl}${link}`, { redirect: 'manual' });
    expect(stranger.status).toBe(303);
    expect(stranger.headers.get('location')).toBe(`${rootOf()}/sign-in?return=${encodeURIComponent(link)}`);
    const paul = await signInToConsole(stack.publicUrl, 'paul', link);
    expect((await paul.get(link)).status).toBe(200);
  });

  it('shows exactly what will run, who asks, and the policy that holds it, and records the look', async () => {
    const order = wire();
    const id = referenceOf(await call(order));
    const page = await (await visitorOf('paul')).get(`/console/approvals/${id}`);
    for (const shown of [
      order.to,
      order.reference,
      '250.00',
      'Ana Silva',
      'wires-need-two',
      'Approve this call',
      'It is the definition that the bank has reviewed',
    ]) {
      expect(page.text).toContain(shown);
    }
    expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
    // Any stricter, and browsers hide the origin of our own form.
    expect(page.headers.get('referrer-policy')).toBe('same-origin');
    expect(page.text).not.toContain('<script');
  });

  it('changes nothing by GET, however often', async () => {
    const id = await asked();
    const paul = await visitorOf('paul');
    for (const path of ['', '?verdict=approve', '?token=x&verdict=deny']) {
      await paul.get(`/console/approvals/${id}${path}`);
    }
    expect(await load(id)).toMatchObject({ state: 'pending', version: 1 });
  });

  it.each<[string, FormChange]>([
    ['a forged token', { token: 'forged' }],
    ['no token', { token: '' }],
    ['a form of another site', { headers: { origin: 'https://evil.example' } }],
    ['a form that hides where it is from', { headers: { origin: 'null' } }],
    ['a form that the browser says comes from elsewhere', { headers: { 'sec-fetch-site': 'same-site' } }],
    ['a cookie that was made up', { cookie: '__Host-countersign=eyJhbGciOiJkaXIifQ..a.b.c' }],
    ['no cookie', { cookie: '' }],
    ["an agent's token", { cookie: '', headers: { authorization: 'Bearer x' } }],
  ])('refuses %s', async (_, change) => {
    const id = await asked();
    const refused = await (await visitorOf('paul')).decide(id, 'approve', '', change);
    expect(refused.status).toBe(403);
    expect(await load(id)).toMatchObject({ state: 'pending', version: 1 });
    expect((await (await visitorOf('paul')).decide(id, 'approve')).status).toBe(303);
  });

  it("refuses the form of one person with another's cookie", async () => {
    const id = await asked();
    const petra = await visitorOf('petra');
    const refused = await (await visitorOf('paul')).decide(id, 'approve', '', { cookie: petra.cookie });
    expect(refused.status).toBe(403);
    expect((await load(id)).approvals).toEqual([]);
  });

  it('refuses a replayed approval: nobody counts twice', async () => {
    const id = await asked();
    const paul = await visitorOf('paul');
    expect((await paul.decide(id, 'approve')).status).toBe(303);
    const again = await paul.decide(id, 'approve');
    expect(again.status).toBe(403);
    expect((await load(id)).approvals).toHaveLength(1);
  });

  it('refuses the requester, who may see and withdraw', async () => {
    const id = await asked();
    const ana = await visitorOf('ana');
    const page = await ana.get(`/console/approvals/${id}`);
    expect(page.text).toContain('your own request');
    expect(page.text).not.toContain('Approve this call');
    expect((await ana.decide(id, 'approve')).status).toBe(409);
    expect((await ana.decide(id, 'withdraw')).status).toBe(303);
    expect((await load(id)).state).toBe('withdrawn');
  });

  it('shows nothing to whoever is not asked', async () => {
    const id = await asked();
    const page = await (await visitorOf('amir')).get(`/console/approvals/${id}`);
    expect(page.status).toBe(404);
    expect(page.text).not.toContain('wire_transfer');
  });

  it('wants a reason to deny, and takes a denial that has one', async () => {
    const id = await asked();
    const paul = await visitorOf('paul');
    const refused = await paul.decide(id, 'deny', '  ');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain('say why');
    expect((await paul.decide(id, 'deny', 'no')).status).toBe(303);
  });

  it('hears two people who decide at once', async () => {
    const id = await asked();
    const [paul, petra] = [await visitorOf('paul'), await visitorOf('petra')];
    const answers = await Promise.all([paul.decide(id, 'approve'), petra.decide(id, 'approve')]);
    expect(answers.map(({ status }) => status)).toEqual([303, 303]);
    expect(await load(id)).toMatchObject({ state: 'approved', version: 3 });
  });

  it('lists what waits for a person, and sends nobody to another site', async () => {
    const id = await asked();
    const inbox = await (await visitorOf('paul')).get('/console');
    expect(inbox.text).toContain(`approvals/${id}`);
    const away = await signInToConsole(stack.publicUrl, 'paul', 'https://evil.example/console');
    expect((await away.get('/console')).status).toBe(200);
  });
});
