import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal, refusalError } from './contract-case.ts';
import { createEvidenceBucket, digestOf, put, readText } from './evidence-bucket.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
let bucket = '';
const s3 = () => target().s3;
beforeAll(async () => {
  bucket = await createEvidenceBucket(s3());
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
describe('committing a segment by If-None-Match: *', () => {
  const commit = (Key: string, Body = 'segment') => put(s3(), bucket, Key, { Body, IfNoneMatch: '*' });

  contractCase('s3-commit', 'accepts the first segment of a name', async () => {
    const key = uniqueName('segment');
    expect((await commit(key)).VersionId).toBeDefined();
    expect(await readText(s3(), bucket, key)).toBe('segment');
  });

  contractCase('s3-commit-twice', 'refuses a second with 412, and the first stays', async () => {
    const key = uniqueName('segment');
    await commit(key, 'first');
    const error = await refusalError(commit(key, 'second'));
    expect([error.name, error.$metadata?.httpStatusCode]).toEqual(['PreconditionFailed', 412]);
    expect(await readText(s3(), bucket, key)).toBe('first');
  });

  contractCase('s3-commit-race', 'lets one of 20 parallel sealers commit', async () => {
    const key = uniqueName('segment');
    const outcomes = await Promise.allSettled(Array.from({ length: 20 }, (_, sealer) => commit(key, `by ${sealer}`)));
    const winners = outcomes.flatMap((outcome, sealer) => (outcome.status === 'fulfilled' ? [`by ${sealer}`] : []));
    expect(winners).toHaveLength(1);
    expect(await readText(s3(), bucket, key)).toBe(winners[0]);
  });

  contractCase('s3-commit-after-marker', 'accepts a name whose current version is a delete marker', async () => {
    const key = uniqueName('segment');
    const first = await commit(key, 'first');
    await s3().send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
    await commit(key, 'second');
    expect(await readText(s3(), bucket, key)).toBe('second');
    // So the sealer must not take "no current version" for "never written": the first is still there.
    expect(await readText(s3(), bucket, key, first.VersionId)).toBe('first');
  });

  contractCase('s3-if-match', 'replaces the version that If-Match names, and refuses another', async () => {
    const key = uniqueName('head');
    const first = await put(s3(), bucket, key, { Body: 'one' });
    await put(s3(), bucket, key, { Body: 'two', IfMatch: first.ETag });
    expect(await refusal(put(s3(), bucket, key, { Body: 'three', IfMatch: first.ETag }))).toBe('PreconditionFailed');
    expect(await readText(s3(), bucket, key)).toBe('two');
  });

  contractCase('s3-if-match-absent', 'answers If-Match on a name without an object with 404', async () => {
    const error = await refusalError(put(s3(), bucket, uniqueName('none'), { IfMatch: '"x"' }));
    expect(error.$metadata?.httpStatusCode).toBe(404);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html
describe('integrity of an upload', () => {
  const upload = (more: object) => put(s3(), bucket, uniqueName('sum'), { Body: 'body', ...more });

  contractCase('s3-sha256', 'accepts a body that fits its SHA-256, and answers with it', async () => {
    const sum = digestOf('sha256', 'body');
    expect((await upload({ ChecksumSHA256: sum })).ChecksumSHA256).toBe(sum);
  });

  contractCase('s3-sha256-wrong', 'refuses a body that does not fit its SHA-256', async () => {
    expect(await refusal(upload({ Body: 'other', ChecksumSHA256: digestOf('sha256', 'body') }))).toMatch(
      /^(BadDigest|XAmzContentChecksumMismatch)$/,
    );
  });

  contractCase('s3-crc32-wrong', 'refuses a body that does not fit its CRC32', async () => {
    expect(await refusal(upload({ ChecksumCRC32: 'AAAAAA==' }))).toMatch(/^(BadDigest|XAmzContentChecksumMismatch)$/);
  });

  contractCase('s3-md5', 'accepts a fitting Content-MD5 and refuses another', async () => {
    await upload({ ContentMD5: digestOf('md5', 'body') });
    expect(await refusal(upload({ Body: 'other', ContentMD5: digestOf('md5', 'body') }))).toBe('BadDigest');
    expect(await refusal(upload({ ContentMD5: 'AAAA' }))).toBe('InvalidDigest');
  });

  contractCase('s3-checksum-kept', 'gives back the checksum it was given', async () => {
    const key = uniqueName('sum');
    const { ChecksumCRC32 } = await put(s3(), bucket, key, { ChecksumAlgorithm: 'CRC32' });
    const head = await s3().send(new HeadObjectCommand({ Bucket: bucket, Key: key, ChecksumMode: 'ENABLED' }));
    expect(head.ChecksumCRC32).toBe(ChecksumCRC32);
  });

  // https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
  contractCase('s3-stream', 'stores a stream sent in chunks with a trailing checksum', async () => {
    const key = uniqueName('stream');
    const content = Buffer.from('0123456789abcdef'.repeat(10_000));
    const Body = Readable.from([content.subarray(0, 70_000), content.subarray(70_000)]);
    await put(s3(), bucket, key, { Body, ContentLength: content.length });
    expect(await readText(s3(), bucket, key)).toBe(content.toString());
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_GetObject.html
describe('reading', () => {
  contractCase('s3-metadata', 'gives back content type and metadata, and none of the transport', async () => {
    const key = `${uniqueName('dir')}/a b+c%é.json`;
    await put(s3(), bucket, key, { ContentType: 'application/json', Metadata: { origin: 'laptop' } });
    const head = await s3().send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect([head.ContentType, head.Metadata, head.ContentLength]).toEqual([
      'application/json',
      { origin: 'laptop' },
      4,
    ]);
    expect(head.ContentEncoding).toBeUndefined();
  });

  contractCase('s3-tags', 'keeps the tags that a lifecycle rule finds objects by', async () => {
    const key = uniqueName('tagged');
    await put(s3(), bucket, key, { Tagging: 'countersign=partial&kind=a%20b' });
    const { TagSet } = await s3().send(new GetObjectTaggingCommand({ Bucket: bucket, Key: key }));
    expect(TagSet?.toSorted((a, b) => ((a.Key ?? '') < (b.Key ?? '') ? -1 : 1))).toEqual([
      { Key: 'countersign', Value: 'partial' },
      { Key: 'kind', Value: 'a b' },
    ]);
    const { TagCount } = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect(TagCount).toBe(2);
  });

  contractCase('s3-encoding', 'gives back content encoding and cache control as they were sent', async () => {
    const key = uniqueName('encoded');
    await put(s3(), bucket, key, { ContentEncoding: 'gzip', CacheControl: 'no-cache' });
    const found = await s3().send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    expect([found.ContentEncoding, found.CacheControl]).toEqual(['gzip', 'no-cache']);
    expect(await found.Body?.transformToString()).toBe('body');
  });

  contractCase('s3-range', 'answers a range, and refuses one outside the object', async () => {
    const key = uniqueName('range');
    await put(s3(), bucket, key, { Body: '0123456789' });
    const get = (Range: string) => s3().send(new GetObjectCommand({ Bucket: bucket, Key: key, Range }));
    const part = await get('bytes=2-4');
    expect([await part.Body?.transformToString(), part.ContentRange]).toEqual(['234', 'bytes 2-4/10']);
    expect(await (await get('bytes=-3')).Body?.transformToString()).toBe('789');
    expect(await refusal(get('bytes=10-12'))).toBe('InvalidRange');
  });

  contractCase('s3-empty', 'keeps an empty object', async () => {
    const key = uniqueName('empty');
    await put(s3(), bucket, key, { Body: '' });
    expect(await readText(s3(), bucket, key)).toBe('');
  });

  contractCase('s3-missing', 'does not find a key that was never written', async () => {
    const Key = uniqueName('none');
    expect(await refusal(s3().send(new GetObjectCommand({ Bucket: bucket, Key })))).toBe('NoSuchKey');
    expect(await refusal(s3().send(new HeadObjectCommand({ Bucket: bucket, Key })))).toBe('NotFound');
  });

  contractCase('s3-missing-version', 'does not find a version that was never written', async () => {
    const key = uniqueName('one');
    const { VersionId } = await put(s3(), bucket, key);
    const other = await put(s3(), bucket, uniqueName('two'));
    expect(await readText(s3(), bucket, key, VersionId)).toBe('body');
    const wrong = s3().send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: other.VersionId }));
    expect(await refusal(wrong)).toBe('NoSuchVersion');
  });

  contractCase('s3-missing-bucket', 'does not find a bucket that does not exist', async () => {
    const Bucket = uniqueName('none');
    expect(await refusal(put(s3(), Bucket, 'key'))).toBe('NoSuchBucket');
    expect(await refusal(s3().send(new HeadBucketCommand({ Bucket })))).toBe('NotFound');
    await s3().send(new HeadBucketCommand({ Bucket: bucket }));
  });
});
