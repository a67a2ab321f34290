// People who decide about held calls of the sample bank, and what came of it.

import { randomUUID } from 'node:crypto';
import { setTimeout } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DescribeExecutionCommand, SFNClient } from '@aws-sdk/client-sfn';
import { makeApprovals } from '../../lambdas/adapters/dynamo-approvals.ts';
import type { Approval } from '../../lambdas/core/approvals/approval.ts';
import { signInToConsole, type Visitor } from '../../local/sign-in/console-visitor.ts';
import type { TestStack } from './stack.ts';

/** Arguments of a wire that nobody has ordered before; two people must approve it. */
export const wire = (over: Record<string, unknown> = {}) => ({
  from: 'ACC-00011',
  to: 'DE89370400440532013000',
  amount: '250.00',
  currency: 'USD',
  reference: randomUUID(),
  approval_reason: 'invoice 118 is due today',
  ...over,
});

export const eventually = async (holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 200; tries += 1) {
    if (await holds()) return;
    await setTimeout(50);
  }
  throw new Error('it did not come to that');
};

export interface Approvers {
  visitorOf(person: string): Promise<Visitor>;
  /** Opens the request's page and sends its form; throws when the console takes no decision. */
  decide(id: string, person: string, verdict?: string, reason?: string): Promise<void>;
  load(id: string): Promise<Approval>;
  /** How the state machine of a request stands, in the words of Step Functions. */
  waitOf(id: string): Promise<string | undefined>;
  /** How many wires with this reference the bank has heard of. */
  wiresSent(reference: string): number;
  /** Everything that was sent, as text. */
  outbox(): Promise<string>;
  close(): void;
}

export const makeApprovers = (stack: TestStack): Approvers => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const aws = { endpoint: stack.aws.url, region: 'us-east-1', credentials };
  const dynamoDb = new DynamoDBClient(aws);
  const stepFunctions = new SFNClient(aws);
  const { ledgerTable: ledger, approvalsTable } = stack.resources;
  const approvals = makeApprovals(dynamoDb, { ledger, approvals: approvalsTable });
  const visitors = new Map<string, Promise<Visitor>>();
  const visitorOf = (person: string): Promise<Visitor> => {
    const visitor = visitors.get(person) ?? signInToConsole(stack.publicUrl, person);
    visitors.set(person, visitor);
    return visitor;
  };
  return {
    visitorOf,
    decide: async (id, person, verdict = 'approve', reason = '') => {
      const { status, text } = await (await visitorOf(person)).decide(id, verdict, reason);
      if (status !== 303) throw new Error(`the decision was answered with ${status}: ${text}`);
    },
    load: async (id) => {
      const found = await approvals.find(id);
      if (found === undefined) throw new Error(`no approval ${id}`);
      return found.approval;
    },
    waitOf: async (id) => {
      const executionArn = `${stack.resources.approvalMachine.replace(':stateMachine:', ':execution:')}:${id}`;
      return (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status;
    },
    wiresSent: (reference) =>
      stack.bank
        .calls()
        .filter(({ tool, args }) => tool === 'wire_transfer' && JSON.stringify(args).includes(reference)).length,
    outbox: stack.outbox,
    close: () => {
      dynamoDb.destroy();
      stepFunctions.destroy();
    },
  };
};
