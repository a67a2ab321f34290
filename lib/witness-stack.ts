// A witness by itself, for the audit department's own account: its key, what it remembers, and a function URL that only
// the sealer's role may call. Nothing of the gateway's account is needed, and nothing there can change what it cosigned.
import { Aws, CfnOutput, Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { ArnPrincipal, Grant, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { type FunctionUrl, FunctionUrlAuthType } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { ENV, WITNESS } from '../lambdas/contract.ts';
import type { WitnessConfig } from '../lambdas/gateway-config.ts';
import { AtRestKey } from './at-rest-key.ts';
import { HouseFunction } from './house-function.ts';
import { TABLE_REASONS } from './ledger.ts';
import { accept } from './nag.ts';

export interface WitnessStackProps extends StackProps {
  readonly config: WitnessConfig;
}

export class WitnessStack extends Stack {
  private readonly atRestKey: AtRestKey;
  private readonly topic: Topic;

  constructor(scope: Construct, id: string, { config, ...props }: WitnessStackProps) {
    super(scope, id, { terminationProtection: true, ...props });
    this.atRestKey = new AtRestKey(this, 'AtRestKey');
    const key = this.signingKey();
    const table = this.stateTable();
    const fn = this.witnessFunction(config);
    const states = ['dynamodb:GetItem', 'dynamodb:UpdateItem'];
    Grant.addToPrincipal({ grantee: fn, actions: states, resourceArns: [table.tableArn] });
    this.atRestKey.grantDynamoDb(fn);
    Grant.addToPrincipal({ grantee: fn, actions: ['kms:GetPublicKey', 'kms:Sign'], resourceArns: [key.keyArn] });
    fn.setEnv(ENV.witnessTable, table.tableName);
    fn.setEnv(ENV.witnessKeyId, key.keyArn);
    const url = this.functionUrl(fn, config.callers);
    this.topic = this.alarmTopic();
    this.watch(fn);

    // Stable names: docs/deploy.md and the `countersign` command use them.
    this.output('WitnessUrl', url.url);
    this.output('WitnessArn', fn.functionArn);
    this.output('WitnessName', config.name);
    this.output('WitnessKeyId', key.keyArn);
    this.output('AlarmTopic', this.topic.topicArn);
  }

  private signingKey(): Key {
    return new Key(this, 'WitnessKey', {
      description: 'Countersign witness: cosigns checkpoints of evidence logs',
      keySpec: KeySpec.ECC_NIST_EDWARDS25519,
      keyUsage: KeyUsage.SIGN_VERIFY,
      // Old cosignatures verify with the public key alone; policies name this very key.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** One item per log. Lost or restored to an older state, it would let a log fork from there. */
  private stateTable(): Table {
    const table = new Table(this, 'States', {
      partitionKey: { name: WITNESS.partitionKey, type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: this.atRestKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    accept(table, TABLE_REASONS);
    return table;
  }

  private witnessFunction(config: WitnessConfig): HouseFunction {
    const fn = new HouseFunction(this, 'Witness', {
      name: 'witness',
      description: 'Countersign witness: cosigns checkpoints that continue the last one it cosigned',
      config,
      atRestKey: this.atRestKey,
      // The sealer waits 3 s for an answer.
      timeout: Duration.seconds(15),
      // Its callers ask a few times a minute, one log at a time.
      reservedConcurrency: 5,
    });
    accept(fn, FUNCTION_REASONS);
    return fn;
  }

  private functionUrl(fn: HouseFunction, callers: readonly string[]): FunctionUrl {
    const url = fn.addFunctionUrl({ authType: FunctionUrlAuthType.AWS_IAM });
    // The role's own policy must allow it too, in the gateway's account (lib/sealing.ts).
    for (const arn of callers) url.grantInvokeUrl(new ArnPrincipal(arn));
    return url;
  }

  private alarmTopic(): Topic {
    const topic = new Topic(this, 'AlarmsTopic', { masterKey: this.atRestKey, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [new ServicePrincipal('cloudwatch.amazonaws.com')],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    );
    return topic;
  }

  private watch(fn: HouseFunction): void {
    const forks = new MetricFilter(this, 'ForksFilter', {
      logGroup: fn.logGroup,
      filterPattern: FilterPattern.stringValue('$.message', '=', 'A log showed a history that does not continue*'),
      metricNamespace: 'CountersignWitness',
      metricName: 'InconsistentCheckpoints',
    });
    const period = Duration.minutes(1);
    this.alarm('Forks', forks.metric({ period, statistic: 'Sum' }), {
      runbook:
        'A log signed a history that does not continue the one this witness cosigned: a fork, a rollback or a restored table. The signed checkpoint is in the function log and is proof; secure it and ask the bank.',
    });
    this.alarm('Errors', fn.metricErrors({ period }), {
      runbook:
        'The witness failed and cosigned nothing; the log goes on without it and asks again. See the function log, then DynamoDB and KMS.',
    });
  }

  private alarm(id: string, metric: IMetric, { runbook }: { readonly runbook: string }): void {
    const alarm = new Alarm(this, id, {
      metric,
      threshold: 0,
      evaluationPeriods: 1,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      alarmDescription: runbook,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    });
    alarm.addAlarmAction(new SnsAction(this.topic));
    alarm.addOkAction(new SnsAction(this.topic));
  }

  private output(id: string, value: string): void {
    new CfnOutput(this, id, { value });
  }
}

const FUNCTION_REASONS = {
  'NIST.800.53.R5-LambdaDLQ':
    'Invoked through its URL synchronously only: a dead-letter queue is never used. A failed request is an answer to the log, which asks again, and an alarm.',
  'NIST.800.53.R5-LambdaInsideVPC':
    'The only inbound path is the function URL with AWS_IAM, for the roles that the configuration names. Its own role reaches one table and one key.',
};
