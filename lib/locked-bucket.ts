// A bucket under Object Lock, and the policy that closes the ways around Object Lock. What is special about a bucket (who
// writes where, under which key) its own construct adds.
import { DefaultStackSynthesizer, Duration, Fn, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  type BucketProps,
  type IBucket,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import type { Retention } from '../lambdas/gateway-config.ts';

export interface LockedBucketProps {
  /** What a PUT gets that names no lock. */
  readonly retention: Retention;
  /** Encryption, and what else differs from bucket to bucket. */
  readonly bucket: Pick<BucketProps, 'blockedEncryptionTypes' | 'bucketKeyEnabled' | 'encryption' | 'encryptionKey'>;
  /** Who read or wrote evidence. */
  readonly accessLogs: IBucket;
  readonly accessLogPrefix?: string;
}

export type Conditions = Record<string, Record<string, string | string[]>>;

export class LockedBucket extends Bucket {
  constructor(scope: Construct, id: string, props: LockedBucketProps) {
    const { mode, days } = props.retention;
    const period = Duration.days(days);
    super(scope, id, {
      objectLockEnabled: true,
      objectLockDefaultRetention:
        mode === 'COMPLIANCE' ? ObjectLockRetention.compliance(period) : ObjectLockRetention.governance(period),
      versioned: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: props.accessLogs,
      ...(props.accessLogPrefix === undefined ? {} : { serverAccessLogsPrefix: props.accessLogPrefix }),
      removalPolicy: RemovalPolicy.RETAIN,
      ...props.bucket,
    });
    this.denyObjectTampering();
    this.denyCustomerKeys();
    this.denyReconfiguration();
  }

  private denyObjectTampering(): void {
    // A delete marker hides a locked object, and If-None-Match succeeds on top of it: so plain deletes are denied too.
    this.deny('NoDelete', ['s3:DeleteObject*'], this.objects());
    this.deny('NoGovernanceBypass', ['s3:BypassGovernanceRetention'], this.objects());
    // Replicated objects arrive by other actions than PutObject, past every condition below.
    this.deny('NoReplicaIn', ['s3:ReplicateObject', 's3:ReplicateDelete', 's3:ReplicateTags'], this.objects());
    // No exemption for multipart uploads: their parts carry no condition, so they are refused altogether.
    this.deny('CreateOnly', ['s3:PutObject'], this.objects(), { Null: { 's3:if-none-match': 'true' } });
    // Access is by role. A tag could bring an object under a lifecycle rule or a policy that goes by tags.
    this.deny('NoAclNoTags', ACLS_AND_TAGS, this.objects());
  }

  /**
   * Of objects below `resources`: no weaker and no longer lock than this one. A PUT that names no lock gets the bucket's
   * default; one that names another is refused.
   */
  protected denyOtherLocks(name: string, where: Where, { mode, days }: Retention): void {
    const locking = ['s3:PutObject', 's3:PutObjectRetention'];
    const remaining = 's3:object-lock-remaining-retention-days';
    this.denyWhere(`NoWeakerMode${name}`, locking, where, {
      Null: { 's3:object-lock-mode': 'false' },
      StringNotEquals: { 's3:object-lock-mode': mode },
    });
    // One day of slack: the remaining days of a retention computed a moment ago are a fraction less than asked for.
    // Not on PutObjectRetention, where COMPLIANCE refuses shortening by itself and a shorter extension is legitimate.
    this.denyWhere(`NoShorterRetention${name}`, ['s3:PutObject'], where, {
      NumericLessThan: { [remaining]: String(Math.max(days - 1, 0)) },
    });
    // Nobody locks for a century at the bank's cost: what must stay longer is put under a legal hold.
    this.denyWhere(`NoLongerRetention${name}`, locking, where, {
      NumericGreaterThan: { [remaining]: String(days + 1) },
    });
  }

  /** Nobody sets a legal hold, on an object that is there or with a PUT, but those for whom `unless` does not hold. */
  denyHolds(unless: Conditions = {}): void {
    this.deny('OnlyByRecordsOfficer', ['s3:PutObjectLegalHold'], this.objects(), unless);
  }

  private denyCustomerKeys(): void {
    this.deny('NoCustomerKeys', ['s3:PutObject'], this.objects(), {
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    });
  }

  /** A PUT may name this encryption or none; with none it gets the bucket's. */
  protected denyOtherEncryption(algorithm: 'aws:kms' | 'AES256'): void {
    this.deny('NoOtherEncryption', ['s3:PutObject'], this.objects(), {
      Null: { 's3:x-amz-server-side-encryption': 'false' },
      StringNotEquals: { 's3:x-amz-server-side-encryption': algorithm },
    });
  }

  private denyReconfiguration(): void {
    this.deny('OnlyByDeployment', RECONFIGURING, [this.bucketArn], this.exceptDeployment());
  }

  /**
   * Changes come through `cdk deploy`, which CloudFormation runs under the bootstrap's execution role. Whoever
   * may pass that role is the change process to guard. The account's root user can still remove the policy;
   * it cannot unlock what COMPLIANCE holds.
   */
  private exceptDeployment(): Conditions {
    const { synthesizer } = Stack.of(this);
    if (!(synthesizer instanceof DefaultStackSynthesizer)) {
      throw new Error('A locked bucket names the CloudFormation execution role: use DefaultStackSynthesizer');
    }
    return { ArnNotEquals: { 'aws:PrincipalArn': Fn.sub(synthesizer.cloudFormationExecutionRoleArn) } };
  }

  protected objects(): string[] {
    return [this.arnForObjects('*')];
  }

  protected deny(sid: string, actions: readonly string[], resources: string[], conditions: Conditions = {}): void {
    this.denyWhere(sid, actions, { resources }, conditions);
  }

  private denyWhere(sid: string, actions: readonly string[], where: Where, conditions: Conditions): void {
    const principals = [new AnyPrincipal()];
    this.addToResourcePolicy(
      new PolicyStatement({ sid, effect: Effect.DENY, principals, actions: [...actions], ...where, conditions }),
    );
  }
}

type Where = { readonly resources: string[] } | { readonly notResources: string[] };

const ACLS_AND_TAGS = [
  's3:PutObjectAcl',
  's3:PutObjectTagging',
  's3:PutObjectVersionAcl',
  's3:PutObjectVersionTagging',
];

/** Settings of the bucket that hide, expose or weaken what lies in it, or who touched it. */
const RECONFIGURING = [
  's3:DeleteBucket',
  's3:DeleteBucketPolicy',
  's3:PutBucketAcl',
  's3:PutBucketLogging',
  's3:PutBucketNotification',
  's3:PutBucketObjectLockConfiguration',
  's3:PutBucketOwnershipControls',
  's3:PutBucketPolicy',
  's3:PutBucketPublicAccessBlock',
  's3:PutBucketVersioning',
  's3:PutEncryptionConfiguration',
  's3:PutLifecycleConfiguration',
  's3:PutReplicationConfiguration',
];
