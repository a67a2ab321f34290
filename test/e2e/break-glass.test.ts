// Somebody who does not wait: the call goes out at once, people hear of it, and somebody else must look at it. Through the
// real handlers, DynamoDB, Step Functions, outbox and console.

import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Approvers, eventually, makeApprovers, wire } from '../support/approvers.ts';
import { HELD } from '../support/held-policies.ts';
import { type Ledger, openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let approvers: Approvers;
let ledger: Ledger;

beforeAll(async () => {
  stack = await startTestStack({
    overlay: { approvals: { holdSeconds: 0 } },
    policies: [HELD.glass],
  });
  approvers = makeApprovers(stack);
  ledger = openLedger(stack.resources, stack.config.log.origin);
});
afterAll(async () => {
  approvers.close();
  await stack.close();
});

const freeze = (over: Record<string, unknown> = {}) => ({ cardId: 'CRD-00011', reason: randomUUID(), ...over });
const WHY = { break_glass_reason: 'cards are being skimmed at this moment' };

const tool = async (name: string, args: object, person = 'ivo') => {
  const asked = modern('tools/call', { name, arguments: args });
  const { message } = await call(stack.url('core-banking'), { token: await stack.tokenOf(person), ...asked });
  const text = JSON.stringify(message?.result ?? message ?? {});
  return { text, id: /Reference: ([0-9a-f-]{36})/.exec(text)?.[1] ?? '' };
};
const freezeCard = (args: object, person = 'ivo') => tool('freeze_card', args, person);

const made = (reason: string) =>
  stack.bank.calls().filter(({ tool: name, args }) => name === 'freeze_card' && JSON.stringify(args).includes(reason));

interface Step {
  readonly type: string;
  readonly approval: string;
  readonly [field: string]: unknown;
}
const steps = async (): Promise<readonly Step[]> =>
  (await ledger.all()).flatMap(({ entry }) => ('approval' in entry ? [entry as unknown as Step] : []));
const stepsOf = async (id: string) => (await steps()).filter(({ approval }) => approval === id);
/** The newest request with broken glass. */
const broken = async (): Promise<string> =>
  (await steps()).findLast(({ type, glass }) => type === 'approval.requested' && glass !== null)?.approval ?? '';

const breakOne = async (over: Record<string, unknown> = {}) => {
  const args = freeze(over);
  await freezeCard({ ...args, ...WHY });
  expect(made(args.reason)).toHaveLength(1);
  return { args, id: await broken() };
};

describe('a call that cannot wait', () => {
  it('tells reviewers by mail no more of a customer than masking lets out; the console has it all', async () => {
    const why = 'card 4111 1111 1111 1111 is being skimmed at this moment';
    const args = freeze();
    await freezeCard({ ...args, break_glass_reason: why });
    expect(made(args.reason)).toHaveLength(1);
    await eventually(async () => (await approvers.outbox()).includes('‹card …1111› is being skimmed'));
    expect(await approvers.outbox()).not.toContain('4111 1111 1111 1111');
    const { entry, body } = (await ledger.all()).findLast((item) => item.entry.type === 'approval.requested') ?? {};
    if (entry?.type !== 'approval.requested' || entry.justification === null) throw new Error('no reason on record');
    expect(await ledger.open(entry.call.sid, entry.justification, body ?? null)).toBe(why);
    const { text } = await (await approvers.visitorOf('petra')).get(`/console/approvals/${entry.approval}`);
    expect(text).toContain(why);
  });

  it('goes out at once, without the reason, is marked, and the approvers hear who and why', async () => {
    const { args, id } = await breakOne();
    expect(made(args.reason)[0]?.args).toEqual(args);
    const [requested, used] = (await stepsOf(id)).filter(({ type }) => type !== 'approval.notified');
    expect(requested).toMatchObject({
      ...{ type: 'approval.requested', version: '1', actor: { sub: 'ivo' }, window: '900' },
      glass: { groups: [['incident-commanders']], review: '86400' },
    });
    expect(used).toMatchObject({ type: 'approval.used', version: '2', call: requested?.['call'] });
    await eventually(async () => (await approvers.outbox()).includes(id));
    const sent = await approvers.outbox();
    expect(sent).toContain('Glass broken: Ivo Brandt ran freeze_card');
    expect(sent).toContain(WHY.break_glass_reason);
    expect(sent).not.toContain(args.reason);
  });

  it('may say so in _meta', async () => {
    const args = freeze();
    const asked = modern('tools/call', { name: 'freeze_card', arguments: args });
    const { params } = asked.body as { params: { _meta: object } };
    const meta = { ...params._meta, 'countersign.dev/break-glass-reason': WHY.break_glass_reason };
    const body = { ...asked.body, params: { ...params, _meta: meta } };
    await call(stack.url('core-banking'), { token: await stack.tokenOf('ivo'), ...asked, body });
    expect(made(args.reason)).toHaveLength(1);
  });

  it('waits when no reason is given, or an empty one', async () => {
    for (const over of [{}, { break_glass_reason: '  ' }]) {
      const args = freeze(over);
      expect((await freezeCard(args)).text).toContain('has NOT run');
      expect(made(args.reason)).toHaveLength(0);
    }
  });

  it('waits when it is of somebody who may not, and the approvers read the reason', async () => {
    const args = freeze();
    const { text, id } = await freezeCard({ ...args, ...WHY }, 'ana');
    expect(text).toContain('has NOT run');
    expect(made(args.reason)).toHaveLength(0);
    expect(await approvers.load(id)).toMatchObject({ glass: null, justification: WHY.break_glass_reason });
    await approvers.decide(id, 'paul');
    await freezeCard({ ...args, ...WHY }, 'ana');
    expect(made(args.reason)[0]?.args).toEqual(args);
  });

  it('waits where one of the policies that hold it lets nobody break the glass', async () => {
    const args = freeze({ cardId: 'CRD-00031' });
    expect((await freezeCard({ ...args, ...WHY })).text).toContain('has NOT run');
    const order = wire(WHY);
    expect((await tool('wire_transfer', order)).text).toContain('has NOT run');
    expect(made(args.reason)).toHaveLength(0);
    expect(approvers.wiresSent(order.reference)).toBe(0);
  });

  it('runs once when it comes twenty times at once, and says so', async () => {
    const args = freeze();
    const answers = await Promise.all(Array.from({ length: 20 }, () => freezeCard({ ...args, ...WHY })));
    expect(made(args.reason)).toHaveLength(1);
    expect(answers.filter(({ text }) => text.includes('went out already under break-glass'))).toHaveLength(19);
    expect((await freezeCard({ ...args, ...WHY })).text).toContain('went out already');
    expect(made(args.reason)).toHaveLength(1);
  });

  it.each([
    ['for this very call', 'CRD-00021'],
    ['to open a window', 'CRD-00041'],
  ])('takes the request back that waited %s, which then lets nothing out', async (_, cardId) => {
    const args = freeze({ cardId });
    const { id: waiting } = await freezeCard(args, 'ivo');
    await freezeCard({ ...args, ...WHY });
    expect(made(args.reason)).toHaveLength(1);
    expect(await approvers.load(waiting)).toMatchObject({ state: 'withdrawn', ending: { subject: 'ivo' } });
    const late = await (await approvers.visitorOf('paul')).decide(waiting, 'approve');
    expect(late.status).not.toBe(303);
    await freezeCard(args);
    expect(made(args.reason)).toHaveLength(1);
  });

  it('does not go against a denial', async () => {
    const args = freeze({ cardId: 'CRD-00021' });
    const { id } = await freezeCard(args);
    await approvers.decide(id, 'paul', 'deny', 'this is the chairman’s card');
    expect((await freezeCard({ ...args, ...WHY })).text).toContain('DENIED');
    expect(made(args.reason)).toHaveLength(0);
  });

  it('needs no glass where people have agreed already', async () => {
    const args = freeze({ cardId: 'CRD-00021' });
    const { id } = await freezeCard(args);
    await approvers.decide(id, 'paul');
    await approvers.decide(id, 'petra');
    const before = await broken();
    await freezeCard({ ...args, ...WHY });
    expect(made(args.reason)).toHaveLength(1);
    expect(await approvers.load(id)).toMatchObject({ state: 'used', glass: null });
    expect(await broken()).toBe(before);
  });
});

describe('the review', () => {
  it('is in the inbox of those who are asked, with what ran and why, and ends with their word', async () => {
    const { args, id } = await breakOne();
    const paul = await approvers.visitorOf('paul');
    expect((await paul.get('/console')).text).toMatch(
      new RegExp(`Glass was broken[^]*approvals/${id}[^]*For you to decide`),
    );
    const page = await paul.get(`/console/approvals/${id}`);
    for (const shown of ['Ivo Brandt broke the glass', args.reason, WHY.break_glass_reason, 'It was justified']) {
      expect(page.text).toContain(shown);
    }
    expect(page.text).not.toContain('Approve this call');
    expect(page.text).not.toContain('<script');
    expect((await paul.decide(id, 'justified')).status).toBe(303);
    expect((await paul.get('/console')).text).not.toMatch(new RegExp(`Glass was broken[^]*approvals/${id}[^]*For you`));
    const reviewed = (await stepsOf(id)).find(({ type }) => type === 'approval.reviewed');
    expect(reviewed).toMatchObject({ version: '3', verdict: 'justified', actor: { sub: 'paul' }, reason: null });
    expect((await paul.decide(id, 'unjustified', 'second thoughts')).status).not.toBe(303);
  });

  it('is never the own one, and not of people who are not asked', async () => {
    const { id } = await breakOne();
    const ivo = await approvers.visitorOf('ivo');
    expect((await ivo.get(`/console/approvals/${id}`)).text).not.toContain('It was justified');
    const token = /name="token" value="([^"]*)"/.exec((await ivo.get('/console')).text)?.[1] ?? '';
    expect((await ivo.decide(id, 'justified', '', { token })).status).toBe(403);
    const amir = await approvers.visitorOf('amir');
    expect((await amir.get(`/console/approvals/${id}`)).status).toBe(404);
    expect(await approvers.load(id)).toMatchObject({ glass: { review: null } });
  });

  it('says why it finds fault, and no forged form says it', async () => {
    const { id } = await breakOne();
    const petra = await approvers.visitorOf('petra');
    expect((await petra.decide(id, 'unjustified', ' ')).status).toBe(409);
    expect((await petra.decide(id, 'unjustified', 'x', { token: 'forged' })).status).toBe(403);
    expect((await petra.decide(id, 'unjustified', 'x', { headers: { origin: 'https://evil.example' } })).status).toBe(
      403,
    );
    expect((await petra.get(`/console/approvals/${id}?verdict=justified`)).status).toBe(200);
    expect(await approvers.load(id)).toMatchObject({ version: 2, glass: { review: null } });
    expect((await petra.decide(id, 'unjustified', 'nothing was skimmed')).status).toBe(303);
    const reviewed = (await stepsOf(id)).find(({ type }) => type === 'approval.reviewed');
    expect(reviewed).toMatchObject({ verdict: 'unjustified', actor: { sub: 'petra' } });
    expect(JSON.stringify(reviewed)).not.toContain('skimmed');
  });

  it('cannot be one of a request that waited', async () => {
    const { id } = await tool('wire_transfer', wire(), 'ana');
    const paul = await approvers.visitorOf('paul');
    expect((await paul.decide(id, 'justified')).status).toBe(409);
  });

  it('is missed when nobody looks in time: written, told again, and may still come late', {
    timeout: 60_000,
  }, async () => {
    const { id } = await breakOne({ cardId: 'CRD-00021' });
    const hasUnreviewed = async () => (await stepsOf(id)).some(({ type }) => type === 'approval.unreviewed');
    await eventually(
      async () => (await hasUnreviewed()) && (await approvers.outbox()).includes('NOT REVIEWED IN TIME'),
    );
    expect(await approvers.load(id)).toMatchObject({ state: 'used', glass: { overdue: true, review: null } });
    const paul = await approvers.visitorOf('paul');
    expect((await paul.get('/console')).text).toContain('not reviewed in time');
    expect((await paul.decide(id, 'justified')).status).toBe(303);
    const types = (await stepsOf(id)).filter(({ type }) => type !== 'approval.notified' && type !== 'approval.viewed');
    expect(types.map(({ type }) => type)).toEqual([
      ...['approval.requested', 'approval.used', 'approval.unreviewed', 'approval.reviewed'],
    ]);
  });
});

describe('the list of tools', () => {
  it('tells of the glass only those who may break it', async () => {
    const listed = async (person: string) => {
      const answer = await call(stack.url('core-banking'), {
        token: await stack.tokenOf(person),
        ...modern('tools/list'),
      });
      const tools = answer.message?.result?.['tools'] as readonly {
        name: string;
        inputSchema: Record<string, object>;
      }[];
      return new Map(tools.map(({ name, inputSchema }) => [name, inputSchema]));
    };
    const schema = (await listed('ivo')).get('freeze_card');
    expect(Object.keys(schema?.['properties'] ?? {})).toContain('break_glass_reason');
    expect(schema?.['required']).not.toContain('break_glass_reason');
    expect(JSON.stringify((await listed('ivo')).get('wire_transfer'))).not.toContain('break_glass_reason');
    expect(JSON.stringify([...(await listed('ana')).values()])).not.toContain('break_glass_reason');
  });
});
