// ListObjectsV2 and ListObjectVersions.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html

import type { AwsResponse } from '../wire.ts';
import { invalidArgument, xmlAnswer } from './answers.ts';
import type { BucketCall } from './buckets.ts';
import type { ObjectVersion } from './store.ts';
import type { XmlValue } from './xml.ts';

const MAX_KEYS = 1000;

/** One line of a listing: an entry, or a common prefix that stands for all keys below it. */
type Row<T> =
  | { readonly kind: 'entry'; readonly key: string; readonly entry: T }
  | { readonly kind: 'prefix'; readonly key: string };

interface Page<T> {
  readonly rows: readonly Row<T>[];
  readonly truncated: boolean;
}

const parseMaxKeys = (value: string | null): number => {
  if (value === null) return MAX_KEYS;
  if (!/^\d{1,9}$/.test(value)) throw invalidArgument('Provided max-keys not an integer or within integer range');
  return Math.min(Number(value), MAX_KEYS);
};

const isAfter = (a: string, b: string): boolean => Buffer.compare(Buffer.from(a), Buffer.from(b)) > 0;

interface ListQuery<T> {
  readonly keys: readonly string[];
  readonly entriesOf: (key: string) => readonly T[];
  readonly prefix: string;
  readonly delimiter: string;
  readonly maxKeys: number;
  /** Whether a row still belongs to this page, given its key and (for an entry) the entry. */
  readonly isPastStart: (key: string, entry: T | null) => boolean;
}

/** The common prefix that swallows this key, or `null`. */
const commonPrefixOf = (key: string, prefix: string, delimiter: string): string | null => {
  if (delimiter === '') return null;
  const end = key.indexOf(delimiter, prefix.length);
  return end === -1 ? null : key.slice(0, end + delimiter.length);
};

/** The rows of one key: its entries, or the common prefix that stands for them. */
const rowsOfKey = <T>(query: ListQuery<T>, key: string): Row<T>[] => {
  const entries = query.entriesOf(key);
  const common = commonPrefixOf(key, query.prefix, query.delimiter);
  if (common === null) {
    return entries.filter((entry) => query.isPastStart(key, entry)).map((entry) => ({ kind: 'entry', key, entry }));
  }
  return entries.length > 0 && query.isPastStart(common, null) ? [{ kind: 'prefix', key: common }] : [];
};

const rowsOf = function* <T>(query: ListQuery<T>): Generator<Row<T>> {
  let lastPrefix: string | null = null;
  for (const key of query.keys.filter((candidate) => candidate.startsWith(query.prefix))) {
    for (const row of rowsOfKey(query, key)) {
      if (row.kind === 'entry' || row.key !== lastPrefix) yield row;
      if (row.kind === 'prefix') lastPrefix = row.key;
    }
  }
};

const takePage = <T>(query: ListQuery<T>): Page<T> => {
  const rows: Row<T>[] = [];
  for (const row of rowsOf(query)) {
    if (rows.length >= query.maxKeys) return { rows, truncated: query.maxKeys > 0 };
    rows.push(row);
  }
  return { rows, truncated: false };
};

const commonQuery = ({ request, store, bucket }: BucketCall) => {
  const encodes = request.query.get('encoding-type') === 'url';
  return {
    keys: store.sortedKeys(bucket),
    prefix: request.query.get('prefix') ?? '',
    delimiter: request.query.get('delimiter') ?? '',
    maxKeys: parseMaxKeys(request.query.get('max-keys')),
    encode: (text: string): string => (encodes ? encodeURIComponent(text).replaceAll('%2F', '/') : text),
    encodingType: encodes ? 'url' : null,
  };
};

const describeObject = (version: ObjectVersion, encode: (text: string) => string): Record<string, XmlValue> => ({
  Key: encode(version.key),
  LastModified: new Date(version.modifiedAt).toISOString(),
  ETag: version.etag,
  Size: version.size,
  StorageClass: 'STANDARD',
});

const prefixesOf = <T>(page: Page<T>, encode: (text: string) => string): XmlValue[] =>
  page.rows.flatMap((row) => (row.kind === 'prefix' ? [{ Prefix: encode(row.key) }] : []));

export const listObjectsV2 = (call: BucketCall): AwsResponse => {
  const { request, store, bucket } = call;
  const { versions } = store.bucket(bucket);
  const { encode, encodingType, ...common } = commonQuery(call);
  const token = request.query.get('continuation-token');
  const startAfter = request.query.get('start-after');
  // The token is the last key of the page before; it wins over start-after, as on S3.
  const start = token === null ? startAfter : Buffer.from(token, 'base64url').toString('utf8');
  const page = takePage<ObjectVersion>({
    ...common,
    entriesOf: (key) => (versions.get(key)?.slice(0, 1) ?? []).filter((version) => !version.deleteMarker),
    isPastStart: (key) => start === null || isAfter(key, start),
  });
  const contents = page.rows.flatMap((row) => (row.kind === 'entry' ? [describeObject(row.entry, encode)] : []));
  const last = page.truncated ? (page.rows.at(-1)?.key ?? '') : null;
  return xmlAnswer('ListBucketResult', {
    Name: bucket,
    Prefix: encode(common.prefix),
    Delimiter: common.delimiter === '' ? null : encode(common.delimiter),
    MaxKeys: common.maxKeys,
    KeyCount: page.rows.length,
    IsTruncated: page.truncated,
    EncodingType: encodingType,
    ContinuationToken: token,
    StartAfter: startAfter === null ? null : encode(startAfter),
    NextContinuationToken: last === null ? null : Buffer.from(last, 'utf8').toString('base64url'),
    Contents: contents,
    CommonPrefixes: prefixesOf(page, encode),
  });
};

export const listObjectVersions = (call: BucketCall): AwsResponse => {
  const { request, store, bucket } = call;
  const { versions } = store.bucket(bucket);
  const { encode, encodingType, ...common } = commonQuery(call);
  const keyMarker = request.query.get('key-marker');
  const idMarker = request.query.get('version-id-marker');
  const markerSequence = (versions.get(keyMarker ?? '') ?? []).find((v) => v.versionId === idMarker)?.sequence;
  const page = takePage<ObjectVersion>({
    ...common,
    entriesOf: (key) => versions.get(key) ?? [],
    isPastStart: (key, entry) => {
      if (keyMarker === null || isAfter(key, keyMarker)) return true;
      return key === keyMarker && entry !== null && markerSequence !== undefined && entry.sequence < markerSequence;
    },
  });
  const listed = page.rows.flatMap((row) => (row.kind === 'entry' ? [row.entry] : []));
  const describe = (version: ObjectVersion): Record<string, XmlValue> => ({
    ...describeObject(version, encode),
    VersionId: version.versionId,
    IsLatest: versions.get(version.key)?.[0] === version,
  });
  const lastRow = page.truncated ? page.rows.at(-1) : undefined;
  return xmlAnswer('ListVersionsResult', {
    Name: bucket,
    Prefix: encode(common.prefix),
    Delimiter: common.delimiter === '' ? null : encode(common.delimiter),
    KeyMarker: encode(keyMarker ?? ''),
    VersionIdMarker: idMarker ?? '',
    MaxKeys: common.maxKeys,
    IsTruncated: page.truncated,
    EncodingType: encodingType,
    NextKeyMarker: lastRow === undefined ? null : encode(lastRow.key),
    NextVersionIdMarker: lastRow?.kind === 'entry' ? lastRow.entry.versionId : null,
    Version: listed.filter((version) => !version.deleteMarker).map(describe),
    DeleteMarker: listed
      .filter((version) => version.deleteMarker)
      .map((version) => {
        const { ETag: _etag, Size: _size, StorageClass: _class, ...marker } = describe(version);
        return marker;
      }),
    CommonPrefixes: prefixesOf(page, encode),
  });
};
