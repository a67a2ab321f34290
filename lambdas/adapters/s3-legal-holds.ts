// Legal hold on objects of the locked bucket: an object under it cannot be deleted, whatever its retention.

import { GetObjectLegalHoldCommand, NoSuchKey, PutObjectLegalHoldCommand, type S3Client } from '@aws-sdk/client-s3';

class LegalHoldError extends Error {
  readonly code = 'HOLD_NOT_SET';
}

export interface LegalHolds {
  set(name: string, status: 'ON' | 'OFF'): Promise<void>;
  isHeld(name: string): Promise<boolean>;
}

export const makeLegalHolds = (client: S3Client, bucket: string): LegalHolds => ({
  set: async (name, status) => {
    try {
      await client.send(new PutObjectLegalHoldCommand({ Bucket: bucket, Key: name, LegalHold: { Status: status } }));
    } catch (cause) {
      throw new LegalHoldError(`The hold on ${name} was not set`, { cause });
    }
  },
  isHeld: async (name) => {
    try {
      const { LegalHold } = await client.send(new GetObjectLegalHoldCommand({ Bucket: bucket, Key: name }));
      return LegalHold?.Status === 'ON';
    } catch (cause) {
      // An object that never had one.
      if (cause instanceof Error && cause.name === 'NoSuchObjectLockConfiguration') return false;
      if (cause instanceof NoSuchKey) return false;
      throw new LegalHoldError(`The hold on ${name} could not be read`, { cause });
    }
  },
});
