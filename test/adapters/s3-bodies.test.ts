import { createHash } from 'node:crypto';
import { DeleteObjectCommand, GetObjectCommand, GetObjectRetentionCommand, S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { bodyKey, makeBodies } from '../../lambdas/adapters/s3-bodies.ts';
import { NOBODY, useAws } from './aws.ts';

const aws = useAws();
const ctOf = (jwe: string) => `sha256:${createHash('sha256').update(jwe).digest('hex')}`;
const at = (ct: string) => ({ Bucket: aws().evidenceBucket, Key: bodyKey(ct) });
const read = async (ct: string) => {
  const object = await aws().s3.send(new GetObjectCommand(at(ct)));
  return { ...object, text: await object.Body?.transformToString() };
};

describe('makeBodies', () => {
  it('stores a body under the digest of its ciphertext, as JOSE', async () => {
    const jwe = 'e30..iv.cipher.tag';
    await makeBodies(aws().s3, aws().evidenceBucket).save(ctOf(jwe), jwe);
    expect(await read(ctOf(jwe))).toMatchObject({ text: jwe, ContentType: 'application/jose' });
  });

  it('stores it locked: nobody deletes that version before its time', async () => {
    const jwe = 'e30..iv.locked.tag';
    await makeBodies(aws().s3, aws().evidenceBucket).save(ctOf(jwe), jwe);
    const { VersionId } = await read(ctOf(jwe));
    const { Retention } = await aws().s3.send(new GetObjectRetentionCommand(at(ctOf(jwe))));
    expect(Retention?.Mode).toBe('COMPLIANCE');
    const deletion = aws().s3.send(new DeleteObjectCommand({ ...at(ctOf(jwe)), VersionId }));
    await expect(deletion).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  it('is done when the body is there already, and leaves that one as it is', async () => {
    const bodies = makeBodies(aws().s3, aws().evidenceBucket);
    const jwe = 'e30..iv.twice.tag';
    await bodies.save(ctOf(jwe), jwe);
    const before = await read(ctOf(jwe));
    await bodies.save(ctOf(jwe), 'something else under the same name');
    expect(await read(ctOf(jwe))).toMatchObject({ text: jwe, VersionId: before.VersionId });
  });

  it('fails when the bucket does not exist or S3 cannot be reached', async () => {
    const failure = { code: 'BODY_NOT_STORED' };
    await expect(makeBodies(aws().s3, 'no-such-bucket').save('sha256:00', 'x')).rejects.toMatchObject(failure);
    const far = new S3Client({ ...NOBODY, forcePathStyle: true });
    await expect(makeBodies(far, 'b').save('sha256:00', 'x')).rejects.toMatchObject(failure);
  });
});

describe('bodyKey', () => {
  it('is the digest in hex under the prefix', () => {
    expect(bodyKey('sha256:ab')).toBe('body/ab');
  });
});
