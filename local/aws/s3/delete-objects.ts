// DeleteObject and DeleteObjects. A delete without a version id only ever adds a delete marker in a versioned bucket;
// a delete of a version destroys it and is what Object Lock refuses.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html#object-lock-managing-delete-markers

import { AwsError, type AwsRequest, type AwsResponse, header } from '../wire.ts';
import { emptyAnswer, notImplemented, xmlAnswer } from './answers.ts';
import type { BucketCall } from './buckets.ts';
import { readCheckedBody } from './checksums.ts';
import { requireDeletable } from './lock.ts';
import type { ObjectVersion, S3Store } from './store.ts';
import {
  checkVersionId,
  currentVersion,
  findVersion,
  newVersionId,
  type ObjectCall,
  requestedVersionId,
} from './versions.ts';
import { parseXml, textOf, type XmlValue } from './xml.ts';

const MAX_BATCH = 1000;

interface Deletion {
  readonly store: S3Store;
  readonly bucket: string;
  readonly key: string;
  readonly versionId: string | null;
  readonly bypassGovernance: boolean;
  readonly now: number;
}

/** What a deletion did: made a marker, or destroyed a version (which may itself have been a marker), or nothing. */
interface Deleted {
  readonly marker: ObjectVersion | null;
  readonly destroyed: ObjectVersion | null;
}

const bypassesGovernance = (request: AwsRequest): boolean =>
  header(request, 'x-amz-bypass-governance-retention') === 'true';

const destroyVersion = (deletion: Deletion, versionId: string): Deleted => {
  const { store, bucket, key } = deletion;
  const version = findVersion(store, bucket, key, versionId);
  if (version === undefined) return { marker: null, destroyed: null };
  requireDeletable(version, deletion.bypassGovernance, deletion.now);
  store.removeVersion(bucket, version);
  return { marker: null, destroyed: version };
};

const addMarker = ({ store, bucket, key, now }: Deletion): Deleted => {
  const { settings } = store.bucket(bucket);
  const marker: ObjectVersion = {
    key,
    versionId: newVersionId(settings),
    sequence: store.nextSequence(),
    modifiedAt: now,
    deleteMarker: true,
    size: 0,
    etag: '',
    headers: {},
    checksum: null,
    retention: null,
    legalHold: false,
  };
  store.addVersion(bucket, marker, Buffer.alloc(0));
  return { marker, destroyed: null };
};

const perform = (deletion: Deletion): Deleted => {
  const { store, bucket, key, versionId } = deletion;
  if (versionId !== null) return destroyVersion(deletion, versionId);
  if (store.bucket(bucket).settings.versioning !== null) return addMarker(deletion);
  const current = currentVersion(store, bucket, key);
  return current === undefined ? { marker: null, destroyed: null } : destroyVersion(deletion, current.versionId);
};

export const deleteObject = (call: ObjectCall): AwsResponse => {
  const { request, store, bucket, key, now } = call;
  // Silently unconditional would be worse than refused.
  if (request.headers['if-match'] !== undefined) throw notImplemented('If-Match on DeleteObject');
  const versionId = requestedVersionId(call);
  const deleted = perform({ store, bucket, key, versionId, bypassGovernance: bypassesGovernance(request), now });
  const isMarker = deleted.marker !== null || deleted.destroyed?.deleteMarker === true;
  const id = versionId ?? deleted.marker?.versionId;
  return emptyAnswer(204, {
    ...(isMarker ? { 'x-amz-delete-marker': 'true' } : {}),
    ...(id === undefined ? {} : { 'x-amz-version-id': id }),
  });
};

const describe = (key: string, versionId: string | null, { marker, destroyed }: Deleted): XmlValue => ({
  Key: key,
  VersionId: versionId,
  DeleteMarker: marker !== null || destroyed?.deleteMarker === true ? true : null,
  DeleteMarkerVersionId: marker?.versionId ?? (destroyed?.deleteMarker ? destroyed.versionId : null),
});

export const deleteObjects = ({ request, store, bucket, now }: BucketCall): AwsResponse => {
  store.bucket(bucket);
  const root = parseXml(readCheckedBody(request), 'Delete');
  const objects = root.children.filter((child) => child.name === 'Object');
  if (objects.length < 1 || objects.length > MAX_BATCH)
    throw new AwsError('MalformedXML', 'Between 1 and 1000 objects');
  const deleted: XmlValue[] = [];
  const errors: XmlValue[] = [];
  for (const object of objects) {
    const key = textOf(object, 'Key') ?? '';
    const versionId = textOf(object, 'VersionId') ?? null;
    try {
      const bypassGovernance = bypassesGovernance(request);
      checkVersionId(versionId);
      deleted.push(describe(key, versionId, perform({ store, bucket, key, versionId, bypassGovernance, now })));
    } catch (error) {
      if (!(error instanceof AwsError)) throw error;
      errors.push({ Key: key, VersionId: versionId, Code: error.code, Message: error.message });
    }
  }
  return xmlAnswer('DeleteResult', { Deleted: textOf(root, 'Quiet') === 'true' ? [] : deleted, Error: errors });
};
