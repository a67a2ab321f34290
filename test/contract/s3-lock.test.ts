// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock-managing.html

import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  GetObjectLegalHoldCommand,
  GetObjectRetentionCommand,
  HeadObjectCommand,
  ListObjectVersionsCommand,
  type ObjectLockRetention,
  PutObjectLegalHoldCommand,
  PutObjectRetentionCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal, refusalError } from './contract-case.ts';
import {
  createEvidenceBucket,
  createPlainBucket,
  digestOf,
  inMinutes,
  put,
  putLocked,
  readText,
} from './evidence-bucket.ts';
import { clientConfig, uniqueName, useTarget } from './target.ts';

const target = useTarget();
let bucket = '';
const s3 = () => target().s3;
beforeAll(async () => {
  bucket = await createEvidenceBucket(s3());
});

const destroy = (Key: string, VersionId?: string, BypassGovernanceRetention?: boolean) =>
  s3().send(new DeleteObjectCommand({ Bucket: bucket, Key, VersionId, BypassGovernanceRetention }));
const retain = (Key: string, Retention: ObjectLockRetention, BypassGovernanceRetention?: boolean) =>
  s3().send(new PutObjectRetentionCommand({ Bucket: bucket, Key, Retention, BypassGovernanceRetention }));

describe('a record under COMPLIANCE', () => {
  contractCase('lock-compliance-delete', 'cannot be deleted', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key);
    const error = await refusalError(destroy(key, version));
    expect([error.name, error.$metadata?.httpStatusCode]).toEqual(['AccessDenied', 403]);
    expect(await readText(s3(), bucket, key, version)).toBe('body');
  });

  contractCase('lock-compliance-bypass', 'cannot be deleted even with the bypass header', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key);
    expect(await refusal(destroy(key, version, true))).toBe('AccessDenied');
    expect(await readText(s3(), bucket, key, version)).toBe('body');
  });

  contractCase('lock-unlocked-delete', 'differs from an unlocked one, whose version can be deleted', async () => {
    const key = uniqueName('record');
    const { VersionId } = await put(s3(), bucket, key);
    await destroy(key, VersionId);
    expect(await refusal(s3().send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId })))).toBe(
      'NoSuchVersion',
    );
  });

  contractCase('lock-batch-delete', 'survives a batch delete that removes its unlocked neighbour', async () => {
    const [locked, free] = [uniqueName('locked'), uniqueName('free')];
    const lockedVersion = await putLocked(s3(), bucket, locked);
    const { VersionId } = await put(s3(), bucket, free);
    const Objects = [
      { Key: locked, VersionId: lockedVersion },
      { Key: free, VersionId },
    ];
    const answer = await s3().send(
      new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects }, BypassGovernanceRetention: true }),
    );
    expect(answer.Errors?.map((error) => [error.Key, error.Code])).toEqual([[locked, 'AccessDenied']]);
    expect(answer.Deleted?.map((deleted) => deleted.Key)).toEqual([free]);
  });

  contractCase('lock-marker', 'is hidden, not touched, by a plain delete', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key);
    const marker = await destroy(key);
    expect(marker.DeleteMarker).toBe(true);
    expect(await refusal(s3().send(new GetObjectCommand({ Bucket: bucket, Key: key })))).toBe('NoSuchKey');
    expect(await readText(s3(), bucket, key, version)).toBe('body');
    const read = s3().send(new GetObjectCommand({ Bucket: bucket, Key: key, VersionId: marker.VersionId }));
    expect(await refusal(read)).toBe('MethodNotAllowed');
    await destroy(key, marker.VersionId);
    expect(await readText(s3(), bucket, key)).toBe('body');
  });

  contractCase('lock-overwrite', 'is not changed by a put of the same key', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key);
    await put(s3(), bucket, key, { Body: 'forged' });
    expect(await readText(s3(), bucket, key, version)).toBe('body');
    const { Versions } = await s3().send(new ListObjectVersionsCommand({ Bucket: bucket, Prefix: key }));
    expect(Versions?.map((listed) => [listed.IsLatest, listed.VersionId === version])).toEqual([
      [true, false],
      [false, true],
    ]);
  });

  contractCase('lock-shorten', 'cannot have its retention shortened', async () => {
    const key = uniqueName('record');
    await putLocked(s3(), bucket, key);
    const shorter = retain(key, { Mode: 'COMPLIANCE', RetainUntilDate: inMinutes(5) }, true);
    expect(await refusal(shorter)).toBe('AccessDenied');
  });

  contractCase('lock-extend', 'can have its retention extended', async () => {
    const key = uniqueName('record');
    await putLocked(s3(), bucket, key);
    const until = inMinutes(20);
    await retain(key, { Mode: 'COMPLIANCE', RetainUntilDate: until });
    const { Retention } = await s3().send(new GetObjectRetentionCommand({ Bucket: bucket, Key: key }));
    expect(Math.abs((Retention?.RetainUntilDate?.getTime() ?? 0) - until.getTime())).toBeLessThan(1000);
  });

  contractCase('lock-soften', 'cannot be turned into GOVERNANCE', async () => {
    const key = uniqueName('record');
    await putLocked(s3(), bucket, key);
    const softer = retain(key, { Mode: 'GOVERNANCE', RetainUntilDate: inMinutes(30) }, true);
    expect(await refusal(softer)).toBe('AccessDenied');
    const { Retention } = await s3().send(new GetObjectRetentionCommand({ Bucket: bucket, Key: key }));
    expect(Retention?.Mode).toBe('COMPLIANCE');
  });

  contractCase('lock-head', 'shows its lock to whoever reads it', async () => {
    const key = uniqueName('record');
    await putLocked(s3(), bucket, key);
    const head = await s3().send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    expect(head.ObjectLockMode).toBe('COMPLIANCE');
    expect(head.ObjectLockRetainUntilDate?.getTime()).toBeGreaterThan(Date.now());
  });
});

describe('a record under GOVERNANCE', () => {
  contractCase('lock-governance-delete', 'cannot be deleted without the bypass header', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key, 'GOVERNANCE');
    expect(await refusal(destroy(key, version))).toBe('AccessDenied');
  });

  contractCase('lock-governance-bypass', 'can be deleted with it', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key, 'GOVERNANCE');
    await destroy(key, version, true);
    expect(await refusal(s3().send(new HeadObjectCommand({ Bucket: bucket, Key: key })))).toBe('NotFound');
  });

  // "To override … governance-mode retention settings": a change of mode is one, even to the stricter mode.
  contractCase('lock-harden', 'is turned into COMPLIANCE only with the bypass header', async () => {
    const key = uniqueName('record');
    const version = await putLocked(s3(), bucket, key, 'GOVERNANCE');
    const harder = { Mode: 'COMPLIANCE', RetainUntilDate: inMinutes(20) } as const;
    expect(await refusal(retain(key, harder))).toBe('AccessDenied');
    await retain(key, harder, true);
    expect(await refusal(destroy(key, version, true))).toBe('AccessDenied');
  });

  contractCase('lock-governance-shorten', 'is shortened only with the bypass header', async () => {
    const key = uniqueName('record');
    await putLocked(s3(), bucket, key, 'GOVERNANCE');
    const shorter = { Mode: 'GOVERNANCE', RetainUntilDate: inMinutes(5) } as const;
    expect(await refusal(retain(key, shorter))).toBe('AccessDenied');
    await retain(key, shorter, true);
  });
});

describe('a record under legal hold', () => {
  contractCase('lock-hold', 'cannot be deleted until the hold is lifted', async () => {
    const key = uniqueName('record');
    const { VersionId } = await put(s3(), bucket, key, { ObjectLockLegalHoldStatus: 'ON' });
    expect(await refusal(destroy(key, VersionId, true))).toBe('AccessDenied');
    const { LegalHold } = await s3().send(new GetObjectLegalHoldCommand({ Bucket: bucket, Key: key }));
    expect(LegalHold?.Status).toBe('ON');
    await s3().send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: key, LegalHold: { Status: 'OFF' } }));
    await destroy(key, VersionId);
  });

  contractCase('lock-hold-outlasts', 'cannot be deleted after its retention either', async () => {
    const key = uniqueName('record');
    const until = new Date(Date.now() + 2500);
    const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: until } as const;
    const { VersionId } = await put(s3(), bucket, key, lock);
    await s3().send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: key, LegalHold: { Status: 'ON' } }));
    await new Promise((resolve) => setTimeout(resolve, 4000));
    expect(await refusal(destroy(key, VersionId))).toBe('AccessDenied');
    await s3().send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: key, LegalHold: { Status: 'OFF' } }));
    await destroy(key, VersionId);
  });
});

// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObject.html
describe('asking for a lock', () => {
  const lock = { ObjectLockMode: 'COMPLIANCE', ObjectLockRetainUntilDate: inMinutes(10) } as const;

  contractCase('lock-past', 'is refused for a date in the past', async () => {
    const past = { ...lock, ObjectLockRetainUntilDate: inMinutes(-1) };
    expect(await refusal(put(s3(), bucket, uniqueName('record'), past))).toBe('InvalidArgument');
  });

  contractCase('lock-half', 'is refused for a mode without a date', async () => {
    const half = put(s3(), bucket, uniqueName('record'), { ObjectLockMode: 'COMPLIANCE' });
    expect(await refusal(half)).toMatch(/^(InvalidArgument|InvalidRequest)$/);
  });

  contractCase(
    'lock-plain-bucket',
    'is refused on a bucket without Object Lock, which takes the object unlocked',
    async () => {
      const plain = await createPlainBucket(s3());
      expect(await refusal(put(s3(), plain, 'key', lock))).toBe('InvalidRequest');
      await put(s3(), plain, 'key');
      const retention = s3().send(new GetObjectRetentionCommand({ Bucket: plain, Key: 'key' }));
      expect(await refusal(retention)).toBe('InvalidRequest');
    },
  );

  contractCase(
    'lock-needs-checksum',
    'is refused without a digest of the body, and accepted with Content-MD5',
    async () => {
      // The SDK adds a CRC32 unless told not to.
      const bare = new S3Client({
        ...clientConfig(target().endpoint),
        forcePathStyle: true,
        requestChecksumCalculation: 'WHEN_REQUIRED',
      });
      bare.middlewareStack.add(
        (next) => (args) => {
          const { headers } = args.request as { headers: Record<string, string> };
          for (const name of Object.keys(headers)) {
            if (name.startsWith('x-amz-checksum-') || name === 'x-amz-sdk-checksum-algorithm') delete headers[name];
          }
          return next(args);
        },
        { step: 'build', priority: 'low' },
      );
      expect(await refusal(put(bare, bucket, uniqueName('record'), lock))).toBe('InvalidRequest');
      await put(bare, bucket, uniqueName('record'), { ...lock, ContentMD5: digestOf('md5', 'body') });
      bare.destroy();
    },
  );

  contractCase('lock-none', 'is told from an object without one', async () => {
    const key = uniqueName('record');
    await put(s3(), bucket, key);
    const retention = s3().send(new GetObjectRetentionCommand({ Bucket: bucket, Key: key }));
    expect(await refusal(retention)).toBe('NoSuchObjectLockConfiguration');
  });
});
