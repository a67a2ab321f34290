// Buckets and objects as the product makes them. Retention in cases is minutes, not years, so that a shared endpoint
// can be cleaned up some day.

import { createHash } from 'node:crypto';
import {
  CreateBucketCommand,
  GetObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  type S3Client,
} from '@aws-sdk/client-s3';
import { uniqueName } from './target.ts';

/** A digest as the S3 headers carry it. */
export const digestOf = (algorithm: 'md5' | 'sha256', content: string): string =>
  createHash(algorithm).update(content).digest('base64');

export const inMinutes = (minutes: number): Date => new Date(Date.now() + minutes * 60_000);

/** A bucket with Object Lock, as `cdk deploy` makes the evidence bucket, but without default retention. */
export const createEvidenceBucket = async (client: S3Client): Promise<string> => {
  const Bucket = uniqueName('evidence');
  await client.send(new CreateBucketCommand({ Bucket, ObjectLockEnabledForBucket: true }));
  return Bucket;
};

/** A bucket without versioning or lock. */
export const createPlainBucket = async (client: S3Client): Promise<string> => {
  const Bucket = uniqueName('plain');
  await client.send(new CreateBucketCommand({ Bucket }));
  return Bucket;
};

export const readText = async (client: S3Client, Bucket: string, Key: string, VersionId?: string): Promise<string> => {
  const { Body } = await client.send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return (await Body?.transformToString()) ?? '';
};

export const put = (client: S3Client, Bucket: string, Key: string, more: Partial<PutObjectCommandInput> = {}) =>
  client.send(new PutObjectCommand({ Bucket, Key, Body: 'body', ...more }));

/** Puts an object under a lock of ten minutes and answers its version. */
export const putLocked = async (
  client: S3Client,
  Bucket: string,
  Key: string,
  mode: 'COMPLIANCE' | 'GOVERNANCE' = 'COMPLIANCE',
): Promise<string> => {
  const lock = { ObjectLockMode: mode, ObjectLockRetainUntilDate: inMinutes(10) } as const;
  const { VersionId } = await put(client, Bucket, Key, lock);
  if (VersionId === undefined) throw new Error('A locked object has a version id');
  return VersionId;
};
