// Reconciliation: the function that compares each finished day with what API Gateway and CloudTrail recorded of it. Its
// verb lets it read those two and the log, and add one entry a day to a partition of its own.
import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Grant } from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ENV, LEDGER } from '../lambdas/contract.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import type { Ledger } from './ledger.ts';
import { accept } from './nag.ts';

export interface ReconciliationProps {
  readonly ledger: Ledger;
  readonly atRestKey: AtRestKey;
  /** Written by API Gateway alone. */
  readonly accessLogs: LogGroup;
  /** Every generation: their signatures are counted. */
  readonly checkpointKeys: readonly Key[];
}

export class Reconciliation extends Construct {
  private readonly props: ReconciliationProps;

  constructor(scope: Construct, id: string, props: ReconciliationProps) {
    super(scope, id);
    this.props = props;
  }

  /** Makes `fn` the reconciler of the log. */
  grantReconcile(fn: HouseFunction): void {
    const { ledger, atRestKey, accessLogs, checkpointKeys } = this.props;
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:GetItem', 'dynamodb:PutItem'],
      resourceArns: [ledger.table.tableArn],
      conditions: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [LEDGER.reconciledPartition] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
    atRestKey.grantDynamoDb(fn);
    ledger.evidence.grantReadSegments(fn);
    ledger.evidence.grantListSigned(fn);
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['logs:FilterLogEvents'],
      resourceArns: [accessLogs.logGroupArn],
    });
    Grant.addToPrincipal({ grantee: fn, actions: ['cloudtrail:LookupEvents'], resourceArns: ['*'] });
    fn.setEnv(ENV.ledgerTable, ledger.table.tableName);
    fn.setEnv(ENV.accessLogGroup, accessLogs.logGroupName);
    fn.setEnv(ENV.checkpointKeyIds, checkpointKeys.map(({ keyArn }) => keyArn).join(','));
    new Rule(this, 'Schedule', {
      description: 'Countersign: reconciles the day before, and days that were missed',
      // The first run of a day is the one that counts, the others are for when it failed.
      schedule: Schedule.cron({ minute: '5', hour: '2,8,14,20' }),
      targets: [new LambdaFunction(fn, { retryAttempts: 0, maxEventAge: Duration.hours(1) })],
    });
    accept(fn, RECONCILER_REASONS);
    accept(fn.role ?? fn, ROLE_REASONS);
  }
}

const RECONCILER_REASONS = {
  'NIST.800.53.R5-LambdaDLQ':
    'Invoked by its schedule with an event that says nothing: a run that failed is made up for by the next one, and days left over raise an alarm.',
};

const ROLE_REASONS = {
  'AwsSolutions-IAM5[Resource::*]':
    'cloudtrail:LookupEvents has no resources to name, and X-Ray neither. It reads management events of the account: names, times and callers, no data.',
};
