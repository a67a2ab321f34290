// The tree of the log for monitors, as C2SP tlog-tiles. Derived from the locked bucket and rebuilt from it when it is
// damaged or gone, so it is not locked: partial tiles change at every checkpoint and would stay for the whole retention.
import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, Grant, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { BlockPublicAccess, Bucket, BucketEncryption, type CfnBucket, ObjectOwnership } from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';
import { ENV, SHORT_LIVED_TAG } from '../lambdas/contract.ts';
import type { AtRestKey } from './at-rest-key.ts';
import { accessLogBucket } from './evidence-bucket.ts';
import type { HouseFunction } from './house-function.ts';
import { accept } from './nag.ts';

/**
 * A partial tile of level 0 is served until the full one is there, and heartbeats alone fill one within three days. The
 * rest is room for a sealer that stands still.
 */
const PARTIAL_TILE_DAYS = 90;
/** Replaced versions: of `checkpoint`, and of what somebody else may have written. */
const REPLACED_DAYS = 90;

export interface TilesBucketProps {
  readonly atRestKey: AtRestKey;
}

export class TilesBucket extends Bucket {
  private readonly atRestKey: AtRestKey;

  constructor(scope: Construct, id: string, { atRestKey }: TilesBucketProps) {
    super(scope, id, {
      versioned: true,
      encryption: BucketEncryption.KMS,
      encryptionKey: atRestKey,
      bucketKeyEnabled: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      enforceSSL: true,
      minimumTLSVersion: 1.2,
      serverAccessLogsBucket: accessLogBucket(scope, `${id}AccessLogs`),
      lifecycleRules: [
        {
          id: 'PartialTiles',
          tagFilters: { [SHORT_LIVED_TAG.key]: SHORT_LIVED_TAG.value },
          expiration: Duration.days(PARTIAL_TILE_DAYS),
        },
        { id: 'ReplacedVersions', noncurrentVersionExpiration: Duration.days(REPLACED_DAYS) },
      ],
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.atRestKey = atRestKey;
    accept(this, BUCKET_REASONS);
  }

  /** Lets `fn` write the tiles and read them back; everyone else is refused to write. It may delete nothing. */
  grantWriteTiles(fn: HouseFunction): void {
    const objects = this.arnForObjects('*');
    // A role that may not list the bucket is told "forbidden" of an object that is not there.
    Grant.addToPrincipal({ grantee: fn, actions: ['s3:ListBucket'], resourceArns: [this.bucketArn] });
    Grant.addToPrincipal({
      grantee: fn,
      actions: ['s3:GetObject', 's3:PutObject', 's3:PutObjectTagging'],
      resourceArns: [objects],
    });
    this.atRestKey.grantS3Log(fn);
    fn.setEnv(ENV.tilesBucket, this.bucketName);
    this.addToResourcePolicy(
      new PolicyStatement({
        sid: 'OnlyTheSealer',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:PutObject'],
        resources: [objects],
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': fn.role?.roleArn ?? '' } },
      }),
    );
    const bucketId = Stack.of(this).getLogicalId(this.node.defaultChild as CfnBucket);
    accept(fn.role ?? fn, {
      [`AwsSolutions-IAM5[Resource::<${bucketId}.Arn>/*]`]:
        'The bucket holds nothing but the tree of the log, whose objects are numbered as it grows. All of it is derived from the locked bucket, which this grant does not touch.',
    });
  }
}

const BUCKET_REASONS = {
  'NIST.800.53.R5-S3BucketReplicationEnabled':
    'Derived data: the sealer rebuilds it from the locked bucket when it is gone.',
};
