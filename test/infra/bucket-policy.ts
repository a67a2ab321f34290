// Statements of the policies of the locked buckets.

import type { Template } from 'aws-cdk-lib/assertions';
import { expect } from 'vitest';
import { resource, type Statement, statementsIn } from './support.ts';

type BucketName = 'LedgerEvidence' | 'LedgerCopies';

export const bucketPolicy = (from: Template, bucket: BucketName = 'LedgerEvidence'): readonly Statement[] =>
  statementsIn(resource(from, 'AWS::S3::BucketPolicy', `${bucket}Policy`).Properties['PolicyDocument']);

export const denial = (sid: string, from: Template, bucket: BucketName = 'LedgerEvidence'): Statement => {
  const found = bucketPolicy(from, bucket).find((statement) => statement.Sid === sid);
  expect(found, `statement ${sid}`).toBeDefined();
  expect(found).toMatchObject({ Effect: 'Deny', Principal: { AWS: '*' } });
  return found!;
};
