import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetBucketVersioningCommand,
  GetObjectLockConfigurationCommand,
  GetObjectRetentionCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectLockConfigurationCommand,
} from '@aws-sdk/client-s3';
import { describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { createEvidenceBucket, createPlainBucket, put } from './evidence-bucket.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
const s3 = () => target().s3;

const setDefault = (Bucket: string, Days: number) =>
  s3().send(
    new PutObjectLockConfigurationCommand({
      Bucket,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days } },
      },
    }),
  );

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html
describe('the evidence bucket', () => {
  contractCase('bucket-lock-versioned', 'has versioning from the start', async () => {
    const Bucket = await createEvidenceBucket(s3());
    expect((await s3().send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe('Enabled');
  });

  contractCase('bucket-lock-suspend', 'cannot have its versioning suspended', async () => {
    const Bucket = await createEvidenceBucket(s3());
    const suspend = s3().send(
      new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Suspended' } }),
    );
    expect(await refusal(suspend)).toBe('InvalidBucketState');
  });

  contractCase('bucket-plain-suspend', 'differs from a plain bucket, whose versioning can be', async () => {
    const Bucket = await createPlainBucket(s3());
    for (const Status of ['Enabled', 'Suspended'] as const) {
      await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
      expect((await s3().send(new GetBucketVersioningCommand({ Bucket }))).Status).toBe(Status);
    }
  });

  contractCase('bucket-default-retention', 'locks every object by its default retention', async () => {
    const Bucket = await createEvidenceBucket(s3());
    await setDefault(Bucket, 1);
    const { VersionId } = await put(s3(), Bucket, 'record');
    const { Retention } = await s3().send(new GetObjectRetentionCommand({ Bucket, Key: 'record' }));
    expect(Retention?.Mode).toBe('COMPLIANCE');
    const hours = ((Retention?.RetainUntilDate?.getTime() ?? 0) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(23);
    expect(hours).toBeLessThanOrEqual(24.1);
    const destroy = s3().send(
      new DeleteObjectCommand({ Bucket, Key: 'record', VersionId, BypassGovernanceRetention: true }),
    );
    expect(await refusal(destroy)).toBe('AccessDenied');
  });

  contractCase('bucket-lock-configuration', 'answers the configuration it was given', async () => {
    const Bucket = await createEvidenceBucket(s3());
    await setDefault(Bucket, 7);
    const { ObjectLockConfiguration } = await s3().send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(ObjectLockConfiguration).toEqual({
      ObjectLockEnabled: 'Enabled',
      Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 7 } },
    });
  });

  contractCase('bucket-lock-zero', 'refuses a default retention of no days', async () => {
    const Bucket = await createEvidenceBucket(s3());
    expect(await refusal(setDefault(Bucket, 0))).toMatch(/^(InvalidArgument|MalformedXML|InvalidRetentionPeriod)$/);
  });

  contractCase('bucket-lock-absent', 'is told from a bucket without Object Lock', async () => {
    const Bucket = await createPlainBucket(s3());
    const get = s3().send(new GetObjectLockConfigurationCommand({ Bucket }));
    expect(await refusal(get)).toBe('ObjectLockConfigurationNotFoundError');
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-configure.html#object-lock-configure-existing
  contractCase('bucket-lock-later', 'can be made of a versioned bucket, not of an unversioned one', async () => {
    const Bucket = await createPlainBucket(s3());
    expect(await refusal(setDefault(Bucket, 1))).toBe('InvalidBucketState');
    await s3().send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } }));
    await setDefault(Bucket, 1);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/API_CreateBucket.html; us-east-1 alone answers 200
  contractCase('bucket-twice', 'is not created twice', async () => {
    const Bucket = await createEvidenceBucket(s3());
    expect(await refusal(s3().send(new CreateBucketCommand({ Bucket })))).toBe('BucketAlreadyOwnedByYou');
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html
describe('listing segments', () => {
  const fill = async (keys: string[]) => {
    const Bucket = await createEvidenceBucket(s3());
    for (const key of keys) await put(s3(), Bucket, key);
    return Bucket;
  };
  const list = async (Bucket: string, query: object) => {
    const page = await s3().send(new ListObjectsV2Command({ Bucket, ...query }));
    return { ...page, keys: (page.Contents ?? []).map((object) => object.Key) };
  };

  contractCase('list-order', 'lists keys in the order of their bytes', async () => {
    const Bucket = await fill(['b', 'a/2', 'a/10', 'B', 'é', 'a+b', '\u{1f4dc}', '\uffee']);
    expect((await list(Bucket, {})).keys).toEqual(['B', 'a+b', 'a/10', 'a/2', 'b', 'é', '\uffee', '\u{1f4dc}']);
  });

  contractCase('list-prefix-after', 'lists a prefix from a key on', async () => {
    const Bucket = await fill(['log/1', 'log/2', 'log/3', 'other']);
    expect((await list(Bucket, { Prefix: 'log/', StartAfter: 'log/1' })).keys).toEqual(['log/2', 'log/3']);
  });

  contractCase('list-pages', 'continues where a page ended', async () => {
    const Bucket = await fill(['1', '2', '3', '4', '5']);
    const first = await list(Bucket, { MaxKeys: 2 });
    expect([first.keys, first.IsTruncated, first.KeyCount]).toEqual([['1', '2'], true, 2]);
    const second = await list(Bucket, { MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
    const third = await list(Bucket, { MaxKeys: 2, ContinuationToken: second.NextContinuationToken });
    expect([second.keys, third.keys, third.IsTruncated]).toEqual([['3', '4'], ['5'], false]);
    expect(third.NextContinuationToken).toBeUndefined();
  });

  contractCase('list-delimiter', 'folds keys below a delimiter into common prefixes', async () => {
    const Bucket = await fill(['a/1', 'a/2', 'b/1', 'top']);
    const { keys, CommonPrefixes } = await list(Bucket, { Delimiter: '/' });
    expect([keys, CommonPrefixes?.map((common) => common.Prefix)]).toEqual([['top'], ['a/', 'b/']]);
    const first = await list(Bucket, { Delimiter: '/', MaxKeys: 1 });
    expect(first.CommonPrefixes).toEqual([{ Prefix: 'a/' }]);
    const next = await list(Bucket, { Delimiter: '/', ContinuationToken: first.NextContinuationToken });
    expect([next.CommonPrefixes, next.keys]).toEqual([[{ Prefix: 'b/' }], ['top']]);
  });

  contractCase('list-markers', 'leaves out what a delete marker hides; the list of versions shows both', async () => {
    const Bucket = await fill(['kept', 'hidden']);
    await s3().send(new DeleteObjectCommand({ Bucket, Key: 'hidden' }));
    expect((await list(Bucket, {})).keys).toEqual(['kept']);
    const { Versions, DeleteMarkers } = await s3().send(new ListObjectVersionsCommand({ Bucket }));
    expect(Versions?.map((version) => [version.Key, version.IsLatest])).toEqual([
      ['hidden', false],
      ['kept', true],
    ]);
    expect(DeleteMarkers?.map((marker) => [marker.Key, marker.IsLatest])).toEqual([['hidden', true]]);
  });

  contractCase('list-version-pages', 'pages through versions, newest first, without losing one', async () => {
    const Bucket = await fill(['a', 'a', 'a', 'b']);
    const all = await s3().send(new ListObjectVersionsCommand({ Bucket }));
    const ids: (string | undefined)[] = [];
    let markers: { KeyMarker?: string | undefined; VersionIdMarker?: string | undefined } = {};
    for (let more = true; more; ) {
      const page = await s3().send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...markers }));
      ids.push(...(page.Versions ?? []).map((version) => version.VersionId));
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker };
      more = page.IsTruncated === true;
    }
    expect(ids).toEqual(all.Versions?.map((version) => version.VersionId));
    expect(ids).toHaveLength(4);
  });

  contractCase('list-missing', 'is refused for a bucket that does not exist', async () => {
    expect(await refusal(list(uniqueName('none'), {}))).toBe('NoSuchBucket');
  });
});
