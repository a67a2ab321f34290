// Executions of the approval machine in Step Functions: one per request, named by it.

import {
  ExecutionAlreadyExists,
  SendTaskSuccessCommand,
  type SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { ApprovalDecision, ApprovalRun } from '../approval-machine.ts';
import type { Approval } from '../core/approvals/approval.ts';
import { toTimestamp } from '../core/time.ts';

/** What the machine is told of a request that is no longer pending. */
export const decisionOf = ({ state, deadlineAt }: Approval): ApprovalDecision => {
  if (state === 'pending') throw new TypeError('A pending request is not decided');
  return { state, deadlineAt: toTimestamp(deadlineAt) };
};

/** Starts the machine of a request; starting it again changes nothing. */
export type StartMachine = (run: ApprovalRun) => Promise<void>;

/** Ends the wait. A wait that has ended already stays ended: the request itself says what was decided. */
export type EndWait = (token: string, decision: ApprovalDecision) => Promise<void>;

export const makeStartMachine =
  (client: SFNClient, stateMachineArn: string): StartMachine =>
  async (run) => {
    try {
      await client.send(new StartExecutionCommand({ stateMachineArn, name: run.approval, input: JSON.stringify(run) }));
    } catch (cause) {
      if (!(cause instanceof ExecutionAlreadyExists)) throw cause;
    }
  };

const WAIT_IS_OVER: ReadonlySet<string> = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

export const makeEndWait =
  (client: SFNClient): EndWait =>
  async (taskToken, decision) => {
    try {
      await client.send(new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision) }));
    } catch (cause) {
      if (!(cause instanceof Error && WAIT_IS_OVER.has(cause.name))) throw cause;
    }
  };
