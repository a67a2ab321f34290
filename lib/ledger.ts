// The write-ahead ledger, the locked bucket behind it, and the key that recorded content is encrypted under.
// Its verbs only ever let a function add: nothing deployed here can read back, change or delete what it wrote.
import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  BillingMode,
  ProjectionType,
  StreamViewType,
  Table,
  TableEncryption,
} from 'aws-cdk-lib/aws-dynamodb';
import { AnyPrincipal, Effect, Grant, PolicyStatement, type Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import { ENV, LEDGER } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import { CopiesBucket } from './copies-bucket.ts';
import { EvidenceBucket } from './evidence-bucket.ts';
import type { HouseFunction } from './house-function.ts';
import { accept } from './nag.ts';

export interface LedgerProps {
  readonly atRestKey: AtRestKey;
  /** Origin of the log: the only value of the encryption context `log` that content keys are generated for. */
  readonly origin: string;
  readonly retention: GatewayConfig['retention'];
}

export class Ledger extends Construct {
  readonly table: Table;
  readonly evidence: EvidenceBucket;
  /** The second copy of what proves the log. */
  readonly copies: CopiesBucket;
  /** Wraps the data key of each session. Apart from the at-rest key, so that raw content opens by a grant of its own. */
  readonly contentKey: Key;
  private readonly props: LedgerProps;

  constructor(scope: Construct, id: string, props: LedgerProps) {
    super(scope, id);
    this.props = props;
    this.table = ledgerTable(this, props.atRestKey);
    this.evidence = new EvidenceBucket(this, 'Evidence', props);
    this.copies = new CopiesBucket(this, 'Copies', {
      retention: props.retention.log,
      accessLogs: this.evidence.accessLogs,
    });
    this.contentKey = contentKey(this, props.origin);
    accept(this.table, TABLE_REASONS);
  }

  /** Lets `fn` write entries of calls: intents, outcomes, sessions. */
  grantAppend(fn: HouseFunction): void {
    this.grantPut(fn, [LEDGER.sessionPrefix, LEDGER.approvalPrefix, LEDGER.dayPrefix]);
  }

  /** Lets `fn` write entries of refusals made before a session exists. */
  grantAppendDenials(fn: HouseFunction): void {
    this.grantPut(fn, [LEDGER.dayPrefix]);
  }

  /** Lets `fn` see what calls left in the ledger, and add entries where something is missing. */
  grantSettle(fn: HouseFunction): void {
    this.grantPut(fn, [LEDGER.sessionPrefix]);
    const reading = ['dynamodb:GetItem', 'dynamodb:Query'];
    Grant.addToPrincipal({ grantee: fn, actions: reading, resourceArns: [this.table.tableArn] });
  }

  /** Lets `fn` read entries of sessions, and what lies beside them: ciphertext, and keys that it cannot unwrap. */
  grantReadSessions(fn: HouseFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:Query'],
      resourceArns: [this.table.tableArn],
      conditions: partitionsOnly([LEDGER.sessionPrefix]),
    });
    this.props.atRestKey.grantDynamoDb(fn);
    fn.setEnv(ENV.ledgerTable, this.table.tableName);
  }

  /** Lets `fn` open recorded content, and put on record that it does: entries of days, none of a session. */
  grantOpenContent(fn: HouseFunction): void {
    this.grantReadSessions(fn);
    this.grantPut(fn, [LEDGER.dayPrefix]);
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['kms:Decrypt'],
      resourceArns: [this.contentKey.keyArn],
      conditions: {
        StringEquals: { 'kms:EncryptionContext:log': this.props.origin },
        Null: { 'kms:EncryptionContext:sid': 'false' },
      },
    });
    this.evidence.grantReadBodies(fn);
  }

  /** Lets `fn` add large bodies to the locked bucket. */
  grantStoreBodies(fn: HouseFunction): void {
    this.evidence.grantStoreBodies(fn);
  }

  /** Lets `fn` make data keys for sessions of this log: it encrypts with them and can never unwrap one again. */
  grantWrapContentKeys(fn: HouseFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['kms:GenerateDataKey'],
      resourceArns: [this.contentKey.keyArn],
      conditions: {
        StringEquals: { 'kms:EncryptionContext:log': this.props.origin },
        // ForAllValues holds for an empty set too; the two other conditions make both keys mandatory.
        'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': ['log', 'sid'] },
        Null: { 'kms:EncryptionContext:sid': 'false' },
      },
    });
    fn.setEnv(ENV.contentKeyId, this.contentKey.keyId);
  }

  /** Lets `fn` read how far the log is sealed: the sealer's own item, and no entry. */
  grantReadSealingProgress(fn: HouseFunction): void {
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:GetItem'],
      resourceArns: [this.table.tableArn],
      conditions: {
        'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [LEDGER.sealerHead.partition] },
        // ForAllValues holds for an empty set too.
        Null: { 'dynamodb:LeadingKeys': 'false' },
      },
    });
  }

  /** Lets `role` place and release legal holds on sealed sessions, on the record. Everyone else is refused. */
  grantHolds(role: Role): void {
    const { atRestKey } = this.props;
    const tableArn = this.table.tableArn;
    Grant.addToPrincipal({ grantee: role, actions: ['dynamodb:Query'], resourceArns: [tableArn] });
    Grant.addToPrincipal({
      grantee: role,
      actions: ['dynamodb:PutItem'],
      resourceArns: [tableArn],
      conditions: { 'ForAllValues:StringEquals': { 'dynamodb:LeadingKeys': [LEDGER.holdsPartition] } },
    });
    atRestKey.grantDynamoDb(role);
    this.evidence.grantHolds(role);
    this.copies.denyHolds();
  }

  private grantPut(fn: HouseFunction, prefixes: readonly string[]): void {
    // A transaction needs no action of its own: IAM checks PutItem for each of its puts. PutItem could overwrite, as
    // IAM cannot demand `attribute_not_exists`; the stream carries old images, so an overwrite shows as tampering. What
    // is no entry, the sealer's own notes and legal holds, is out of reach.
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['dynamodb:PutItem'],
      resourceArns: [this.table.tableArn],
      conditions: partitionsOnly(prefixes),
    });
    this.props.atRestKey.grantDynamoDb(fn);
    fn.setEnv(ENV.ledgerTable, this.table.tableName);
  }
}

/** Items of partitions that begin so, and no request that names none. */
const partitionsOnly = (prefixes: readonly string[]): Record<string, Record<string, unknown>> => ({
  'ForAllValues:StringLike': { 'dynamodb:LeadingKeys': prefixes.map((prefix) => `${prefix}*`) },
  // ForAllValues holds for an empty set too.
  Null: { 'dynamodb:LeadingKeys': 'false' },
});

const contentKey = (scope: Construct, origin: string): Key => {
  const key = new Key(scope, 'ContentKey', {
    description: 'Countersign: wraps the data keys of recorded sessions',
    enableKeyRotation: true,
    // Deleting it is how content is shredded, under dual control; never a side effect of a stack operation.
    removalPolicy: RemovalPolicy.RETAIN,
  });
  // For everyone, administrators included: each use names the log and the session, and so stands in CloudTrail.
  const uses = ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*'];
  const deny = (sid: string, conditions: Record<string, Record<string, string>>) =>
    key.addToResourcePolicy(
      new PolicyStatement({
        sid,
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: uses,
        resources: ['*'],
        conditions,
      }),
    );
  // A negated match holds for an absent key too.
  deny('OnlyThisLog', { StringNotEquals: { 'kms:EncryptionContext:log': origin } });
  deny('OnlyForASession', { Null: { 'kms:EncryptionContext:sid': 'true' } });
  return key;
};

const ledgerTable = (scope: Construct, atRestKey: AtRestKey): Table => {
  const string = (name: string) => ({ name, type: AttributeType.STRING });
  const table = new Table(scope, 'Table', {
    partitionKey: string(LEDGER.partitionKey),
    sortKey: string(LEDGER.sortKey),
    billingMode: BillingMode.PAY_PER_REQUEST,
    encryption: TableEncryption.CUSTOMER_MANAGED,
    encryptionKey: atRestKey,
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    deletionProtection: true,
    // The sealer reads new entries from the stream, and sees by the old image when one was changed.
    stream: StreamViewType.NEW_AND_OLD_IMAGES,
    timeToLiveAttribute: LEDGER.ttlAttribute,
    removalPolicy: RemovalPolicy.RETAIN,
  });
  table.addGlobalSecondaryIndex({
    indexName: LEDGER.unsealedIndex.name,
    partitionKey: string(LEDGER.unsealedIndex.partitionKey),
    sortKey: string(LEDGER.unsealedIndex.sortKey),
    // Keys only: the entries lie in the table, and their bodies must not be written twice.
    projectionType: ProjectionType.KEYS_ONLY,
  });
  return table;
};

export const TABLE_REASONS = {
  'NIST.800.53.R5-DynamoDBInBackupPlan':
    'Point-in-time recovery covers 35 days and deletion protection is on. The ledger table is a buffer of seconds: the record is the locked bucket. A bank with a backup policy adds the table by tag.',
};
