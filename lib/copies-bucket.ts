// The second copy of what proves the log: checkpoints and public keys. Locked like the evidence, and encrypted by S3's own
// key, which nobody can delete: without the at-rest key every segment is unreadable, and these still prove any copy that
// was exported before.
import { Stack } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { BlockedEncryptionType, BucketEncryption, type CfnBucket, type IBucket } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { COPIED_PREFIXES, ENV } from '../lambdas/contract.ts';
import type { Retention } from '../lambdas/gateway-config.ts';
import type { HouseFunction } from './house-function.ts';
import { LockedBucket } from './locked-bucket.ts';
import { accept } from './nag.ts';

export interface CopiesBucketProps {
  readonly retention: Retention;
  readonly accessLogs: IBucket;
}

export class CopiesBucket extends LockedBucket {
  constructor(scope: Construct, id: string, { retention, accessLogs }: CopiesBucketProps) {
    super(scope, id, {
      retention,
      accessLogs,
      accessLogPrefix: 'copies/',
      bucket: { encryption: BucketEncryption.S3_MANAGED, blockedEncryptionTypes: [BlockedEncryptionType.SSE_C] },
    });
    this.denyOtherLocks('', { resources: this.objects() }, retention);
    this.denyOtherEncryption('AES256');
    accept(this, BUCKET_REASONS);
  }

  /** Lets `fn` keep the second copy: add to it, and see what is there. Everyone else is refused. */
  grantCopy(fn: HouseFunction): void {
    const objects = COPIED_PREFIXES.map((prefix) => this.arnForObjects(`${prefix}*`));
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:PutObject'], resourceArns: objects });
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:ListBucket'],
      resourceArns: [this.bucketArn],
      conditions: { StringLike: { 's3:prefix': COPIED_PREFIXES.map((prefix) => `${prefix}*`) } },
    });
    fn.setEnv(ENV.copiesBucket, this.bucketName);
    this.deny('OnlyTheSealer', ['s3:PutObject'], this.objects(), {
      ArnNotEquals: { 'aws:PrincipalArn': fn.role?.roleArn ?? '' },
    });
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    const reasons = COPIED_PREFIXES.map((prefix) => [
      `AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/${prefix}*]`,
      'Objects of the log are numbered as it grows. The grant is write-only, for the prefixes that are copied; the bucket policy refuses overwriting (if-none-match) and deleting.',
    ]);
    accept(fn.role ?? fn, Object.fromEntries(reasons));
  }
}

const BUCKET_REASONS = {
  'NIST.800.53.R5-S3BucketReplicationEnabled':
    'This bucket is the second copy. A third one, in another account, is for the bank to set up (docs for operators).',
  'NIST.800.53.R5-S3DefaultEncryptionKMS':
    'On purpose: checkpoints and public keys hold nothing confidential, and no deletable key may stand between them and an auditor. SSE-S3 encrypts them.',
};
