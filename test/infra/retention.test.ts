// How long objects stay locked, by class; and the second copy, locked as long.

import { describe, expect, it } from 'vitest';
import { denial } from './bucket-policy.ts';
import { listOf, resource, type Statement, statementsOfRole, synthesise } from './support.ts';

const template = synthesise();

describe('retention by class', () => {
  const classes = synthesise({ retention: { days: 2557, content: { mode: 'GOVERNANCE', days: 90 } } });
  const coversContent = (resources: unknown): void => {
    for (const prefix of ['"/body/*"', '"/bodies/*"']) expect(JSON.stringify(resources)).toContain(prefix);
    expect(listOf(resources)).toHaveLength(2);
  };

  it('locks by default for as long as the log: who forgets to say locks for longer', () => {
    expect(resource(classes, 'AWS::S3::Bucket', 'LedgerEvidenceB').Properties).toMatchObject({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } } },
    });
  });

  it('holds content to its own mode and days, and all else to those of the log', () => {
    const remaining = 's3:object-lock-remaining-retention-days';
    const ofContent = (name: string) => denial(`${name}OfContent`, classes);
    coversContent(ofContent('NoShorterRetention').Resource);
    expect(ofContent('NoShorterRetention').Condition).toEqual({ NumericLessThan: { [remaining]: '89' } });
    expect(ofContent('NoLongerRetention').Condition).toEqual({ NumericGreaterThan: { [remaining]: '91' } });
    expect(ofContent('NoWeakerMode').Condition?.['StringNotEquals']).toEqual({ 's3:object-lock-mode': 'GOVERNANCE' });
    const ofTheLog = denial('NoShorterRetentionOfTheLog', classes) as Statement & { readonly NotResource: unknown };
    coversContent(ofTheLog.NotResource);
    expect(ofTheLog.Condition).toEqual({ NumericLessThan: { [remaining]: '2556' } });
    expect(denial('NoWeakerModeOfTheLog', classes).Condition?.['StringNotEquals']).toEqual({
      's3:object-lock-mode': 'COMPLIANCE',
    });
  });

  it('lets only those who write content name a lock, and only there', () => {
    for (const [role, where] of [
      ['McpRole', '/body/*'],
      ['SealerRole', '/bodies/*'],
    ] as const) {
      const locking = statementsOfRole(classes, role).filter(({ Action }) =>
        listOf(Action).includes('s3:PutObjectRetention'),
      );
      expect(locking).toHaveLength(1);
      expect(JSON.stringify(locking[0]?.Resource)).toContain(`"${where}"`);
      expect(listOf(locking[0]?.Resource)).toHaveLength(1);
      expect(JSON.stringify(statementsOfRole(template, role))).not.toContain('PutObjectRetention');
    }
  });
});

describe('the copies bucket', () => {
  const bucket = resource(template, 'AWS::S3::Bucket', 'LedgerCopies');

  it('is locked like the evidence, outlives the stack, and hangs on no key that can be deleted', () => {
    expect(bucket.DeletionPolicy).toBe('Retain');
    expect(bucket.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } } },
      VersioningConfiguration: { Status: 'Enabled' },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' } }],
      },
      PublicAccessBlockConfiguration: { BlockPublicAcls: true, RestrictPublicBuckets: true },
      LoggingConfiguration: expect.anything(),
    });
    expect(denial('NoOtherEncryption', template, 'LedgerCopies').Condition).toMatchObject({
      StringNotEquals: { 's3:x-amz-server-side-encryption': 'AES256' },
    });
  });

  it.each([
    ...['NoDelete', 'NoGovernanceBypass', 'NoReplicaIn', 'CreateOnly', 'NoAclNoTags', 'NoWeakerMode'],
    ...['NoShorterRetention', 'NoLongerRetention', 'NoCustomerKeys', 'OnlyByDeployment'],
  ])('denies the same as the evidence bucket: %s', (sid) => {
    const [here, there] = [denial(sid, template, 'LedgerCopies'), denial(sid, template)];
    expect(here.Action).toEqual(there.Action);
    expect(here.Condition).toEqual(there.Condition);
  });

  it('takes objects from the sealer only', () => {
    const { Action, Condition, Resource } = denial('OnlyTheSealer', template, 'LedgerCopies');
    expect(Action).toBe('s3:PutObject');
    expect(JSON.stringify(Condition)).toContain('SealerRole');
    expect(JSON.stringify(Resource)).toContain('"/*"');
  });
});
