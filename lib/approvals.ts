// Approval requests: the table that holds them, and the key under which held calls and their answers wait. State, not
// evidence: each step of a request is an entry of the ledger, written in the same transaction.
import { RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, Table, TableEncryption } from 'aws-cdk-lib/aws-dynamodb';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { APPROVALS, ENV } from '../lambdas/contract.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import { TABLE_REASONS } from './ledger.ts';
import { accept } from './nag.ts';

export interface ApprovalsProps {
  readonly atRestKey: AtRestKey;
  /** Origin of the log: the only value of the encryption context `log` that keys of held calls are made for. */
  readonly origin: string;
}

export class Approvals extends Construct {
  readonly table: Table;
  /** Apart from the content key: whoever shows or runs a held call can open that call, and nothing that was recorded. */
  readonly heldKey: Key;
  private readonly props: ApprovalsProps;

  constructor(scope: Construct, id: string, props: ApprovalsProps) {
    super(scope, id);
    this.props = props;
    const string = (name: string) => ({ name, type: AttributeType.STRING });
    this.table = new Table(this, 'Table', {
      partitionKey: string(APPROVALS.partitionKey),
      sortKey: string(APPROVALS.sortKey),
      timeToLiveAttribute: APPROVALS.ttlAttribute,
      billingMode: BillingMode.PAY_PER_REQUEST,
      encryption: TableEncryption.CUSTOMER_MANAGED,
      encryptionKey: props.atRestKey,
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    accept(this.table, TABLE_REASONS);
    this.heldKey = new Key(this, 'HeldKey', {
      description:
        'Countersign: wraps the data keys of calls that wait for approval, and of answers that wait for their client',
      enableKeyRotation: true,
      // A request that waits must still be readable after a stack operation.
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  /** Lets `fn` hold a call: make the request, look at it again, use it once, and fetch the answer of its task. It can never open what it held. */
  grantRequest(fn: HouseFunction): void {
    this.grantTable(fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    this.grantKey(fn, 'kms:GenerateDataKey', 'call');
    this.grantKey(fn, 'kms:Decrypt', 'answer');
  }

  /** Lets `fn` make approved calls: open what was held, use the request, keep the answer, which it cannot open again. */
  grantRun(fn: HouseFunction): void {
    this.grantTable(fn, ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:UpdateItem']);
    this.grantKey(fn, 'kms:Decrypt', 'call');
    this.grantKey(fn, 'kms:GenerateDataKey', 'answer');
  }

  /** Lets `fn` show requests to people and write what they decide; no new request. */
  grantDecide(fn: HouseFunction): void {
    this.grantTable(fn, ['dynamodb:BatchGetItem', 'dynamodb:GetItem', 'dynamodb:Query', 'dynamodb:UpdateItem']);
    this.grantKey(fn, 'kms:Decrypt', 'call');
  }

  /** Lets `fn` read a request, and write that its time is over or that others are asked. It opens no call. */
  grantTell(fn: HouseFunction): void {
    this.grantTable(fn, ['dynamodb:GetItem', 'dynamodb:UpdateItem']);
  }

  private grantTable(fn: HouseFunction, actions: string[]): void {
    Grant.addToPrincipal({ grantee: fn, actions, resourceArns: [this.table.tableArn] });
    this.props.atRestKey.grantDynamoDb(fn);
    fn.setEnv(ENV.approvalsTable, this.table.tableName);
  }

  private grantKey(fn: HouseFunction, action: 'kms:GenerateDataKey' | 'kms:Decrypt', use: 'call' | 'answer'): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: [action],
      resourceArns: [this.heldKey.keyArn],
      conditions: {
        StringEquals: { 'kms:EncryptionContext:log': this.props.origin, 'kms:EncryptionContext:use': use },
      },
    });
    fn.setEnv(ENV.heldKeyId, this.heldKey.keyId);
  }
}
