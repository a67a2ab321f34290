// Items of the approvals table, and the conditional writes of one step. docs/formats.md shows each item. No I/O.

import type { AttributeValue, TransactWriteItem } from '@aws-sdk/client-dynamodb';
import { APPROVALS } from '../contract.ts';
import type { Approval } from '../core/approvals/approval.ts';
import type { HeldCall } from '../core/approvals/held-call.ts';
import { toTimestamp } from '../core/time.ts';

type Item = Record<string, AttributeValue>;

/** A step to write. `before` is the approval as it was read: the write holds only while it is still that. */
export type ApprovalStep =
  /** A new request. `replaces` is the ended one that the same call was bound to; `null`: none. */
  | {
      readonly kind: 'open';
      readonly approval: Approval;
      readonly hash: string;
      readonly held: HeldCall;
      readonly replaces: string | null;
      readonly inbox: readonly string[];
      readonly owner: string;
    }
  | {
      readonly kind: 'change';
      readonly before: Approval;
      readonly after: Approval;
      /** Epoch milliseconds at which the step was decided; the deadline is checked against it in the write itself. */
      readonly now: number;
    };

const key = (partition: string, sort: string): Item => ({
  [APPROVALS.partitionKey]: { S: partition },
  [APPROVALS.sortKey]: { S: sort },
});

export const recordKey = (id: string): Item => key(`approval#${id}`, 'record');
export const bindingKey = (hash: string): Item => key(`binding#${hash}`, 'current');

/** Where a person or a group finds requests: newest last. */
export const listPartition = (kind: 'group' | 'person', name: string): string => `${kind}#${name}`;

const listKey = (kind: 'group' | 'person', name: string, { requestedAt, id }: Approval): Item =>
  key(listPartition(kind, name), `${toTimestamp(requestedAt)}#${id}`);

const NEW = {
  ConditionExpression: 'attribute_not_exists(#pk)',
  ExpressionAttributeNames: { '#pk': APPROVALS.partitionKey },
};

/** The conditional writes of one step, in a fixed order; the entry of the step goes into the same transaction. */
export const stepWrites = (table: string, step: ApprovalStep): TransactWriteItem[] =>
  step.kind === 'open' ? openWrites(table, step) : [changeWrite(table, step)];

const openWrites = (table: string, step: Extract<ApprovalStep, { kind: 'open' }>): TransactWriteItem[] => {
  const { approval, hash, held, replaces, inbox, owner } = step;
  const record: Item = {
    ...recordKey(approval.id),
    ...recordAttributes(approval),
    held: { S: held.jwe },
    heldKey: { S: held.wrapped },
  };
  const lists = [...inbox.map((group) => listKey('group', group, approval)), listKey('person', owner, approval)];
  return [
    { Put: { TableName: table, Item: record, ...NEW } },
    {
      Put: {
        TableName: table,
        Item: { ...bindingKey(hash), approval: { S: approval.id } },
        ...bindingCondition(replaces),
      },
    },
    ...lists.map((Item) => ({ Put: { TableName: table, Item, ...NEW } })),
  ];
};

const bindingCondition = (replaces: string | null) =>
  replaces === null
    ? NEW
    : { ConditionExpression: 'approval = :replaces', ExpressionAttributeValues: { ':replaces': { S: replaces } } };

/**
 * Writes a step only while all of this holds:
 *
 *     requested ────────── now ────────── deadline      every step but expiry
 *     requested ── deadline ── now                      expiry; a review that is overdue, or comes late
 *                  └ and the version is the one that was read
 */
const changeWrite = (
  table: string,
  { before, after, now }: Extract<ApprovalStep, { kind: 'change' }>,
): TransactWriteItem => ({
  Update: {
    TableName: table,
    Key: recordKey(before.id),
    UpdateExpression: 'SET #state = :state, #version = :version, #deadline = :deadline, #record = :record',
    ConditionExpression: `#version = :before AND #deadline ${isPastDeadline(after) ? '<=' : '>'} :now`,
    ExpressionAttributeNames: {
      '#state': 'state',
      '#version': 'version',
      '#deadline': 'deadlineAt',
      '#record': 'record',
    },
    ExpressionAttributeValues: {
      ...Object.fromEntries(
        Object.entries(recordAttributes(after)).map(([name, value]) => [VALUE_OF[name] ?? '', value]),
      ),
      ':before': { N: String(before.version) },
      ':now': { N: String(now) },
    },
  },
});

const isPastDeadline = ({ state, glass }: Approval): boolean => state === 'expired' || glass?.overdue === true;

const VALUE_OF: Readonly<Record<string, string>> = {
  state: ':state',
  version: ':version',
  deadlineAt: ':deadline',
  record: ':record',
};

/** `record` is the approval as JSON; the three others repeat what conditions ask about. */
const recordAttributes = (approval: Approval): Item => ({
  state: { S: approval.state },
  version: { N: String(approval.version) },
  deadlineAt: { N: String(approval.deadlineAt) },
  record: { S: JSON.stringify(approval) },
});

/** Reads a record; a missing attribute is a fault, never a default. */
export const readApproval = (item: Item): Approval => {
  const record = item['record']?.S;
  if (record === undefined) throw new TypeError('An approval item lacks its record');
  const approval = JSON.parse(record) as Approval;
  const agrees = item['state']?.S === approval.state && Number(item['version']?.N) === approval.version;
  if (!agrees) throw new TypeError(`Approval ${approval.id} disagrees with its own record`);
  return approval;
};

export const readHeld = (item: Item): HeldCall => {
  const [jwe, wrapped] = [item['held']?.S, item['heldKey']?.S];
  if (jwe === undefined || wrapped === undefined) throw new TypeError('An approval item lacks its held call');
  return { jwe, wrapped };
};
