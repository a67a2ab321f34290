// Bodies too large for a ledger item, in the locked evidence bucket under the digest of their ciphertext.

import { createHash } from 'node:crypto';
import { GetObjectCommand, NoSuchKey, PutObjectCommand, type S3Client, S3ServiceException } from '@aws-sdk/client-s3';
import { EVIDENCE_KEYS } from '../contract.ts';
import type { NamedLock } from '../core/ledger/retention.ts';

class BodyStoreError extends Error {
  readonly code = 'BODY_NOT_STORED';
}

class BodyReadError extends Error {
  readonly code = 'BODY_NOT_READ';
}

export interface Bodies {
  /** Stores a JWE under `ct` (`sha256:<hex>`); durable and locked when it returns. */
  save(ct: string, jwe: string): Promise<void>;
}

export const bodyKey = (ct: string): string => `${EVIDENCE_KEYS.bodyPrefix}${ct.replace('sha256:', '')}`;

/** `lock`: what to name for an object; nothing leaves it to the bucket's default. */
export const makeBodies = (
  client: S3Client,
  bucket: string,
  lock: (name: string) => NamedLock | null = () => null,
): Bodies => ({
  save: async (ct, jwe) => {
    const body = Buffer.from(jwe, 'utf8');
    const named = lock(bodyKey(ct));
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: bodyKey(ct),
          Body: body,
          ContentType: 'application/jose',
          // Write once: the bucket policy refuses a PUT without it.
          IfNoneMatch: '*',
          ...(named === null ? {} : { ObjectLockMode: named.mode, ObjectLockRetainUntilDate: new Date(named.until) }),
          ChecksumSHA256: createHash('sha256').update(body).digest('base64'),
        }),
      );
    } catch (cause) {
      // The name is the digest of the content, so an object that is already there is this very object.
      if (cause instanceof S3ServiceException && cause.name === 'PreconditionFailed') return;
      throw new BodyStoreError('S3 did not store the recorded body', { cause });
    }
  },
});

export interface StoredBodies {
  /** The JWE stored under `ct` (`sha256:<hex>`); `undefined` when there is none any more. */
  load(ct: string): Promise<string | undefined>;
}

/** Bodies read back, by a grant that nothing which stores them has. */
export const makeStoredBodies = (client: S3Client, bucket: string): StoredBodies => ({
  load: async (ct) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: bodyKey(ct) }));
      return await Body?.transformToString('utf8');
    } catch (cause) {
      if (cause instanceof NoSuchKey) return undefined;
      throw new BodyReadError('S3 did not give back a recorded body', { cause });
    }
  },
});
