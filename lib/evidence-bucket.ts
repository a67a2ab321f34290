// The bucket that keeps evidence: who may write below which prefix, under which key, and for how long it is locked.
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Grant, type Role } from 'aws-cdk-lib/aws-iam';
import {
  BlockedEncryptionType,
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type CfnBucket,
  type IBucket,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ENV, EVIDENCE_KEYS } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { AtRestKey } from './at-rest-key.ts';
import type { HouseFunction } from './house-function.ts';
import { LockedBucket } from './locked-bucket.ts';
import { accept } from './nag.ts';

/** Prefixes that only the sealer writes below. */
const LOG_PREFIXES = [
  EVIDENCE_KEYS.segmentPrefix,
  EVIDENCE_KEYS.checkpointPrefix,
  EVIDENCE_KEYS.bodiesPrefix,
  EVIDENCE_KEYS.manifestPrefix,
  EVIDENCE_KEYS.keyPrefix,
  EVIDENCE_KEYS.cosignaturePrefix,
];

/** Who read or wrote evidence is itself kept past the next yearly examination. */
const ACCESS_LOG_DAYS = 400;

export interface EvidenceBucketProps {
  readonly atRestKey: AtRestKey;
  readonly retention: GatewayConfig['retention'];
}

/** What was recorded, encrypted: its own class of retention. */
const CONTENT_PREFIXES = [EVIDENCE_KEYS.bodyPrefix, EVIDENCE_KEYS.bodiesPrefix];

export class EvidenceBucket extends LockedBucket {
  /** Of the copies bucket too. */
  readonly accessLogs: IBucket;
  private readonly atRestKey: AtRestKey;
  /** Whether content is locked in another way than the log: then a PUT has to say so. */
  private readonly hasClasses: boolean;

  constructor(scope: Construct, id: string, { atRestKey, retention }: EvidenceBucketProps) {
    const accessLogs = accessLogBucket(scope, `${id}AccessLogs`);
    // A PUT that names no lock gets that of the log: whoever forgets to name one locks for longer, not for less.
    super(scope, id, {
      retention: retention.log,
      accessLogs,
      bucket: {
        encryption: BucketEncryption.KMS,
        encryptionKey: atRestKey,
        bucketKeyEnabled: true,
        blockedEncryptionTypes: [BlockedEncryptionType.SSE_C],
      },
    });
    this.accessLogs = accessLogs;
    this.atRestKey = atRestKey;
    this.hasClasses = !isSameRetention(retention);
    this.denyOtherRetention(retention);
    this.denyForeignKeys();
    accept(this, BUCKET_REASONS);
  }

  /** Lets `fn` add bodies, and nothing else: no read, no list, no other prefix. */
  grantStoreBodies(fn: HouseFunction): void {
    const bodies = this.arnForObjects(`${EVIDENCE_KEYS.bodyPrefix}*`);
    // Where content has a class of its own, the PUT names its lock, which needs PutObjectRetention; the bucket policy
    // refuses any other than that of the class, a longer one included.
    Grant.addToPrincipal({ grantee: fn, actions: this.puttingContent(), resourceArns: [bodies] });
    this.atRestKey.grantS3Write(fn);
    fn.setEnv(ENV.evidenceBucket, this.bucketName);
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    const finding = `Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.bodyPrefix}*`;
    accept(fn.role ?? fn, {
      [`AwsSolutions-IAM5[${finding}]`]:
        'Bodies are named by their hash, unknown beforehand. The grant is write-only on this prefix; the bucket policy refuses overwriting (if-none-match) and deleting.',
    });
  }

  /** Lets `fn` read large bodies, which are ciphertext. */
  grantReadBodies(fn: HouseFunction): void {
    const bodies = this.arnForObjects(`${EVIDENCE_KEYS.bodyPrefix}*`);
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:GetObject'], resourceArns: [bodies] });
    // Without it S3 would not say that a body is gone, but refuse.
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucketArn],
      conditions: { StringLike: { 's3:prefix': `${EVIDENCE_KEYS.bodyPrefix}*` } },
    });
    this.atRestKey.grantS3Read(fn);
    fn.setEnv(ENV.evidenceBucket, this.bucketName);
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    accept(fn.role ?? fn, {
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.bodyPrefix}*]`]:
        'Bodies are named by their hash. The grant reads this prefix and nothing else; what is read is ciphertext.',
    });
  }

  /** Lets `fn` add signed intents of strict calls, and nothing else. Everyone else is refused. */
  grantStoreIntents(fns: readonly HouseFunction[]): void {
    const intents = this.arnForObjects(`${EVIDENCE_KEYS.intentPrefix}*`);
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    for (const fn of fns) {
      Grant.addToPrincipal({ grantee: fn, actions: ['s3:PutObject'], resourceArns: [intents] });
      accept(fn.role ?? fn, {
        [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.intentPrefix}*]`]:
          'Intents are named by their call, unknown beforehand. The grant is write-only on this prefix; the bucket policy refuses overwriting (if-none-match) and deleting.',
      });
    }
    this.deny('OnlyTheGateway', ['s3:PutObject'], [intents], {
      ArnNotEquals: { 'aws:PrincipalArn': fns.map((fn) => fn.role?.roleArn ?? '') },
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
    if (this.hasClasses) {
      const bodies = this.arnForObjects(`${EVIDENCE_KEYS.bodiesPrefix}*`);
      Grant.addToPrincipal({ grantee: fn, actions: ['s3:PutObjectRetention'], resourceArns: [bodies] });
    }
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

  /** Lets `role` place and release legal holds, and read segments to know on what: no content. Everyone else is refused. */
  grantHolds(role: Role): void {
    const all = this.objects();
    const segments = this.arnForObjects(`${EVIDENCE_KEYS.segmentPrefix}*`);
    const holding = ['s3:GetObjectLegalHold', 's3:PutObjectLegalHold'];
    Grant.addToPrincipal({ grantee: role, actions: holding, resourceArns: all });
    Grant.addToPrincipal({ grantee: role, actions: ['s3:GetObject'], resourceArns: [segments] });
    Grant.addToPrincipal({ grantee: role, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] });
    this.atRestKey.grantS3Read(role);
    this.denyHolds({ ArnNotEquals: { 'aws:PrincipalArn': role.roleArn } });
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    const reason =
      'Which objects a hold covers follows from the session; the role sets holds and reads entries, no content.';
    accept(role, {
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/*]`]: reason,
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${EVIDENCE_KEYS.segmentPrefix}*]`]: reason,
    });
  }

  private puttingContent(): string[] {
    return this.hasClasses ? ['s3:PutObject', 's3:PutObjectRetention'] : ['s3:PutObject'];
  }

  private denyOtherRetention({ log, content }: GatewayConfig['retention']): void {
    if (!this.hasClasses) {
      this.denyOtherLocks('', { resources: this.objects() }, log);
      return;
    }
    const contents = CONTENT_PREFIXES.map((prefix) => this.arnForObjects(`${prefix}*`));
    this.denyOtherLocks('OfTheLog', { notResources: contents }, log);
    this.denyOtherLocks('OfContent', { resources: contents }, content);
  }

  private denyForeignKeys(): void {
    this.denyOtherEncryption('aws:kms');
    // Evidence under someone else's key is gone when they delete the key.
    this.deny('NoForeignKey', ['s3:PutObject'], this.objects(), {
      Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
      ArnNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': this.atRestKey.keyArn },
    });
  }
}

const isSameRetention = ({ log, content }: GatewayConfig['retention']): boolean =>
  log.mode === content.mode && log.days === content.days;

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
