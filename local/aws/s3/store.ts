// What S3 keeps: buckets and object versions. Every version is a body file and a small JSON file; the JSON is written
// last and is the commit point, so a body without it never existed. The index is rebuilt from the JSON at start.

import { createHash } from 'node:crypto';
import type { Files } from '../files.ts';
import { notFound } from './answers.ts';

export type LockMode = 'COMPLIANCE' | 'GOVERNANCE';

export interface Retention {
  readonly mode: LockMode;
  /** Epoch milliseconds. */
  readonly until: number;
}

export interface DefaultRetention {
  readonly mode: LockMode;
  readonly unit: 'Days' | 'Years';
  readonly amount: number;
}

export interface BucketSettings {
  readonly name: string;
  readonly region: string;
  readonly createdAt: number;
  readonly versioning: 'Enabled' | 'Suspended' | null;
  /** `null` for a bucket without Object Lock; it can never go back to that. */
  readonly lock: { readonly defaultRetention: DefaultRetention | null } | null;
}

export interface Checksum {
  /** `CRC32`, `CRC32C`, `SHA1` or `SHA256`. */
  readonly algorithm: string;
  readonly value: string;
}

export interface ObjectVersion {
  readonly key: string;
  readonly versionId: string;
  /** Order of writing; the largest of a key is its current version. */
  readonly sequence: number;
  readonly modifiedAt: number;
  readonly deleteMarker: boolean;
  readonly size: number;
  readonly etag: string;
  /** Content-Type and the like, and `x-amz-meta-*`, as they are sent back. */
  readonly headers: Readonly<Record<string, string>>;
  readonly checksum: Checksum | null;
  /** Absent in versions that an earlier release stored. */
  readonly tags?: Readonly<Record<string, string>>;
  readonly retention: Retention | null;
  readonly legalHold: boolean;
}

interface Bucket {
  readonly settings: BucketSettings;
  /** Versions of each key, newest first. */
  readonly versions: ReadonlyMap<string, readonly ObjectVersion[]>;
}

export interface S3Store {
  bucketNames(): string[];
  findBucket(name: string): Bucket | undefined;
  /** The bucket, or NoSuchBucket. */
  bucket(name: string): Bucket;
  saveBucket(settings: BucketSettings): void;
  removeBucket(name: string): void;
  /** Keys of a bucket in S3's order: by the bytes of their UTF-8. */
  sortedKeys(name: string): readonly string[];
  nextSequence(): number;
  /** Adds a version, in place of one with the same id (only `null` repeats). */
  addVersion(bucket: string, version: ObjectVersion, body: Uint8Array): void;
  /** Rewrites what is known of a version; its body cannot change. */
  updateVersion(bucket: string, version: ObjectVersion): void;
  removeVersion(bucket: string, version: ObjectVersion): void;
  readBody(bucket: string, version: ObjectVersion): Buffer;
}

interface MutableBucket {
  settings: BucketSettings;
  readonly versions: Map<string, ObjectVersion[]>;
  sortedKeys: readonly string[] | null;
}

const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

const settingsPath = (bucket: string): string => `s3/buckets/${bucket}.json`;
const versionPath = (bucket: string, version: Pick<ObjectVersion, 'key' | 'versionId'>): string => {
  // Keys may be longer than a file name and may contain `..`: only their hash becomes a path.
  const folder = createHash('sha256').update(version.key).digest('hex');
  return `s3/objects/${bucket}/${folder.slice(0, 2)}/${folder}/${version.versionId}`;
};

const insert = (bucket: MutableBucket, version: ObjectVersion): void => {
  const others = (bucket.versions.get(version.key) ?? []).filter(({ versionId }) => versionId !== version.versionId);
  if (others.length === 0) bucket.sortedKeys = null;
  bucket.versions.set(
    version.key,
    [...others, version].sort((a, b) => b.sequence - a.sequence),
  );
};

const remove = (bucket: MutableBucket, version: ObjectVersion): void => {
  const others = (bucket.versions.get(version.key) ?? []).filter(({ versionId }) => versionId !== version.versionId);
  if (others.length > 0) {
    bucket.versions.set(version.key, others);
  } else {
    bucket.versions.delete(version.key);
    bucket.sortedKeys = null;
  }
};

const load = (files: Files): Map<string, MutableBucket> => {
  const buckets = new Map<string, MutableBucket>();
  const readJson = (path: string): unknown => JSON.parse(files.read(path).toString('utf8'));
  for (const path of files.list('s3/buckets')) {
    const settings = readJson(path) as BucketSettings;
    buckets.set(settings.name, { settings, versions: new Map(), sortedKeys: null });
  }
  for (const path of files.list('s3/objects')) {
    const bucket = buckets.get(path.split('/')[2] ?? '');
    if (bucket !== undefined && path.endsWith('.json')) insert(bucket, readJson(path) as ObjectVersion);
  }
  return buckets;
};

const lastSequence = (buckets: Map<string, MutableBucket>): number => {
  let last = 0;
  for (const bucket of buckets.values()) {
    for (const versions of bucket.versions.values()) last = Math.max(last, versions[0]?.sequence ?? 0);
  }
  return last;
};

export const openS3Store = (files: Files): S3Store => {
  const buckets = load(files);
  let sequence = lastSequence(buckets);

  const bucketOf = (name: string): MutableBucket => {
    const bucket = buckets.get(name);
    if (bucket === undefined) throw notFound.bucket(name);
    return bucket;
  };
  const saveVersion = (bucket: string, version: ObjectVersion): void => {
    files.write(`${versionPath(bucket, version)}.json`, JSON.stringify(version));
    insert(bucketOf(bucket), version);
  };

  return {
    bucketNames: () => [...buckets.keys()].sort(byBytes),
    findBucket: (name) => buckets.get(name),
    bucket: bucketOf,
    saveBucket: (settings) => {
      files.write(settingsPath(settings.name), JSON.stringify(settings));
      const existing = buckets.get(settings.name);
      if (existing === undefined) buckets.set(settings.name, { settings, versions: new Map(), sortedKeys: null });
      else existing.settings = settings;
    },
    removeBucket: (name) => {
      files.remove(settingsPath(name));
      buckets.delete(name);
    },
    sortedKeys: (name) => {
      const bucket = bucketOf(name);
      bucket.sortedKeys ??= [...bucket.versions.keys()].sort(byBytes);
      return bucket.sortedKeys;
    },
    nextSequence: () => {
      sequence += 1;
      return sequence;
    },
    addVersion: (bucket, version, body) => {
      if (!version.deleteMarker) files.write(`${versionPath(bucket, version)}.body`, body);
      saveVersion(bucket, version);
    },
    updateVersion: saveVersion,
    removeVersion: (bucket, version) => {
      files.remove(`${versionPath(bucket, version)}.json`);
      files.remove(`${versionPath(bucket, version)}.body`);
      remove(bucketOf(bucket), version);
    },
    readBody: (bucket, version) => files.read(`${versionPath(bucket, version)}.body`),
  };
};
