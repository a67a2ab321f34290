// PutObject. Everything from the precondition to the commit runs without yielding, so of any number of parallel
// writers with `If-None-Match: *` exactly one wins.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html

import { createHash } from 'node:crypto';
import { AwsError, type AwsRequest, type AwsResponse, header } from '../wire.ts';
import { emptyAnswer, invalidRequest, notFound, notImplemented, preconditionFailed } from './answers.ts';
import { readUpload } from './checksums.ts';
import { lockOfNewVersion } from './lock.ts';
import type { ObjectVersion } from './store.ts';
import { tagsOfNewVersion } from './tags.ts';
import { checksumHeaders, currentVersion, newVersionId, type ObjectCall, versionHeaders } from './versions.ts';

const MAX_KEY_BYTES = 1024;
const MAX_METADATA_BYTES = 2048;
const KEPT_HEADERS = [
  'content-type',
  'content-disposition',
  'content-language',
  'cache-control',
  'expires',
  'x-amz-website-redirect-location',
];
/** Headers that would change what is stored; ignoring them would be a lie. */
const UNSERVED_HEADERS = ['x-amz-copy-source', 'x-amz-write-offset-bytes', 'x-amz-server-side-encryption-customer-key'];

const storedHeaders = (request: AwsRequest): Record<string, string> => {
  const entries = Object.entries(request.headers).flatMap(([name, value]): [string, string][] => {
    const kept = KEPT_HEADERS.includes(name) || name.startsWith('x-amz-meta-');
    return kept && value !== undefined ? [[name, String(value)]] : [];
  });
  // aws-chunked is how the body travelled, not what it is.
  const encoding = (header(request, 'content-encoding') ?? '')
    .split(/\s*,\s*/)
    .filter((name) => name !== 'aws-chunked');
  const metadata = entries.filter(([name]) => name.startsWith('x-amz-meta-'));
  if (metadata.reduce((sum, [name, value]) => sum + name.length - 11 + value.length, 0) > MAX_METADATA_BYTES) {
    throw new AwsError('MetadataTooLarge', 'Your metadata headers exceed the maximum allowed metadata size');
  }
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries(entries),
    ...(encoding.join('') === '' ? {} : { 'content-encoding': encoding.join(', ') }),
  };
};

const requirePreconditions = (request: AwsRequest, key: string, current: ObjectVersion | undefined): void => {
  // A delete marker counts as "no object": the next write with If-None-Match: * succeeds.
  const existing = current?.deleteMarker === false ? current : undefined;
  const ifNoneMatch = header(request, 'if-none-match');
  if (ifNoneMatch !== undefined && ifNoneMatch !== '*') throw notImplemented('If-None-Match other than *');
  if (ifNoneMatch === '*' && existing !== undefined) throw preconditionFailed('If-None-Match');
  const ifMatch = header(request, 'if-match');
  if (ifMatch === undefined) return;
  if (existing === undefined) throw notFound.key(key);
  if (ifMatch.replaceAll('"', '') !== existing.etag.replaceAll('"', '')) throw preconditionFailed('If-Match');
};

export const putObject = (call: ObjectCall): AwsResponse => {
  const { request, store, bucket, key, now } = call;
  const { settings } = store.bucket(bucket);
  if (Buffer.byteLength(key) > MAX_KEY_BYTES) throw new AwsError('KeyTooLongError', 'Your key is too long');
  const unserved = UNSERVED_HEADERS.find((name) => request.headers[name] !== undefined);
  if (unserved !== undefined) throw notImplemented(unserved);
  const tags = tagsOfNewVersion(header(request, 'x-amz-tagging'));
  const upload = readUpload(request);
  const lock = lockOfNewVersion(
    settings,
    {
      mode: header(request, 'x-amz-object-lock-mode'),
      until: header(request, 'x-amz-object-lock-retain-until-date'),
      legalHold: header(request, 'x-amz-object-lock-legal-hold'),
    },
    now,
  );
  if ((lock.retention !== null || lock.legalHold) && !upload.integrityGiven) {
    const reason =
      'Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock parameters';
    throw invalidRequest(reason);
  }
  requirePreconditions(request, key, currentVersion(store, bucket, key));
  const version: ObjectVersion = {
    key,
    versionId: newVersionId(settings),
    sequence: store.nextSequence(),
    modifiedAt: now,
    deleteMarker: false,
    size: upload.content.length,
    etag: `"${createHash('md5').update(upload.content).digest('hex')}"`,
    headers: storedHeaders(request),
    checksum: upload.checksum,
    tags,
    ...lock,
  };
  store.addVersion(bucket, version, upload.content);
  return emptyAnswer(200, { etag: version.etag, ...versionHeaders(settings, version), ...checksumHeaders(version) });
};
