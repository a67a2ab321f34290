// The durable waits of approvals: the state machine, and what its two functions may do.
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, Policy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { approvalMachine } from '../lambdas/approval-machine.ts';
import { ENV } from '../lambdas/contract.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import { accept } from './nag.ts';

export interface ApprovalWaitsProps {
  readonly atRestKey: AtRestKey;
  /** Tells people, and keeps time. */
  readonly notifier: HouseFunction;
  /** Makes approved calls. */
  readonly worker: HouseFunction;
}

export class ApprovalWaits extends Construct {
  readonly machine: StateMachine;

  constructor(scope: Construct, id: string, { atRestKey, notifier, worker }: ApprovalWaitsProps) {
    super(scope, id);
    const logs = new LogGroup(this, 'Logs', {
      encryptionKey: atRestKey,
      retention: RetentionDays.ONE_YEAR,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    const definition = approvalMachine({ notifier: notifier.functionArn, worker: worker.functionArn });
    this.machine = new StateMachine(this, 'Machine', {
      // Standard: a wait of a day, and each step once.
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(Stack.of(this).toJsonString(definition)),
      // Seven days for the decision, and once more for the use.
      timeout: Duration.days(15),
      tracingEnabled: true,
      // Without execution data: a task token is the right to end a wait.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    Grant.addToPrincipal({
      grantee: this.machine,
      actions: ['lambda:InvokeFunction'],
      resourceArns: [notifier.functionArn, worker.functionArn],
    });
    accept(this.machine.role, MACHINE_ROLE_REASONS);
  }

  /** Lets `fn` start the wait of a request. */
  grantStart(fn: HouseFunction): void {
    const machine = this.machine.stateMachineArn;
    Grant.addToPrincipal({ grantee: fn, actions: ['states:StartExecution'], resourceArns: [machine] });
    fn.setEnv(ENV.approvalMachine, machine);
  }

  /** Lets `fns` end waits. Policies of their own: the machine names functions, which must not name it in turn. */
  grantEnd(...fns: readonly HouseFunction[]): void {
    const statement = new PolicyStatement({
      actions: ['states:SendTaskSuccess'],
      resources: [this.machine.stateMachineArn],
    });
    const roles = fns.flatMap(({ role }) => role ?? []);
    accept(new Policy(this, 'EndWaits', { roles, statements: [statement] }), INLINE_REASON);
  }
}

const INLINE_REASON = {
  'NIST.800.53.R5-IAMNoInlinePolicy':
    'Written for these roles and of use to no other; as managed policies they could be attached elsewhere.',
};

const MACHINE_ROLE_REASONS = {
  ...INLINE_REASON,
  'AwsSolutions-IAM5[Resource::*]':
    'Log delivery and X-Ray have no resources of their own (AWS Step Functions developer guide, "Logging", "X-Ray"). Of functions the role names exactly two.',
};
