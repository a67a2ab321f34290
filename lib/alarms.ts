// What wakes someone up. Each alarm says in its description what to do; the operators subscribe to the topic.
import { Aws, Duration } from 'aws-cdk-lib';
import type { RestApi } from 'aws-cdk-lib/aws-apigateway';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Operation, type Table } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import type { StateMachine } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import { type AlarmRule, AT_ONCE, evidenceRules, PERIOD } from './evidence-alarms.ts';
import type { HouseFunction, HouseFunctions } from './house-function.ts';

/** An alarm on one bad minute cries wolf; three of five is a state. */
const WINDOW = { periods: 3, of: 5 };
const OPERATIONS = [Operation.GET_ITEM, Operation.PUT_ITEM, Operation.UPDATE_ITEM, Operation.TRANSACT_WRITE_ITEMS];

export interface AlarmsProps {
  readonly atRestKey: AtRestKey;
  readonly api: RestApi;
  readonly functions: HouseFunctions;
  /** Origin of the log. */
  readonly origin: string;
  readonly tables: Readonly<Record<'Ledger' | 'Sessions' | 'Approvals', Table>>;
  /** Changes of the ledger that the watcher had to give up. */
  readonly unjudged: Queue;
  /** Waits of approvals. */
  readonly machine: StateMachine;
  readonly responseTransfer: GatewayConfig['endpoint']['responseTransfer'];
}

export class Alarms extends Construct {
  /** Subscribe the operators here. */
  readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', { masterKey: props.atRestKey, enforceSSL: true });
    // A topic with a policy of its own has lost the default one, under which alarms of the account may publish.
    this.topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [this.topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    this.watchApi(props);
    this.watchFunctions(props.functions);
    this.watchKeeper(props.functions);
    this.watchCopies(props.functions);
    this.watchApprovals(props);
    for (const [id, rule] of Object.entries(evidenceRules(props))) this.alarm(id, rule);
    for (const [name, table] of Object.entries(props.tables)) this.watchTable(name, table);
  }

  private watchApi({ api, responseTransfer }: AlarmsProps): void {
    this.alarm('Api5xx', {
      metric: api.metricServerError({ period: PERIOD, statistic: 'Sum' }),
      above: 4,
      runbook:
        'Clients get 5xx: calls are refused, none is unrecorded. Look up errorType by requestId in the access log, then the mcp function log.',
    });
    // API Gateway counts a stream until its end, so its latency says nothing when answers are streamed.
    if (responseTransfer === 'stream') return;
    this.alarm('ApiLatency', {
      metric: api.metricLatency({ period: PERIOD, statistic: 'p99' }),
      above: 10_000,
      runbook:
        'Slow answers: compare integrationMilliseconds in the access log with the latency of the upstream itself.',
    });
  }

  private watchKeeper({ keeper, sealer }: AlarmsProps['functions']): void {
    this.alarm('KeeperErrors', {
      metric: keeper.metricErrors({ period: PERIOD }),
      above: 0,
      runbook:
        'Some sessions could not be looked after: they stay due and are tried again each minute. See the keeper log; where it names a call whose entries were removed or changed, somebody changed the ledger table.',
      bad: AT_ONCE,
    });
    this.alarm('KeeperSilent', {
      metric: keeper.metricInvocations({ period: Duration.minutes(15), statistic: 'Sum' }),
      below: 1,
      runbook:
        'Sessions that run out are not closed, and calls without outcome are not recorded as such. See the schedule of the keeper and its throttles.',
      bad: AT_ONCE,
    });
    this.alarm('TilesNotWritten', {
      metric: this.logMetric('TilesNotWritten', sealer, 'The tiles were not written'),
      above: 0,
      runbook:
        'Monitors read an older tree; sealing goes on, and the next run writes the tiles again. See the sealer log and the tiles bucket.',
    });
    this.alarm('ManifestsRefused', {
      metric: this.logMetric('ManifestsRefused', sealer, 'A session gets no manifest'),
      above: 0,
      runbook:
        'The sealed entries of an ended session contradict each other or are not all there, so no manifest of it is signed. The sealer log says which and why; verify a copy of the log.',
      bad: AT_ONCE,
    });
  }

  private watchCopies({ sealer }: AlarmsProps['functions']): void {
    this.alarm('CopiesBehind', {
      metric: this.logMetric('CopiesBehind', sealer, 'The second copy is behind'),
      above: 0,
      runbook:
        'Checkpoints and keys are sealed and not copied to the copies bucket. The next run tries again; if it stays, see the sealer log for what S3 refuses.',
    });
  }

  private watchApprovals({ functions: { console, mcp, notifier, worker }, machine }: AlarmsProps): void {
    this.alarm('GlassBroken', {
      metric: this.logMetric('GlassBroken', mcp, 'Glass is being broken by request *'),
      above: 0,
      runbook:
        'Somebody let a call through without approval, as policy allows in an emergency. Look at it in the console, also where no message came; somebody else must review it in time.',
      bad: AT_ONCE,
    });
    this.alarm('NobodyTold', {
      metric: notifier.metricErrors({ period: PERIOD }),
      above: 0,
      runbook:
        'A message to approvers did not leave, or the time of a request could not be kept; the machine tries again. Requests stand in the console. See the notifier log for the channel.',
    });
    this.alarm('WaitsBroken', {
      metric: machine.metricFailed({ period: PERIOD }),
      above: 0,
      runbook:
        'The wait of a request failed: it stays in the approvals table and runs out at its deadline. See the execution of that name in Step Functions.',
      bad: AT_ONCE,
    });
    this.alarm('WorkerErrors', {
      metric: worker.metricErrors({ period: PERIOD }),
      above: 0,
      runbook:
        'An approved call was interrupted: its task says so, and it is not tried again. Replay the session, ask the upstream whether the call ran.',
      bad: AT_ONCE,
    });
    this.alarm('ConsoleErrors', {
      metric: console.metricErrors({ period: PERIOD }),
      above: 0,
      runbook: 'People cannot decide about held calls, which run out meanwhile. See the console log.',
      bad: AT_ONCE,
    });
  }

  private watchFunctions({ authorizer, mcp }: AlarmsProps['functions']): void {
    this.alarm('AuthorizerErrors', {
      // Not Lambda's own count: the 403 of a missing scope is an error to Lambda, and none to us.
      metric: this.logMetric('TokensNotChecked', authorizer, 'The token could not be checked'),
      above: 0,
      runbook:
        'Tokens cannot be checked and clients get 503. Check that the JWKS URL of the issuer answers and that the ledger table can be written.',
      bad: AT_ONCE,
    });
    this.alarm('AuthorizerLatency', {
      metric: authorizer.metricDuration({ period: PERIOD, statistic: 'p99' }),
      above: 2_000,
      runbook: 'Every call waits for the authorizer: check the latency of the JWKS URL of the issuer and of DynamoDB.',
    });
    this.alarm('McpErrors', {
      metric: mcp.metricErrors({ period: PERIOD }),
      above: 0,
      runbook:
        'The mcp function failed or timed out: an intent may stand without outcome. Replay the session, ask the upstream whether the call ran.',
      bad: AT_ONCE,
    });
    this.alarm('OutcomesNotRecorded', {
      metric: this.logMetric('OutcomesNotRecorded', mcp, '*ended without a recorded outcome'),
      above: 0,
      runbook:
        'A call was made and its outcome could not be recorded; its answer was withheld. Replay the session, ask the upstream whether the call ran, and see why the ledger failed.',
      bad: AT_ONCE,
    });
    for (const [name, fn] of Object.entries({ Authorizer: authorizer, Mcp: mcp })) {
      this.alarm(`${name}Throttles`, {
        metric: fn.metricThrottles({ period: PERIOD }),
        above: 0,
        runbook: 'Lambda concurrency is used up and calls are refused: raise the quota or the reserved concurrency.',
        bad: AT_ONCE,
      });
    }
  }

  /** Counts log lines of a function by their message. */
  private logMetric(name: string, fn: HouseFunction, message: string): IMetric {
    const filter = new MetricFilter(this, `${name}Filter`, {
      logGroup: fn.logGroup,
      filterPattern: FilterPattern.stringValue('$.message', '=', message),
      metricNamespace: 'Countersign',
      metricName: name,
    });
    return filter.metric({ period: PERIOD, statistic: 'Sum' });
  }

  private watchTable(name: string, table: Table): void {
    this.alarm(`${name}Throttles`, {
      metric: table.metricThrottledRequestsForOperations({ operations: OPERATIONS, period: PERIOD }),
      above: 0,
      runbook:
        'The table throttles, so calls are refused before they reach an upstream. Look for a hot partition, then raise the table quota.',
    });
    this.alarm(`${name}SystemErrors`, {
      metric: table.metricSystemErrorsForOperations({ operations: OPERATIONS, period: PERIOD }),
      above: 0,
      runbook: 'DynamoDB fails on its side, so calls are refused. See the AWS Health Dashboard of the Region.',
    });
  }

  private alarm(id: string, rule: AlarmRule): void {
    const { periods, of } = rule.bad ?? WINDOW;
    const alarm = new Alarm(this, id, {
      metric: rule.metric,
      ...thresholdOf(rule),
      alarmDescription: rule.runbook,
      evaluationPeriods: of,
      datapointsToAlarm: periods,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }
}

/** A count that should be there and is not is as bad as one that is too small. */
const thresholdOf = ({ above = 0, below, alsoWhenSilent = false }: AlarmRule) => ({
  threshold: below ?? above,
  comparisonOperator:
    below === undefined ? ComparisonOperator.GREATER_THAN_THRESHOLD : ComparisonOperator.LESS_THAN_THRESHOLD,
  treatMissingData: below !== undefined || alsoWhenSilent ? TreatMissingData.BREACHING : TreatMissingData.NOT_BREACHING,
});
