// How a request names a version, and how a version is described in an answer's headers.

import { randomBytes } from 'node:crypto';
import { AwsError } from '../wire.ts';
import { invalidArgument, notFound } from './answers.ts';
import type { BucketCall } from './buckets.ts';
import type { BucketSettings, ObjectVersion, S3Store } from './store.ts';

export interface ObjectCall extends BucketCall {
  readonly key: string;
}

/** The id of objects written while versioning was off or suspended. */
const NULL_VERSION = 'null';
/** 24 random bytes are 32 characters of base64url, the length of S3's own ids. */
const VERSION_ID = /^([\w-]{32}|null)$/;

export const newVersionId = (settings: BucketSettings): string =>
  settings.versioning === 'Enabled' ? randomBytes(24).toString('base64url') : NULL_VERSION;

/** The version id in the query, checked for shape: it becomes part of a path. */
export const requestedVersionId = ({ request }: BucketCall): string | null =>
  checkVersionId(request.query.get('versionId'));

export const checkVersionId = (versionId: string | null): string | null => {
  if (versionId === null || VERSION_ID.test(versionId)) return versionId;
  throw invalidArgument('Invalid version id specified');
};

export const currentVersion = (store: S3Store, bucket: string, key: string): ObjectVersion | undefined =>
  store.bucket(bucket).versions.get(key)?.[0];

export const findVersion = (
  store: S3Store,
  bucket: string,
  key: string,
  versionId: string,
): ObjectVersion | undefined =>
  store
    .bucket(bucket)
    .versions.get(key)
    ?.find((version) => version.versionId === versionId);

/** The version a read is about: the one named, else the current one; a delete marker cannot be read. */
export const versionToRead = (call: ObjectCall): ObjectVersion => {
  const { store, bucket, key } = call;
  const versionId = requestedVersionId(call);
  if (versionId === null) {
    const current = currentVersion(store, bucket, key);
    if (current !== undefined && !current.deleteMarker) return current;
    throw notFound.key(key, current === undefined ? {} : markerHeaders(current));
  }
  const version = findVersion(store, bucket, key, versionId);
  if (version === undefined) throw notFound.version(key, versionId);
  if (!version.deleteMarker) return version;
  const reason = 'The specified method is not allowed against this resource.';
  throw new AwsError('MethodNotAllowed', reason, { status: 405, headers: markerHeaders(version) });
};

const markerHeaders = (marker: ObjectVersion): Record<string, string> => ({
  'x-amz-delete-marker': 'true',
  'x-amz-version-id': marker.versionId,
});

/** `x-amz-version-id`, which a bucket that never had versioning does not send. */
export const versionHeaders = (settings: BucketSettings, version: ObjectVersion): Record<string, string> =>
  settings.versioning === null ? {} : { 'x-amz-version-id': version.versionId };

export const checksumHeaders = (version: ObjectVersion): Record<string, string> =>
  version.checksum === null
    ? {}
    : {
        [`x-amz-checksum-${version.checksum.algorithm.toLowerCase()}`]: version.checksum.value,
        'x-amz-checksum-type': 'FULL_OBJECT',
      };

export const lockHeaders = (version: ObjectVersion): Record<string, string> => ({
  ...(version.retention === null
    ? {}
    : {
        'x-amz-object-lock-mode': version.retention.mode,
        'x-amz-object-lock-retain-until-date': new Date(version.retention.until).toISOString(),
      }),
  ...(version.legalHold ? { 'x-amz-object-lock-legal-hold': 'ON' } : {}),
});
