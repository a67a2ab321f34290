// The bucket that keeps evidence. Object Lock stops deletion; the policy closes the ways around Object Lock.
import { DefaultStackSynthesizer, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, Grant, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ENV, EVIDENCE_KEYS } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import { accept } from './nag.ts';

/** Prefixes that only the sealer writes below. */
const LOG_PREFIXES = [
  EVIDENCE_KEYS.segmentPrefix,
  EVIDENCE_KEYS.checkpointPrefix,
  EVIDENCE_KEYS.bodiesPrefix,
  EVIDENCE_KEYS.manifestPrefix,
  EVIDENCE_KEYS.keyPrefix,
];

/** Who read or wrote evidence is itself kept past the next yearly examination. */
const ACCESS_LOG_DAYS = 400;

export interface EvidenceBucketProps {
  readonly atRestKey: AtRestKey;
  readonly retention: GatewayConfig['retention'];
}

export class EvidenceBucket extends Bucket {
  private readonly atRestKey: AtRestKey;

  constructor(scope: Construct, id: string, props: EvidenceBucketProps) {
    const { mode, days } = props.retention;
    const period = Duration.days(days);
    super(scope, id, {
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === 'COMPLIANCE' ? ObjectLockRetention.compliance(period) : ObjectLockRetention.governance(period),
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.atRestKey,
      bucketKeyEnabled: true,
      blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: accessLogBucket(scope, `${id}AccessLogs`),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.atRestKey = props.atRestKey;
    this.denyObjectTampering();
    this.denyUnlockedWrites(props.retention);
    this.denyForeignKeys();
    this.denyReconfiguration();
    accept(this, BUCKET_REASONS);
  }

  /** Lets `fn` add bodies, and nothing else: no read, no list, no other prefix. */
  grantStoreBodies(fn: HouseFunction): void {
    const bodies = this.arnForObjects(`${EVIDENCE_KEYS.bodyPrefix}*`);
    // The lock comes from the bucket's default. Without PutObjectRetention a function that was taken over cannot
    // lock objects for a century at the bank's cost either.
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:PutObject'], resourceArns: [bodies] });
    this.atRestKey.grantS3Write(fn);
    fn.setEnv(ENV.evidenceBucket, this.bucketName);
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    const finding = `Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.bodyPrefix}*`;
    accept(fn.role ?? fn, {
      [`AwsSolutions-IAM5[${finding}]`]:
        'Bodies are named by their hash, unknown beforehand. The grant is write-only on this prefix; the bucket policy refuses overwriting (if-none-match) and deleting.',
    });
  }

  /** Lets `fn` add signed intents of strict calls, and nothing else. Everyone else is refused. */
  grantStoreIntents(fn: HouseFunction): void {
    const intents = this.arnForObjects(`${EVIDENCE_KEYS.intentPrefix}*`);
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:PutObject'], resourceArns: [intents] });
    this.deny('OnlyTheGateway', ['s3:PutObject'], [intents], {
      ArnNotEquals: { 'aws:PrincipalArn': fn.role?.roleArn ?? '' },
    });
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    accept(fn.role ?? fn, {
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.intentPrefix}*]`]:
        'Intents are named by their call, unknown beforehand. The grant is write-only on this prefix; the bucket policy refuses overwriting (if-none-match) and deleting.',
    });
  }

  /** Lets `fn` continue the log: add segments, bodies and checkpoints, list and read them. Everyone else is refused. */
  grantWriteLog(fn: HouseFunction): void {
    const objects = LOG_PREFIXES.map((prefix) => this.arnForObjects(`${prefix}*`));
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:GetObject', 's3:PutObject'], resourceArns: objects });
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucketArn],
      conditions: { StringLike: { 's3:prefix': LOG_PREFIXES.map((prefix) => `${prefix}*`) } },
    });
    this.atRestKey.grantS3Log(fn);
    fn.setEnv(ENV.evidenceBucket, this.bucketName);
    this.deny('OnlyTheSealer', ['s3:PutObject'], objects, {
      ArnNotEquals: { 'aws:PrincipalArn': fn.role?.roleArn ?? '' },
    });
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    const reasons = LOG_PREFIXES.map((prefix) => [
      `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}*]`,
      'Objects of the log are numbered as it grows. The grant is for the prefixes of the log; the bucket policy refuses overwriting (if-none-match) and deleting.',
    ]);
    accept(fn.role ?? fn, Object.fromEntries(reasons));
  }

  /** Lets `fn` read the segments of the log: entries without content. */
  grantReadSegments(fn: HouseFunction): void {
    const segments = this.arnForObjects(`${EVIDENCE_KEYS.segmentPrefix}*`);
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:GetObject'], resourceArns: [segments] });
    // Whether a segment is there can only be asked by listing its name.
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${EVIDENCE_KEYS.segmentPrefix}*` } },
    });
    this.atRestKey.grantS3Read(fn);
    fn.setEnv(ENV.evidenceBucket, this.bucketName);
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    accept(fn.role ?? fn, {
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.segmentPrefix}*]`]:
        'Segments are numbered as the log grows. The grant reads them and nothing else; they hold no content.',
    });
  }

  /** Lets `fn` see when signed objects appeared, by their names, and not read them. */
  grantListSigned(fn: HouseFunction): void {
    const prefixes = [EVIDENCE_KEYS.checkpointPrefix, EVIDENCE_KEYS.manifestPrefix];
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucketArn],
      conditions: { StringLike: { 's3:prefix': prefixes.map((prefix) => `${prefix}*`) } },
    });
  }

  private denyObjectTampering(): void {
    // A delete marker hides a locked object, and If-None-Match succeeds on top of it: so plain deletes are denied too.
    this.deny('NoDelete', ['s3:DeleteObject*'], this.objects());
    this.deny('NoGovernanceBypass', ['s3:BypassGovernanceRetention'], this.objects());
    // Replicated objects arrive by other actions than PutObject, past every condition below.
    this.deny('NoReplicaIn', ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], this.objects());
  }

  private denyUnlockedWrites({ mode, days }: GatewayConfig['retention']): void {
    // No exemption for multipart uploads: their parts carry no condition, so they are refused altogether.
    this.deny('CreateOnly', ['s3:PutObject'], this.objects(), { Null: { 's3:if-none-match': 'true' } });
    // A PUT that names no lock gets the bucket's default; one that names a weaker lock is refused.
    this.deny('NoWeakerMode', ['s3:PutObject', 's3:PutObjectRetention'], this.objects(), {
      Null: { 's3:object-lock-mode': 'false' },
      StringNotEquals: { 's3:object-lock-mode': mode },
    });
    // One day of slack: the remaining days of a retention computed a moment ago are a fraction less than asked for.
    // Not on PutObjectRetention, where COMPLIANCE refuses shortening by itself and a shorter extension is legitimate.
    this.deny('NoShorterRetention', ['s3:PutObject'], this.objects(), {
      NumericLessThan: { 's3:object-lock-remaining-retention-days': String(Math.max(days - 1, 0)) },
    });
  }

  private denyForeignKeys(): void {
    this.deny('NoCustomerKeys', ['s3:PutObject'], this.objects(), {
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    });
    // Evidence under someone else's key is gone when they delete the key.
    this.deny('NoForeignKey', ['s3:PutObject'], this.objects(), {
      Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
      ArnNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': this.atRestKey.keyArn },
    });
  }

  private denyReconfiguration(): void {
    const actions = [
      's3:DeleteBucket',
      's3:DeleteBucketPolicy',
      's3:PutBucketObjectLockConfiguration',
      's3:PutBucketPolicy',
      's3:PutBucketVersioning',
      's3:PutEncryptionConfiguration',
      's3:PutLifecycleConfiguration',
      's3:PutReplicationConfiguration',
    ];
    this.deny('OnlyByDeployment', actions, [this.bucketArn], this.exceptDeployment());
  }

  /**
   * Changes come through `cdk deploy`, which CloudFormation runs under the bootstrap's execution role. Whoever
   * may pass that role is the change process to guard. The account's root user can still remove the policy;
   * it cannot unlock what COMPLIANCE holds.
   */
  private exceptDeployment(): Conditions {
    const { synthesizer } = Stack.of(this);
    if (!(synthesizer instanceof DefaultStackSynthesizer)) {
      throw new Error('The evidence bucket names the CloudFormation execution role: use DefaultStackSynthesizer');
    }
    return { ArnNotEquals: { 'aws:PrincipalArn': Fn.sub(synthesizer.cloudFormationExecutionRoleArn) } };
  }

  private objects(): string[] {
    return [this.arnForObjects('*')];
  }

  private deny(sid: string, actions: string[], resources: string[], conditions: Conditions = {}): void {
    const principals = [new AnyPrincipal()];
    this.addToResourcePolicy(
      new PolicyStatement({ sid, effect: Effect.DENY, principals, actions, resources, conditions }),
    );
  }
}

type Conditions = Record<string, Record<string, string>>;

/** Server access logs: S3 cannot deliver them to a bucket with Object Lock, nor to one under a customer managed key. */
export const accessLogBucket = (scope: Construct, id: string): IBucket => {
  const bucket = new Bucket(scope, id, {
    versioned: true,
    encryption: BucketEncryption.S3_MANAGED,
    blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
    objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
    enforceSSL: true,
    minimumTLSVersion: 1.2,
    lifecycleRules: [
      { expiration: Duration.days(ACCESS_LOG_DAYS), noncurrentVersionExpiration: Duration.days(ACCESS_LOG_DAYS) },
    ],
    removalPolicy: RemovalPolicy.RETAIN,
  });
  accept(bucket, ACCESS_LOG_REASONS);
  // exactOptionalPropertyTypes: Bucket declares `policy` as `BucketPolicy | undefined`, IBucket as optional.
  return bucket as IBucket;
};

const REPLICATION = 'NIST.800.53.R5-S3BucketReplicationEnabled';

const BUCKET_REASONS = {
  [REPLICATION]:
    'Replication into another account is for the bank to set up, with its own locked bucket there (docs for operators); within the account Object Lock and versioning keep every object for the whole retention.',
};

const ACCESS_LOG_REASONS = {
  [REPLICATION]: 'Holds diagnostics about access, not evidence; evidence.read entries in the ledger are the record.',
  'NIST.800.53.R5-S3DefaultEncryptionKMS':
    'S3 log delivery does not support a default encryption with KMS; SSE-S3 encrypts the logs, which hold names and no content.',
};
