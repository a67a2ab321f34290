// The loopback S3, path-style: versioned buckets, conditional writes and Object Lock with AWS's refusals.
// Not served (NotImplemented): multi-part uploads, copies, policies, ACLs, changing tags, encryption settings, lifecycle.

import type { Files } from '../files.ts';
import { AwsError, type AwsRequest, type AwsResponse, type AwsService } from '../wire.ts';
import { notImplemented, renderS3Error } from './answers.ts';
import * as buckets from './buckets.ts';
import { deleteObject, deleteObjects } from './delete-objects.ts';
import { listObjectsV2, listObjectVersions } from './listings.ts';
import { putObject } from './put-object.ts';
import * as reads from './read-object.ts';
import { openS3Store, type S3Store } from './store.ts';
import { getObjectTagging } from './tags.ts';
import type { ObjectCall } from './versions.ts';

/** Query keys that select another operation than the plain one. Anything of S3's that is not routed below is refused. */
const SUBRESOURCES = [
  ...['versioning', 'object-lock', 'versions', 'delete', 'retention', 'legal-hold', 'list-type'],
  ...[
    'accelerate',
    'acl',
    'analytics',
    'attributes',
    'cors',
    'encryption',
    'inventory',
    'intelligent-tiering',
    'lifecycle',
  ],
  ...['location', 'logging', 'metadataTable', 'metrics', 'notification', 'ownershipControls', 'partNumber', 'policy'],
  ...[
    'policyStatus',
    'publicAccessBlock',
    'renameObject',
    'replication',
    'requestPayment',
    'restore',
    'select',
    'session',
  ],
  ...['tagging', 'torrent', 'uploadId', 'uploads', 'website', 'abac'],
];

const BUCKET_ROUTES: Readonly<Record<string, (call: buckets.BucketCall) => AwsResponse>> = {
  'PUT ': buckets.createBucket,
  'HEAD ': buckets.headBucket,
  'DELETE ': buckets.deleteBucket,
  'PUT versioning': buckets.putBucketVersioning,
  'GET versioning': buckets.getBucketVersioning,
  'PUT object-lock': buckets.putObjectLockConfiguration,
  'GET object-lock': buckets.getObjectLockConfiguration,
  'GET list-type': listObjectsV2,
  'GET versions': listObjectVersions,
  'POST delete': deleteObjects,
};

const OBJECT_ROUTES: Readonly<Record<string, (call: ObjectCall) => AwsResponse>> = {
  'PUT ': putObject,
  'GET ': reads.getObject,
  'HEAD ': reads.headObject,
  'DELETE ': deleteObject,
  'PUT retention': reads.putObjectRetention,
  'GET retention': reads.getObjectRetention,
  'PUT legal-hold': reads.putObjectLegalHold,
  'GET legal-hold': reads.getObjectLegalHold,
  'GET tagging': getObjectTagging,
};

const decodePath = (path: string): { bucket: string; key: string } => {
  try {
    const [, bucket = '', ...rest] = path.split('/');
    return { bucket: decodeURIComponent(bucket), key: decodeURIComponent(rest.join('/')) };
  } catch (cause) {
    throw new AwsError('InvalidURI', "Couldn't parse the specified URI.", { cause });
  }
};

const answer = (request: AwsRequest, store: S3Store, now: number): AwsResponse => {
  const { bucket, key } = decodePath(request.path);
  const subresource = SUBRESOURCES.find((name) => request.query.has(name)) ?? '';
  const route = `${request.method} ${subresource}`;
  if (bucket === '') {
    if (route === 'GET ') return buckets.listBuckets(store);
    throw notImplemented(`${route}on the service`);
  }
  if (key === '') {
    const run = BUCKET_ROUTES[route];
    if (run === undefined) throw notImplemented(`${route} on a bucket`);
    return run({ request, store, bucket, now });
  }
  const run = OBJECT_ROUTES[route];
  if (run === undefined) throw notImplemented(`${route} on an object`);
  return run({ request, store, bucket, key, now });
};

export const openS3 = (files: Files, now: () => number): AwsService => {
  const store = openS3Store(files);
  return (request) => {
    try {
      return answer(request, store, now());
    } catch (error) {
      if (error instanceof AwsError) return renderS3Error(error, request);
      throw error;
    }
  };
};
