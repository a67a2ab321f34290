// GetObject and HeadObject, and the two protections of a version as documents of their own.

import { AwsError, type AwsRequest, type AwsResponse, header } from '../wire.ts';
import { emptyAnswer, invalidRequest, preconditionFailed, xmlAnswer } from './answers.ts';
import { readCheckedBody } from './checksums.ts';
import { parseLegalHold, parseRetention, requireRetentionChange } from './lock.ts';
import type { ObjectVersion } from './store.ts';
import { tagHeaders } from './tags.ts';
import { checksumHeaders, lockHeaders, type ObjectCall, versionHeaders, versionToRead } from './versions.ts';
import { parseXml, textOf } from './xml.ts';

interface Range {
  readonly start: number;
  /** Inclusive. */
  readonly end: number;
}

/** RFC 9110 section 14.1.2, one range; a header of another form is ignored, as S3 does. */
const parseRange = (value: string | undefined, size: number): Range | null => {
  const groups = /^bytes=(?<first>\d*)-(?<last>\d*)$/.exec(value ?? '')?.groups;
  const { first = '', last = '' } = groups ?? {};
  if (first === '' && last === '') return null;
  const start = first === '' ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === '' || last === '' ? size - 1 : Math.min(Number(last), size - 1);
  if (start <= end) return { start, end };
  throw new AwsError('InvalidRange', 'The requested range is not satisfiable', {
    status: 416,
    fields: { RangeRequested: value, ActualObjectSize: size },
    headers: { 'content-range': `bytes */${size}` },
  });
};

const requireReadPreconditions = (request: AwsRequest, version: ObjectVersion): void => {
  const matches = (value: string): boolean =>
    value === '*' || value.replaceAll('"', '') === version.etag.replaceAll('"', '');
  const ifMatch = header(request, 'if-match');
  if (ifMatch !== undefined && !matches(ifMatch)) throw preconditionFailed('If-Match');
  const ifNoneMatch = header(request, 'if-none-match');
  if (ifNoneMatch !== undefined && matches(ifNoneMatch)) {
    throw new AwsError('NotModified', 'Not Modified', { status: 304, headers: { etag: version.etag } });
  }
};

const objectHeaders = (call: ObjectCall, version: ObjectVersion, whole: boolean): Record<string, string> => ({
  ...version.headers,
  etag: version.etag,
  'last-modified': new Date(version.modifiedAt).toUTCString(),
  'accept-ranges': 'bytes',
  ...versionHeaders(call.store.bucket(call.bucket).settings, version),
  ...lockHeaders(version),
  ...tagHeaders(version),
  // A checksum is of the whole object; with a range the client could only find that it does not fit.
  ...(whole && header(call.request, 'x-amz-checksum-mode') === 'ENABLED' ? checksumHeaders(version) : {}),
});

export const getObject = (call: ObjectCall): AwsResponse => {
  const version = versionToRead(call);
  requireReadPreconditions(call.request, version);
  const range = parseRange(header(call.request, 'range'), version.size);
  const body = call.store.readBody(call.bucket, version);
  const headers = objectHeaders(call, version, range === null);
  if (range === null) return { ...emptyAnswer(200, headers), body };
  const contentRange = `bytes ${range.start}-${range.end}/${version.size}`;
  return {
    ...emptyAnswer(206, { ...headers, 'content-range': contentRange }),
    body: body.subarray(range.start, range.end + 1),
  };
};

export const headObject = (call: ObjectCall): AwsResponse => {
  const version = versionToRead(call);
  requireReadPreconditions(call.request, version);
  return emptyAnswer(200, { ...objectHeaders(call, version, true), 'content-length': String(version.size) });
};

const requireLockBucket = ({ store, bucket }: ObjectCall): void => {
  if (store.bucket(bucket).settings.lock === null) throw invalidRequest('Bucket is missing Object Lock Configuration');
};

const noLockOnObject = (): AwsError => {
  const reason = 'The specified object does not have a ObjectLock configuration';
  return new AwsError('NoSuchObjectLockConfiguration', reason, { status: 404 });
};

export const getObjectRetention = (call: ObjectCall): AwsResponse => {
  requireLockBucket(call);
  const { retention } = versionToRead(call);
  if (retention === null) throw noLockOnObject();
  return xmlAnswer('Retention', { Mode: retention.mode, RetainUntilDate: new Date(retention.until).toISOString() });
};

export const putObjectRetention = (call: ObjectCall): AwsResponse => {
  requireLockBucket(call);
  const version = versionToRead(call);
  const retention = parseRetention(parseXml(readCheckedBody(call.request), 'Retention'), call.now);
  const bypass = header(call.request, 'x-amz-bypass-governance-retention') === 'true';
  requireRetentionChange(version, retention, bypass, call.now);
  call.store.updateVersion(call.bucket, { ...version, retention });
  return emptyAnswer(200);
};

export const getObjectLegalHold = (call: ObjectCall): AwsResponse => {
  requireLockBucket(call);
  return xmlAnswer('LegalHold', { Status: versionToRead(call).legalHold ? 'ON' : 'OFF' });
};

export const putObjectLegalHold = (call: ObjectCall): AwsResponse => {
  requireLockBucket(call);
  const version = versionToRead(call);
  const status = textOf(parseXml(readCheckedBody(call.request), 'LegalHold'), 'Status');
  if (status === undefined) throw new AwsError('MalformedXML', 'LegalHold needs a Status');
  call.store.updateVersion(call.bucket, { ...version, legalHold: parseLegalHold(status) });
  return emptyAnswer(200);
};
