// Approval requests against the loopback DynamoDB: a step and its entry together or not at all, and every race with one
// winner.

import { randomUUID } from 'node:crypto';
import { DynamoDBClient, GetItemCommand, QueryCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { type Approvals, ApprovalsError, makeApprovals } from '../../lambdas/adapters/dynamo-approvals.ts';
import type { Approval } from '../../lambdas/core/approvals/approval.ts';
import { approve, deny, expire, use } from '../../lambdas/core/approvals/decide.ts';
import { bindingHash } from '../../lambdas/core/approvals/exact-call.ts';
import { breakGlass, review } from '../../lambdas/core/approvals/glass.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { approvalOf, approver, BINDING, MINUTE, NOW } from '../core/approvals/builders.ts';
import { NOBODY, useAws } from './aws.ts';

const aws = useAws();
const tables = () => ({ ledger: aws().ledgerTable, approvals: aws().approvalsTable });
const approvals = (): Approvals => makeApprovals(aws().dynamoDb, tables());
const HELD = { jwe: 'e..i.c.t', wrapped: 'd2l0aGhlbGQ=' };
const ONE = { approvers: [{ groups: ['payments-approvers'], quorum: 1 }] };

/** The entry of a step; only its place matters here. */
const entryOf = ({ id, version, deadlineAt }: Approval) => {
  const entry: Entry = {
    v: 1,
    log: 'bank.example/log',
    id: randomUUID(),
    ts: new Date(NOW).toISOString(),
    config: 'sha256:00',
    gw: { fn: 'test', code: 'sha256:00', region: 'eu-west-1' },
    type: 'approval.expired',
    approval: id,
    version: String(version),
    deadline: new Date(deadlineAt).toISOString(),
  };
  return { entry: toWalEntry(entry), body: null };
};

const fresh = (terms = {}): Approval =>
  approvalOf(terms, { id: randomUUID(), binding: { ...BINDING, subject: randomUUID() } });
const open = async (approval: Approval, over = {}): Promise<Approval> => {
  const hash = bindingHash(approval.binding);
  const step = {
    kind: 'open',
    approval,
    hash,
    held: HELD,
    replaces: null,
    inbox: [],
    owner: approval.id,
    ...over,
  } as const;
  await approvals().take(step, [entryOf(approval)]);
  return approval;
};
const change = (before: Approval, after: Approval, now: number): Promise<void> =>
  approvals().take({ kind: 'change', before, after, now }, [entryOf(after)]);
const done = <T>(result: { ok: true; value: T } | { ok: false; error: unknown }): T => {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const codeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'written',
    (error: unknown) => (error instanceof ApprovalsError ? error.code : error),
  );
const entriesOf = async (id: string): Promise<number> => {
  const { Count = 0 } = await aws().dynamoDb.send(
    new QueryCommand({
      TableName: aws().ledgerTable,
      KeyConditionExpression: 'pk = :pk',
      ExpressionAttributeValues: { ':pk': { S: `approval#${id}` } },
      ConsistentRead: true,
    }),
  );
  return Count;
};

describe('open', () => {
  it('is found by its id and by the call it is bound to, with what is held', async () => {
    const approval = await open(fresh());
    expect(await approvals().find(approval.id)).toEqual({
      approval,
      held: HELD,
      ...{ started: false, told: false, token: null },
    });
    expect(await approvals().findByCall(bindingHash(approval.binding))).toMatchObject({ approval });
    expect(await entriesOf(approval.id)).toBe(1);
  });

  it('lets one of twenty identical calls make the request', async () => {
    const approval = fresh();
    const results = await Promise.all(
      Array.from({ length: 20 }, () => codeOf(open({ ...approval, id: randomUUID() }))),
    );
    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    expect(results.filter((result) => result === 'conflict')).toHaveLength(19);
  });

  it('takes the place of an ended request, and of that one only', async () => {
    const first = await open(fresh());
    const second = { ...first, id: randomUUID() };
    expect(await codeOf(open(second))).toBe('conflict');
    expect(await codeOf(open(second, { replaces: randomUUID() }))).toBe('conflict');
    expect(await codeOf(open(second, { replaces: first.id }))).toBe('written');
    expect((await approvals().findByCall(bindingHash(first.binding)))?.approval.id).toBe(second.id);
    expect((await approvals().find(first.id))?.approval.id).toBe(first.id);
  });

  it('writes nothing when its entry stands already', async () => {
    const approval = await open(fresh());
    const other = { ...approval, binding: { ...approval.binding, tool: 'other' } };
    expect(await codeOf(open(other))).toBe('conflict');
    expect(await approvals().findByCall(bindingHash(other.binding))).toBeUndefined();
  });
});

describe('change', () => {
  it('writes the next state with its entry', async () => {
    const before = await open(fresh());
    const after = done(approve(before, approver('paul'), NOW + MINUTE));
    await change(before, after, NOW + MINUTE);
    expect((await approvals().find(before.id))?.approval).toEqual(after);
    expect(await entriesOf(before.id)).toBe(2);
  });

  it('lets one of two approvers who decide at once be first; the other reads again', async () => {
    const before = await open(fresh());
    const [paul, petra] = ['paul', 'petra'].map((name) => done(approve(before, approver(name), NOW)));
    const results = await Promise.all([paul, petra].map((after) => codeOf(change(before, after as Approval, NOW))));
    expect(results.sort()).toEqual(['conflict', 'written']);
    const now = (await approvals().find(before.id))?.approval as Approval;
    expect(now.approvals).toHaveLength(1);
    const last = approver(now.approvals[0]?.subject === 'paul' ? 'petra' : 'paul');
    await change(now, done(approve(now, last, NOW)), NOW);
    expect((await approvals().find(before.id))?.approval.state).toBe('approved');
    expect(await entriesOf(before.id)).toBe(3);
  });

  it('writes a late review only once its time is over, and one in time only before', async () => {
    const glass = { groups: [['commanders']], reviewSeconds: 3600 };
    const { id, binding, requester, terms } = fresh({ glass });
    const made = { id, binding, requester, terms, shown: null, requestedAt: NOW, justification: 'fire' };
    const before = await open(breakGlass(made).used);
    const said = { verdict: 'justified', reason: '' } as const;
    const inTime = done(review(before, approver('paul'), said, NOW + 59 * MINUTE));
    const late = done(review(before, approver('paul'), said, NOW + 60 * MINUTE));
    expect(await codeOf(change(before, inTime, NOW + 60 * MINUTE))).toBe('conflict');
    expect(await codeOf(change(before, late, NOW + 60 * MINUTE - 1))).toBe('conflict');
    expect(await codeOf(change(before, late, NOW + 60 * MINUTE))).toBe('written');
    expect((await approvals().find(id))?.approval).toEqual(late);
  });

  it('uses an approval once, however often and however fast it is tried', async () => {
    const before = await open(fresh(ONE));
    const approved = done(approve(before, approver('paul'), NOW));
    await change(before, approved, NOW);
    const used = done(use(approved, approved.binding, NOW + MINUTE));
    const results = await Promise.all(Array.from({ length: 20 }, () => codeOf(change(approved, used, NOW + MINUTE))));
    expect(results.filter((result) => result === 'written')).toHaveLength(1);
    expect(await entriesOf(before.id)).toBe(3);
  });

  it('checks the deadline in the write: a decision that was in time when it was made and is late when it is written', async () => {
    const before = await open(fresh(ONE));
    const approved = done(approve(before, approver('paul'), NOW));
    expect(await codeOf(change(before, approved, before.deadlineAt))).toBe('conflict');
    expect(await codeOf(change(before, approved, before.deadlineAt - 1))).toBe('written');
  });

  it('lets approval or expiry win, never both', async () => {
    const before = await open(fresh(ONE));
    const late = before.deadlineAt;
    const expired = expire(before, late) as Approval;
    expect(await codeOf(change(before, expired, late - 1))).toBe('conflict');
    const approved = done(approve(before, approver('paul'), late - 1));
    const results = await Promise.all([
      codeOf(change(before, approved, late - 1)),
      codeOf(change(before, expired, late)),
    ]);
    expect(results.sort()).toEqual(['conflict', 'written']);
    expect(await entriesOf(before.id)).toBe(2);
  });

  it('refuses a step on what is not there', async () => {
    const before = fresh(ONE);
    expect(await codeOf(change(before, done(deny(before, approver('paul'), 'no', NOW)), NOW))).toBe('conflict');
    expect(await entriesOf(before.id)).toBe(0);
  });
});

describe('list', () => {
  it('gives the newest first, as they stand now', async () => {
    const group = randomUUID();
    const made: Approval[] = [];
    for (const minutes of [1, 3, 2]) {
      made.push(await open({ ...fresh(), requestedAt: NOW + minutes * MINUTE }, { inbox: [group] }));
    }
    const [first, last] = [made[0] as Approval, made[1] as Approval];
    const denied = done(deny(first, approver('paul'), 'no', NOW));
    await change(first, denied, NOW);
    const listed = await approvals().list('group', group, 10);
    expect(listed.map(({ id }) => id)).toEqual([last.id, made[2]?.id, first.id]);
    expect(listed.at(-1)?.state).toBe('denied');
    expect(await approvals().list('group', group, 1)).toHaveLength(1);
    expect((await approvals().list('person', first.id, 10)).map(({ id }) => id)).toEqual([first.id]);
    expect(await approvals().list('group', randomUUID(), 10)).toEqual([]);
  });
});

describe('find', () => {
  it('knows nothing of an unknown id or call', async () => {
    expect(await approvals().find(randomUUID())).toBeUndefined();
    expect(await approvals().findByCall('00')).toBeUndefined();
  });

  it('refuses an item whose state was changed behind its record', async () => {
    const { id } = await open(fresh());
    const Key = { pk: { S: `approval#${id}` }, sk: { S: 'record' } };
    const TableName = aws().approvalsTable;
    await aws().dynamoDb.send(
      new UpdateItemCommand({
        TableName,
        Key,
        UpdateExpression: 'SET #state = :approved',
        ExpressionAttributeNames: { '#state': 'state' },
        ExpressionAttributeValues: { ':approved': { S: 'approved' } },
      }),
    );
    await expect(approvals().find(id)).rejects.toThrow('disagrees with its own record');
    expect((await aws().dynamoDb.send(new GetItemCommand({ TableName, Key }))).Item).toBeDefined();
  });

  it('remembers that the state machine was started', async () => {
    const { id } = await open(fresh());
    await approvals().markStarted(id);
    expect((await approvals().find(id))?.started).toBe(true);
    await expect(approvals().markStarted(randomUUID())).rejects.toThrow();
  });
});

describe('without DynamoDB', () => {
  it('is unavailable, which is no answer', async () => {
    const nobody = new DynamoDBClient(NOBODY);
    const lost = makeApprovals(nobody, tables());
    const before = fresh(ONE);
    const step = { kind: 'change', before, after: done(approve(before, approver('paul'), NOW)), now: NOW } as const;
    expect(await codeOf(lost.take(step, []))).toBe('unavailable');
    nobody.destroy();
  });
});
