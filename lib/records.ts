// Who may open recorded content: a policy for the people whom the bank names, attached to nobody by this stack. It lets
// them put the reading on record and then have KMS unwrap the data keys (`countersign keys unwrap`).
import { Aws } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AtRestKey } from './at-rest-key.ts';
import type { Ledger } from './ledger.ts';

export interface RecordsProps {
  readonly ledger: Ledger;
  readonly atRestKey: AtRestKey;
  /** Origin of the log: the only value of the encryption context `log` that keys are unwrapped for. */
  readonly origin: string;
}

export class Records extends Construct {
  /** For the permission set or role of the bank's records officers. */
  readonly policy: ManagedPolicy;

  constructor(scope: Construct, id: string, { ledger, atRestKey, origin }: RecordsProps) {
    super(scope, id);
    const tableArn = ledger.table.tableArn;
    this.policy = new ManagedPolicy(this, 'Policy', {
      description: 'Countersign: unwraps content keys of recorded sessions, on the record',
      statements: [
        new PolicyStatement({ actions: ['dynamodb:Query', 'dynamodb:Scan'], resources: [tableArn] }),
        new PolicyStatement({
          actions: ['dynamodb:PutItem'],
          resources: [tableArn],
          // Entries outside sessions only: nobody writes a call or a key by hand.
          conditions: { 'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': ['day#*'] } },
        }),
        new PolicyStatement({
          actions: ['kms:Decrypt'],
          resources: [ledger.contentKey.keyArn],
          conditions: {
            StringEquals: { 'kms:EncryptionContext:log': origin },
            Null: { 'kms:EncryptionContext:sid': 'false' },
          },
        }),
        new PolicyStatement({
          actions: ['kms:Decrypt', 'kms:DescribeKey', 'kms:Encrypt', 'kms:GenerateDataKey'],
          resources: [atRestKey.keyArn],
          conditions: { StringEquals: { 'kms:ViaService': `dynamodb.${Aws.REGION}.${Aws.URL_SUFFIX}` } },
        }),
      ],
    });
  }
}
