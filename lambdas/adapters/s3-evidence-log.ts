// The sealed log in the locked evidence bucket. Every object is written once; the first to write a name has won it,
// across all processes, and that is what decides between two sealers.

import { createHash } from 'node:crypto';
import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  paginateListObjectsV2,
  type S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';

import type { NamedLock } from '../core/ledger/retention.ts';

class EvidenceLogError extends Error {
  readonly code = 'EVIDENCE_LOG_UNAVAILABLE';
}

export interface EvidenceLog {
  /** Writes an object that must not exist yet. `exists`: somebody else was faster, and nothing was changed. */
  putOnce(name: string, bytes: Uint8Array): Promise<'written' | 'exists'>;
  get(name: string): Promise<Uint8Array | undefined>;
  /** Names with a prefix that come after `after`, in order. */
  listAfter(prefix: string, after: string): AsyncIterable<string>;
}

/** `lock`: what to name for an object; nothing leaves it to the bucket's default. */
export const makeEvidenceLog = (
  client: S3Client,
  bucket: string,
  lock: (name: string) => NamedLock | null = () => null,
): EvidenceLog => ({
  putOnce: async (name, bytes) => {
    const named = lock(name);
    try {
      await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: name,
          Body: bytes,
          IfNoneMatch: '*',
          ...(named === null ? {} : { ObjectLockMode: named.mode, ObjectLockRetainUntilDate: new Date(named.until) }),
          ChecksumSHA256: createHash('sha256').update(bytes).digest('base64'),
        }),
      );
      return 'written';
    } catch (cause) {
      if (cause instanceof S3ServiceException && cause.name === 'PreconditionFailed') return 'exists';
      throw new EvidenceLogError(`${name} was not written`, { cause });
    }
  },
  get: async (name) => {
    try {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: name }));
      return await Body?.transformToByteArray();
    } catch (cause) {
      if (cause instanceof NoSuchKey) return undefined;
      throw new EvidenceLogError(`${name} could not be read`, { cause });
    }
  },
  listAfter: async function* (prefix, after) {
    for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix, StartAfter: after })) {
      for (const { Key } of page.Contents ?? []) if (Key !== undefined) yield Key;
    }
  },
});
