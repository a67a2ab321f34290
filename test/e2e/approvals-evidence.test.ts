// What approvals leave behind: real requests, decisions and calls, sealed, copied out and verified offline; what an auditor
// lists; and what shows when somebody edits the approvals table.

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type AttributeValue, DynamoDBClient, GetItemCommand, UpdateItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportLog } from '../../bin/commands/export.ts';
import { LOG_ORIGIN_VARIABLE } from '../../bin/commands/installation.ts';
import { verifierKey } from '../../bin/commands/key.ts';
import { bindingKey, recordKey } from '../../lambdas/adapters/dynamo-approval-items.ts';
import { ENV } from '../../lambdas/contract.ts';
import type { Approval } from '../../lambdas/core/approvals/approval.ts';
import { callKey } from '../../lambdas/core/approvals/exact-call.ts';
import { configDigest } from '../../lib/config.ts';
import { resourceEnvironment } from '../../local/gateway.ts';
import { signInToConsole, type Visitor } from '../../local/sign-in/console-visitor.ts';
import { stackEnvironment } from '../../local/stack.ts';
import { openLedger } from '../support/ledger.ts';
import { call, modern } from '../support/mcp-call.ts';
import { waitUntilSealed } from '../support/sealed.ts';
import { startTestStack, type TestStack } from '../support/stack.ts';

let stack: TestStack;
let folder: string;

let client: DynamoDBClient | undefined;
/** Made when the environment names the endpoint. */
const dynamo = (): DynamoDBClient => {
  client ??= new DynamoDBClient();
  return client;
};

beforeAll(async () => {
  stack = await startTestStack({ overlay: { approvals: { holdSeconds: 0 } } });
  Object.assign(process.env, resourceEnvironment(stack.resources), {
    [LOG_ORIGIN_VARIABLE]: stack.config.log.origin,
    [ENV.configDigest]: configDigest(stack.config),
  });
  folder = await mkdtemp(join(tmpdir(), 'countersign-approvals-'));
  await writeFile(join(folder, 'log.vkey'), await verifierKey());
});
afterAll(async () => {
  client?.destroy();
  await stack.close();
  await rm(folder, { recursive: true, force: true });
});

const countersign = async (...args: string[]): Promise<{ code: number; stdout: string }> => {
  const env = {
    ...{
      PATH: process.env['PATH'],
      NO_COLOR: '1',
      ...stackEnvironment(stack),
      ...resourceEnvironment(stack.resources),
    },
    ...{ [LOG_ORIGIN_VARIABLE]: stack.config.log.origin, [ENV.configDigest]: process.env[ENV.configDigest] },
  };
  try {
    return { code: 0, ...(await promisify(execFile)(process.execPath, ['bin/cli.ts', ...args], { env })) };
  } catch (cause) {
    return cause as { code: number; stdout: string };
  }
};

const order = () => ({
  ...{ from: 'ACC-00011', to: 'DE89370400440532013000', amount: '250.00', currency: 'USD', reference: randomUUID() },
  approval_reason: 'invoice 118 is due today',
});

const wire = async (args: object): Promise<{ ran: boolean; id: string }> => {
  const asked = modern('tools/call', { name: 'wire_transfer', arguments: args });
  const { message } = await call(stack.url('core-banking'), { token: await stack.tokenOf('ana'), ...asked });
  const text = JSON.stringify(message?.result ?? {});
  return { ran: message?.result?.['isError'] !== true, id: /Reference: ([0-9a-f-]{36})/.exec(text)?.[1] ?? '' };
};

const visitors = new Map<string, Promise<Visitor>>();
const decide = async (id: string, person: string, verdict = 'approve', reason = ''): Promise<void> => {
  const visitor = visitors.get(person) ?? signInToConsole(stack.publicUrl, person);
  visitors.set(person, visitor);
  const { status, text } = await (await visitor).decide(id, verdict, reason);
  if (status !== 303) throw new Error(`the decision was answered with ${status}: ${text}`);
};

const verified = async (name: string, ...more: string[]) => {
  await waitUntilSealed(stack);
  await exportLog([join(folder, name)]);
  return countersign('verify', join(folder, name), '--key', join(folder, 'log.vkey'), ...more);
};

const read = async (id: string): Promise<Approval> => {
  const TableName = stack.resources.approvalsTable;
  const { Item } = await dynamo().send(new GetItemCommand({ TableName, Key: recordKey(id), ConsistentRead: true }));
  return JSON.parse(Item?.['record']?.S ?? '') as Approval;
};

/** Sets attributes of an item, as somebody can who may write the table. */
const write = async (Key: Record<string, AttributeValue>, set: Record<string, AttributeValue>): Promise<void> => {
  const [name = '', value] = Object.entries(set)[0] ?? [];
  await dynamo().send(
    new UpdateItemCommand({
      ...{ TableName: stack.resources.approvalsTable, Key, UpdateExpression: 'SET #name = :value' },
      ...{ ExpressionAttributeNames: { '#name': name }, ExpressionAttributeValues: { ':value': value ?? { S: '' } } },
    }),
  );
};

const edit = async (id: string, change: (approval: Approval) => Approval): Promise<void> =>
  write(recordKey(id), { record: { S: JSON.stringify(change(await read(id))) } });

describe('the record of approvals', { timeout: 120_000 }, () => {
  let used = '';
  let denied = '';
  let withdrawn = '';

  it('holds, and opens to what was written', async () => {
    const first = order();
    used = (await wire(first)).id;
    await decide(used, 'paul');
    await decide(used, 'petra');
    expect((await wire(first)).ran).toBe(true);
    denied = (await wire(order())).id;
    await decide(denied, 'paul');
    await decide(denied, 'petra', 'deny', 'the payee is unknown');
    withdrawn = (await wire(order())).id;
    await decide(withdrawn, 'ana', 'withdraw');

    const keys = join(folder, 'keys.json');
    await countersign('keys', 'unwrap', '--all', '--reason', 'case 2026-114', '--out', keys);
    const { code, stdout } = await verified('honest', '--content-keys', keys);
    expect(stdout).toMatch(/^ok +approvals/m);
    expect(stdout).toMatch(/^ok +bodies/m);
    expect(stdout).toMatch(/^ok +content/m);
    expect(stdout).toMatch(/^ok +manifests|^ok +sessions/m);
    expect(code).toBe(0);
  });

  it('is listed for auditors: who asked, who decided, and what became of it', async () => {
    const { code, stdout } = await countersign('approvals');
    expect(stdout).toMatch(new RegExp(`${used} .* ana +core-banking +wire_transfer +used +paul yes, petra yes`));
    expect(stdout).toMatch(new RegExp(`${denied} .* denied +paul yes, petra no`));
    expect(stdout).toMatch(new RegExp(`${withdrawn} .* withdrawn +-`));
    expect(code).toBe(0);
    expect((await countersign('approvals', '--day', '2001-01-01')).stdout).toContain('Nobody asked for approval');
    const lines = (await countersign('approvals', '--json')).stdout.trim().split('\n');
    const listed = lines.map((line) => JSON.parse(line) as { type: string; approval: string });
    for (const id of [used, denied, withdrawn]) {
      const types = listed.filter(({ approval }) => approval === id).map(({ type }) => type);
      expect(types.filter((type) => type === 'approval.requested')).toHaveLength(1);
      expect(types).toContain('approval.viewed');
    }
  });
});

describe('the record of broken glass', { timeout: 120_000 }, () => {
  it('verifies, shows each, and is marked for auditors', async () => {
    const args = { cardId: 'CRD-00011', reason: randomUUID(), break_glass_reason: 'cards are being skimmed' };
    const asked = modern('tools/call', { name: 'freeze_card', arguments: args });
    const ledger = openLedger(stack.resources, stack.config.log.origin);
    await call(stack.url('core-banking'), { token: await stack.tokenOf('ivo'), ...asked });
    const broken = (await ledger.all()).flatMap(({ entry }) =>
      entry.type === 'approval.requested' && entry.glass !== null ? [entry.approval] : [],
    );
    expect(broken).toHaveLength(1);
    const [id = ''] = broken;
    const listed = async () => (await countersign('approvals')).stdout.split('\n').find((line) => line.includes(id));
    expect(await listed()).toMatch(/ivo +core-banking +freeze_card +GLASS BROKEN, not reviewed yet +-/);
    await decide(id, 'petra', 'unjustified', 'nothing was skimmed');
    expect(await listed()).toMatch(/GLASS BROKEN, NOT justified +petra reviewed/);

    const keys = join(folder, 'glass-keys.json');
    await countersign('keys', 'unwrap', '--all', '--reason', 'case 2026-115', '--out', keys);
    const { code, stdout } = await verified('glass', '--content-keys', keys);
    expect(stdout).toMatch(
      new RegExp(`glass_broken at seg/.* request ${id}, version 1: ivo .* ran freeze_card at core-banking`),
    );
    expect(stdout).toMatch(new RegExp(`glass_unjustified at seg/.* request ${id}`));
    expect(stdout).not.toMatch(/^FAILED/m);
    expect(stdout).toMatch(/^ok +content/m);
    expect(code).toBe(0);
  });
});

describe('a hand in the approvals table', { timeout: 120_000 }, () => {
  const shows = async (name: string, finding: string, id: string): Promise<void> => {
    const { code, stdout } = await verified(name);
    expect(stdout).toMatch(/^FAILED +approvals/m);
    expect(stdout).toMatch(new RegExp(`${finding} at seg/.* request ${id}`));
    expect(code).toBe(1);
  };

  it('that asks for fewer people is seen in the log', async () => {
    const args = order();
    const { id } = await wire(args);
    const terms = { approvers: [{ groups: ['payments-approvers'], quorum: 1 }] };
    await edit(id, (approval) => ({ ...approval, terms: { ...approval.terms, ...terms } }));
    await decide(id, 'paul');
    expect((await wire(args)).ran).toBe(true);
    await shows('fewer-people', 'approval_quorum', id);
  });

  it('that puts another call in the place of the approved one is seen in the log', async () => {
    const [harmless, other] = [order(), { ...order(), amount: '9000.00' }];
    const { id } = await wire(harmless);
    await decide(id, 'paul');
    await decide(id, 'petra');
    const { binding } = await read((await wire(other)).id);
    await edit(id, (approval) => ({ ...approval, binding }));
    await write(bindingKey(callKey(binding)), { approval: { S: id } });
    expect((await wire(other)).ran).toBe(true);
    await shows('another-call', 'approval_binding', id);
  });
});
