// The state machine of one approval request (Amazon States Language, JSONPath): a durable wait with a clock beside it.
// The stack deploys this very definition, and the laptop runs it.
//
//     Tell ──> ┌ Await ──(decision)──> Run, or wait for the use ──> Ended ┐ ──> Finished
//              └ until escalation ──> Escalate ──> until deadline ──> Expire ┘
//     glass broken: TellOfGlass ──> until deadline ──> Overdue, unless it was reviewed ──> Finished
//
// State and deadline of the request lie in DynamoDB and are checked by the write that decides. The machine only tells
// people, keeps time, and runs the call for a client that will not call again; each step may be repeated.
//
// The first branch ends the Parallel state by failing on purpose: that is how Step Functions stops the other branch.

/** What an execution is started with; its name is the id of the request, so that it is started once. */
export interface ApprovalRun {
  readonly approval: string;
  /** RFC 3339; the deadline where nobody else is to be asked. */
  readonly escalateAt: string;
  readonly deadlineAt: string;
  /** Whether the worker makes the call when it is approved; otherwise the client's own repeated call does. */
  readonly run: boolean;
  /** Whether the call went out already, and others must review it until the deadline. */
  readonly review: boolean;
}

/** What the notifier is asked to do, one step at a time. */
export type NotifierTask =
  | { readonly step: 'tell' | 'escalate' | 'expire' | 'run_failed' | 'overdue'; readonly approval: string }
  | { readonly step: 'await'; readonly approval: string; readonly token: string };

/** What ends the wait: sent with the task token by whoever changed the request. */
export interface ApprovalDecision {
  readonly state: 'approved' | 'denied' | 'withdrawn' | 'expired' | 'used';
  /** RFC 3339: until when an approved call must be made. */
  readonly deadlineAt: string;
}

/** A request waits for at most seven days (lib/policy); the wait itself ends a little later, if all else failed. */
const OUTER_SECONDS = (7 * 24 + 1) * 3600;
const RUN_SECONDS = 900;

const ENDED = 'Countersign.Ended';

const TRANSIENT = [
  'Lambda.ClientExecutionTimeoutException',
  'Lambda.ServiceException',
  'Lambda.AWSLambdaException',
  'Lambda.SdkClientException',
  'Lambda.TooManyRequestsException',
];

type Flow = Readonly<Record<string, unknown>>;
type Notify = (step: NotifierTask['step'], flow: Flow) => object;

const notifyBy =
  (notifier: string): Notify =>
  (step, flow) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke',
    Parameters: { FunctionName: notifier, Payload: { step, 'approval.$': '$.approval' } },
    ResultPath: null,
    // About five minutes: a mail service that is down for longer must not hold up the wait itself.
    Retry: [{ ErrorEquals: ['States.ALL'], IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 7 }],
    ...flow,
  });

const goOn = (next: string) => [{ ErrorEquals: ['States.ALL'], ResultPath: null, Next: next }];

const decision = ({ notifier, worker }: MachineFunctions, notify: Notify) => ({
  StartAt: 'Await',
  States: {
    Await: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: {
        FunctionName: notifier,
        Payload: { step: 'await', 'approval.$': '$.approval', 'token.$': '$$.Task.Token' },
      },
      TimeoutSeconds: OUTER_SECONDS,
      ResultPath: '$.decision',
      Retry: [{ ErrorEquals: TRANSIENT, IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 7 }],
      Next: 'Decided',
    },
    Decided: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: '$.decision.state', StringEquals: 'approved' },
            { Variable: '$.run', BooleanEquals: true },
          ],
          Next: 'Run',
        },
        { Variable: '$.decision.state', StringEquals: 'approved', Next: 'UntilUse' },
      ],
      Default: 'Ended',
    },
    Run: {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke',
      Parameters: { FunctionName: worker, Payload: { 'approval.$': '$.approval' } },
      TimeoutSeconds: RUN_SECONDS,
      ResultPath: null,
      // Using the approval is what makes the call happen at most once, so that trying again is safe.
      Retry: [{ ErrorEquals: TRANSIENT, IntervalSeconds: 2, BackoffRate: 2, MaxAttempts: 5 }],
      Catch: goOn('RunFailed'),
      Next: 'Ended',
    },
    RunFailed: notify('run_failed', { Catch: goOn('Ended'), Next: 'Ended' }),
    UntilUse: { Type: 'Wait', TimestampPath: '$.decision.deadlineAt', Next: 'ExpireUnused' },
    ExpireUnused: notify('expire', { Catch: goOn('Ended'), Next: 'Ended' }),
    Ended: { Type: 'Fail', Error: ENDED, Cause: 'The request has ended; nothing is left to wait for' },
  },
});

const clock = (notify: Notify) => ({
  StartAt: 'UntilEscalation',
  States: {
    UntilEscalation: { Type: 'Wait', TimestampPath: '$.escalateAt', Next: 'Escalate' },
    Escalate: notify('escalate', { Catch: goOn('UntilDeadline'), Next: 'UntilDeadline' }),
    UntilDeadline: { Type: 'Wait', TimestampPath: '$.deadlineAt', Next: 'Expire' },
    // Ends the wait of the other branch by its token, whatever was decided meanwhile.
    Expire: notify('expire', { End: true }),
  },
});

/** Names or ARNs of the two functions that the machine invokes. */
export interface MachineFunctions {
  readonly notifier: string;
  readonly worker: string;
}

export const approvalMachine = (functions: MachineFunctions): object => {
  const notify = notifyBy(functions.notifier);
  return {
    Comment: 'Countersign: one approval request, from asking people to its end',
    StartAt: 'Kind',
    States: {
      Kind: {
        Type: 'Choice',
        Choices: [{ Variable: '$.review', BooleanEquals: true, Next: 'TellOfGlass' }],
        Default: 'Tell',
      },
      TellOfGlass: notify('tell', { Catch: goOn('UntilReview'), Next: 'UntilReview' }),
      UntilReview: { Type: 'Wait', TimestampPath: '$.deadlineAt', Next: 'Overdue' },
      // An execution that fails here raises the alarm WaitsBroken: nobody else says that nobody looked.
      Overdue: notify('overdue', { Next: 'Finished' }),
      // Approvers find the request in the console even where no message could be sent.
      Tell: notify('tell', { Catch: goOn('Decide'), Next: 'Decide' }),
      Decide: {
        Type: 'Parallel',
        Branches: [decision(functions, notify), clock(notify)],
        ResultPath: null,
        Catch: [
          { ErrorEquals: [ENDED], ResultPath: null, Next: 'Finished' },
          { ErrorEquals: ['States.ALL'], ResultPath: '$.failure', Next: 'Broken' },
        ],
        Next: 'Finished',
      },
      Finished: { Type: 'Succeed' },
      Broken: {
        Type: 'Fail',
        Error: 'Countersign.Broken',
        Cause: 'The wait failed. The request stands in the approvals table and runs out at its deadline.',
      },
    },
  };
};
