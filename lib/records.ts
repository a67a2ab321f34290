// Records officers. A policy for whoever may open recorded content, attached to nobody by this stack: it lets them put the
// reading on record and then have KMS unwrap the data keys (`countersign keys unwrap`). And a role, assumed by nobody until
// the bank says who, under which alone legal holds are placed and released (`countersign hold`).
import { Aws, Duration } from 'aws-cdk-lib';
import { AccountRootPrincipal, ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { AtRestKey } from './at-rest-key.ts';
import type { Ledger } from './ledger.ts';
import { accept } from './nag.ts';

export interface RecordsProps {
  readonly ledger: Ledger;
  readonly atRestKey: AtRestKey;
  /** Origin of the log: the only value of the encryption context `log` that keys are unwrapped for. */
  readonly origin: string;
}

export class Records extends Construct {
  /** For the permission set or role of the bank's records officers. */
  readonly policy: ManagedPolicy;
  /** Assumed to place and release legal holds; no one else may. */
  readonly holdRole: Role;

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
    this.holdRole = new Role(this, 'HoldRole', {
      description: 'Countersign: places and releases legal holds, on the record',
      // The account's own policies say who of it may assume the role: sts:AssumeRole is to be granted to officers only.
      assumedBy: new AccountRootPrincipal(),
      maxSessionDuration: Duration.hours(1),
    });
    ledger.grantHolds(this.holdRole);
    accept(this.holdRole, HOLD_ROLE_REASONS);
  }
}

const HOLD_ROLE_REASONS = {
  'NIST.800.53.R5-IAMNoInlinePolicy':
    'The policy belongs to exactly one role and dies with it; test/infra/records.test.ts states what the role may do.',
};
