// Bucket operations: existence, versioning, Object Lock configuration.

import { AwsError, type AwsRequest, type AwsResponse } from '../wire.ts';
import { emptyAnswer, xmlAnswer } from './answers.ts';
import { readCheckedBody } from './checksums.ts';
import { parseLockConfiguration } from './lock.ts';
import type { S3Store } from './store.ts';
import { parseXml, textOf } from './xml.ts';

export interface BucketCall {
  readonly request: AwsRequest;
  readonly store: S3Store;
  readonly bucket: string;
  readonly now: number;
}

const BUCKET_NAME = /^(?!.*\.\.)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
const conflict = (code: string, message: string): AwsError => new AwsError(code, message, { status: 409 });

export const listBuckets = (store: S3Store): AwsResponse =>
  xmlAnswer('ListAllMyBucketsResult', {
    Buckets: {
      Bucket: store.bucketNames().map((name) => {
        const { settings } = store.bucket(name);
        return { Name: name, CreationDate: new Date(settings.createdAt).toISOString(), BucketRegion: settings.region };
      }),
    },
  });

export const createBucket = ({ request, store, bucket, now }: BucketCall): AwsResponse => {
  if (!BUCKET_NAME.test(bucket)) throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
  if (store.findBucket(bucket) !== undefined) {
    const reason = 'Your previous request to create the named bucket succeeded and you already own it.';
    throw conflict('BucketAlreadyOwnedByYou', reason);
  }
  const locked = request.headers['x-amz-bucket-object-lock-enabled'] === 'true';
  store.saveBucket({
    name: bucket,
    region: request.region,
    createdAt: now,
    // "When you enable Object Lock, versioning is enabled automatically" (CreateBucket)
    versioning: locked ? 'Enabled' : null,
    lock: locked ? { defaultRetention: null } : null,
  });
  return emptyAnswer(200, { location: `/${bucket}` });
};

export const headBucket = ({ store, bucket }: BucketCall): AwsResponse =>
  emptyAnswer(200, { 'x-amz-bucket-region': store.bucket(bucket).settings.region });

export const deleteBucket = ({ store, bucket }: BucketCall): AwsResponse => {
  if (store.bucket(bucket).versions.size > 0) {
    throw conflict(
      'BucketNotEmpty',
      'The bucket you tried to delete is not empty. You must delete all versions in the bucket.',
    );
  }
  store.removeBucket(bucket);
  return emptyAnswer(204);
};

export const putBucketVersioning = ({ request, store, bucket }: BucketCall): AwsResponse => {
  const { settings } = store.bucket(bucket);
  const status = textOf(parseXml(readCheckedBody(request), 'VersioningConfiguration'), 'Status');
  if (status !== 'Enabled' && status !== 'Suspended')
    throw new AwsError('MalformedXML', 'Status must be Enabled or Suspended');
  if (settings.lock !== null && status === 'Suspended') {
    const reason = 'An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.';
    throw conflict('InvalidBucketState', reason);
  }
  store.saveBucket({ ...settings, versioning: status });
  return emptyAnswer(200);
};

export const getBucketVersioning = ({ store, bucket }: BucketCall): AwsResponse =>
  xmlAnswer('VersioningConfiguration', { Status: store.bucket(bucket).settings.versioning });

export const putObjectLockConfiguration = ({ request, store, bucket }: BucketCall): AwsResponse => {
  const { settings } = store.bucket(bucket);
  const defaultRetention = parseLockConfiguration(parseXml(readCheckedBody(request), 'ObjectLockConfiguration'));
  if (settings.versioning !== 'Enabled') {
    const reason = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
    throw conflict('InvalidBucketState', reason);
  }
  store.saveBucket({ ...settings, lock: { defaultRetention } });
  return emptyAnswer(200);
};

export const getObjectLockConfiguration = ({ store, bucket }: BucketCall): AwsResponse => {
  const { lock } = store.bucket(bucket).settings;
  if (lock === null) {
    const reason = 'Object Lock configuration does not exist for this bucket';
    throw new AwsError('ObjectLockConfigurationNotFoundError', reason, { status: 404, fields: { BucketName: bucket } });
  }
  const rule = lock.defaultRetention;
  return xmlAnswer('ObjectLockConfiguration', {
    ObjectLockEnabled: 'Enabled',
    Rule: rule === null ? null : { DefaultRetention: { Mode: rule.mode, [rule.unit]: rule.amount } },
  });
};
