// The table of recording sessions and their windows. State, not evidence: the ledger has the record of each session.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, ProjectionType, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { ENV, SESSIONS } from '../lambdas/contract.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import { TABLE_REASONS } from './ledger.ts';
import { accept } from './nag.ts';

export interface SessionsProps {
  readonly atRestKey: AtRestKey;
}

export class Sessions extends Construct {
  readonly table: Table;
  private readonly atRestKey: AtRestKey;

  constructor(scope: Construct, id: string, props: SessionsProps) {
    super(scope, id);
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    this.atRestKey = props.atRestKey;
    this.table = new Table(this, 'Table', {
      partitionKey: string(SESSIONS.partitionKey),
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.atRestKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: SESSIONS.byDayIndex.name,
      partitionKey: string(SESSIONS.byDayIndex.partitionKey),
      sortKey: string(SESSIONS.byDayIndex.sortKey),
      projectionType: ProjectionType.ALL,
    });
    this.table.addGlobalSecondaryIndex({
      indexName: SESSIONS.dueIndex.name,
      partitionKey: string(SESSIONS.dueIndex.partitionKey),
      sortKey: string(SESSIONS.dueIndex.sortKey),
      projectionType: ProjectionType.KEYS_ONLY,
    });
    accept(this.table, TABLE_REASONS);
  }

  /** Lets `fn` open, continue and close sessions; it may not delete one, nor look through all of them. */
  grantUse(fn: HouseFunction): void {
    const actions = ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem'];
    Grant.addToPrincipal({ grantee: fn, actions, resourceArns: [this.table.tableArn] });
    this.atRestKey.grantDynamoDb(fn);
    fn.setEnv(ENV.sessionsTable, this.table.tableName);
  }

  /** Lets `fn` list the sessions of a day and look one up. */
  grantList(fn: HouseFunction): void {
    const index = `${this.table.tableArn}/index/${SESSIONS.byDayIndex.name}`;
    Grant.addToPrincipal({ grantee: fn, actions: ['dynamodb:GetItem'], resourceArns: [this.table.tableArn] });
    Grant.addToPrincipal({ grantee: fn, actions: ['dynamodb:Query'], resourceArns: [index] });
    this.atRestKey.grantDynamoDb(fn);
    fn.setEnv(ENV.sessionsTable, this.table.tableName);
  }

  /** Lets `fn` find the sessions that are due, close them and set their next visit. */
  grantKeep(fn: HouseFunction): void {
    this.grantDue(fn, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
  }

  /** Lets `fn` find ended sessions and note that their manifest is written. */
  grantFinish(fn: HouseFunction): void {
    this.grantDue(fn, ['dynamodb:UpdateItem']);
  }

  private grantDue(fn: HouseFunction, actions: string[]): void {
    const index = `${this.table.tableArn}/index/${SESSIONS.dueIndex.name}`;
    Grant.addToPrincipal({ grantee: fn, actions, resourceArns: [this.table.tableArn] });
    Grant.addToPrincipal({ grantee: fn, actions: ['dynamodb:Query'], resourceArns: [index] });
    this.atRestKey.grantDynamoDb(fn);
    fn.setEnv(ENV.sessionsTable, this.table.tableName);
  }
}
