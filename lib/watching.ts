// Watching the ledger table: the function that reads every change of an item from the stream, beside the sealer. Its verb
// lets it add entries to partitions of its own and read the log's segments; it can neither read nor change another item.
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { EventSourceMapping, FilterCriteria, FilterRule, StartingPosition } from 'aws-cdk-lib/aws-lambda';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { ENV, LEDGER } from '../lambdas/contract.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import type { Ledger } from './ledger.ts';
import { accept } from './nag.ts';

export interface WatchingProps {
  readonly ledger: Ledger;
  readonly atRestKey: AtRestKey;
}

export class Watching extends Construct {
  /** Where Lambda says which changes were given up; each is an alarm. */
  readonly unjudged: Queue;
  private readonly props: WatchingProps;

  constructor(scope: Construct, id: string, props: WatchingProps) {
    super(scope, id);
    this.props = props;
    this.unjudged = new Queue(this, 'Unjudged', {
      encryption: QueueEncryption.SQS_MANAGED,
      enforceSSL: true,
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    accept(this.unjudged, QUEUE_REASONS);
  }

  /** Makes `fn` the watcher of the ledger table. */
  grantWatch(fn: HouseFunction): void {
    const { ledger, atRestKey } = this.props;
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:PutItem'],
      resourceArns: [ledger.table.tableArn],
      conditions: {
        // What it writes it could overwrite, its own entries only, and an overwrite is a change that it then reports.
        'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': [`${LEDGER.tamperPrefix}*`] },
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
    atRestKey.grantDynamoDb(fn);
    ledger.evidence.grantReadSegments(fn);
    fn.setEnv(ENV.ledgerTable, ledger.table.tableName);
    this.follow(fn);
    accept(fn, WATCHER_REASONS);
  }

  private follow(fn: HouseFunction): void {
    const { tableStreamArn = '' } = this.props.ledger.table;
    const stream = [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
    ];
    const reading = Grant.addToPrincipal({ grantee: fn, actions: stream, resourceArns: [tableStreamArn] });
    const giving = Grant.addToPrincipal({
      grantee: fn,
      actions: ['sqs:SendMessage'],
      resourceArns: [this.unjudged.queueArn],
    });
    const mapping = new EventSourceMapping(this, 'Changes', {
      target: fn,
      eventSourceArn: tableStreamArn,
      // Not LATEST: that would pass over what happens while the mapping is being made.
      startingPosition: StartingPosition.TRIM_HORIZON,
      batchSize: 1000,
      maxBatchingWindow: Duration.seconds(5),
      filters: [FilterCriteria.filter({ eventName: FilterRule.or('MODIFY', 'REMOVE') })],
      // Here the event is the message. It is delivered again until it is judged; one that cannot be does not hold up the
      // others for longer than this, and can still be read from the stream, by its sequence number, until it is 24 h old.
      maxRecordAge: Duration.hours(6),
      bisectBatchOnError: true,
      reportBatchItemFailures: true,
      onFailure: { bind: () => ({ destination: this.unjudged.queueArn }) },
    });
    reading.applyBefore(mapping);
    giving.applyBefore(mapping);
  }
}

const QUEUE_REASONS = {
  'AwsSolutions-SQS3':
    'It is itself where failed deliveries end: Lambda writes to it, an alarm says when it holds anything, and a person reads it.',
};

const WATCHER_REASONS = {
  'NIST.800.53.R5-LambdaDLQ':
    'Read from a stream, so a dead-letter queue of the function is never used: the event source mapping has a destination for what failed, with an alarm.',
};
