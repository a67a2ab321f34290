import { Match } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { EVIDENCE_KEYS, LEDGER, SESSIONS, SHORT_LIVED_TAG } from '../../lambdas/contract.ts';
import { bucketPolicy, denial } from './bucket-policy.ts';
import { listOf, resource, resources, statementsIn, statementsOfRole, synthesise } from './support.ts';

const template = synthesise();
const SHORT_LIVED = { Key: SHORT_LIVED_TAG.key, Value: SHORT_LIVED_TAG.value };

/** Logical ids of the checkpoint keys. */
const logicalIds = (from: typeof template): readonly string[] =>
  resources(from, 'AWS::KMS::Key')
    .map(({ id }) => id)
    .filter((id) => id.startsWith('SealingCheckpointKey'))
    .sort();

/** How many keys the sealer may sign with. */
const signable = (from: typeof template): number =>
  statementsOfRole(from, 'SealerRole')
    .filter(({ Action }) => listOf(Action).includes('kms:Sign'))
    .flatMap(({ Resource }) => listOf(Resource)).length;

describe('the evidence bucket', () => {
  const bucket = resource(template, 'AWS::S3::Bucket', 'LedgerEvidenceB');

  it('locks every object in COMPLIANCE mode for the days of the configuration', () => {
    expect(bucket.Properties).toMatchObject({
      ObjectLockEnabled: true,
      ObjectLockConfiguration: {
        ObjectLockEnabled: 'Enabled',
        Rule: { DefaultRetention: { Mode: 'COMPLIANCE', Days: 2557 } },
      },
      VersioningConfiguration: { Status: 'Enabled' },
    });
  });

  it('follows the configuration to one day of GOVERNANCE for tests', () => {
    const brief = synthesise({ retention: { mode: 'GOVERNANCE', days: 1 } });
    expect(resource(brief, 'AWS::S3::Bucket', 'LedgerEvidenceB').Properties).toMatchObject({
      ObjectLockConfiguration: { Rule: { DefaultRetention: { Mode: 'GOVERNANCE', Days: 1 } } },
    });
    expect(denial('NoWeakerMode', brief).Condition?.['StringNotEquals']).toEqual({
      's3:object-lock-mode': 'GOVERNANCE',
    });
  });

  it('outlives the stack, is private, and is encrypted under the customer managed key', () => {
    expect(bucket.DeletionPolicy).toBe('Retain');
    expect(bucket.Properties).toMatchObject({
      PublicAccessBlockConfiguration: {
        BlockPublicAcls: true,
        BlockPublicPolicy: true,
        IgnorePublicAcls: true,
        RestrictPublicBuckets: true,
      },
      OwnershipControls: { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [
          { BucketKeyEnabled: true, ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } },
        ],
      },
    });
  });

  it('denies deleting, so that no delete marker can hide an object', () => {
    expect(denial('NoDelete', template).Action).toBe('s3:DeleteObject*');
    expect(denial('NoDelete', template).Condition).toBeUndefined();
  });

  it('denies a PUT that could overwrite, multipart uploads included', () => {
    const { Action, Condition } = denial('CreateOnly', template);
    expect(Action).toBe('s3:PutObject');
    // An exemption by s3:ObjectCreationOperation would stand here.
    expect(Condition).toEqual({ Null: { 's3:if-none-match': 'true' } });
  });

  it('denies a weaker lock mode, when one is named', () => {
    const { Action, Condition } = denial('NoWeakerMode', template);
    expect(Action).toEqual(['s3:PutObject', 's3:PutObjectRetention']);
    expect(Condition).toEqual({
      Null: { 's3:object-lock-mode': 'false' },
      StringNotEquals: { 's3:object-lock-mode': 'COMPLIANCE' },
    });
  });

  it('denies a shorter retention, when one is named', () => {
    expect(denial('NoShorterRetention', template).Condition).toEqual({
      NumericLessThan: { 's3:object-lock-remaining-retention-days': '2556' },
    });
  });

  it('denies a longer retention, so that nobody locks for a century', () => {
    const { Action, Condition } = denial('NoLongerRetention', template);
    expect(Action).toEqual(['s3:PutObject', 's3:PutObjectRetention']);
    expect(Condition).toEqual({ NumericGreaterThan: { 's3:object-lock-remaining-retention-days': '2558' } });
  });

  it('denies access lists and tags, which nothing here uses', () => {
    expect(denial('NoAclNoTags', template).Condition).toBeUndefined();
    expect(denial('NoAclNoTags', template).Action).toEqual([
      's3:PutObjectAcl',
      's3:PutObjectTagging',
      's3:PutObjectVersionAcl',
      's3:PutObjectVersionTagging',
    ]);
  });

  it('denies an encryption other than its own', () => {
    expect(denial('NoOtherEncryption', template).Condition).toEqual({
      Null: { 's3:x-amz-server-side-encryption': 'false' },
      StringNotEquals: { 's3:x-amz-server-side-encryption': 'aws:kms' },
    });
  });

  it('denies objects that arrive by replication, past the conditions on PutObject', () => {
    expect(denial('NoReplicaIn', template).Action).toEqual([
      's3:ReplicateDelete',
      's3:ReplicateObject',
      's3:ReplicateTags',
    ]);
  });

  it('denies bypassing governance retention', () => {
    expect(denial('NoGovernanceBypass', template).Action).toBe('s3:BypassGovernanceRetention');
  });

  it('denies keys of the caller: SSE-C and any other KMS key', () => {
    expect(denial('NoCustomerKeys', template).Condition).toEqual({
      Null: { 's3:x-amz-server-side-encryption-customer-algorithm': 'false' },
    });
    expect(denial('NoForeignKey', template).Condition).toMatchObject({
      Null: { 's3:x-amz-server-side-encryption-aws-kms-key-id': 'false' },
      ArnNotEquals: { 's3:x-amz-server-side-encryption-aws-kms-key-id': expect.anything() },
    });
  });

  it('denies reconfiguration to everyone but the deployment', () => {
    const { Action, Condition } = denial('OnlyByDeployment', template);
    expect(Action).toEqual(
      expect.arrayContaining([
        's3:PutLifecycleConfiguration',
        's3:PutBucketObjectLockConfiguration',
        's3:PutBucketPolicy',
        's3:DeleteBucketPolicy',
        's3:PutBucketVersioning',
        's3:PutReplicationConfiguration',
        's3:PutBucketPublicAccessBlock',
        's3:PutBucketOwnershipControls',
        's3:PutBucketAcl',
        's3:PutBucketLogging',
        's3:PutBucketNotification',
        's3:PutEncryptionConfiguration',
        's3:DeleteBucket',
      ]),
    );
    expect(JSON.stringify(Condition)).toContain('cfn-exec-role');
    expect(Object.keys(Condition ?? {})).toEqual(['ArnNotEquals']);
  });

  it('denies plain HTTP and old TLS', () => {
    const conditions = bucketPolicy(template).map(({ Condition }) => Condition);
    expect(conditions).toContainEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    expect(conditions).toContainEqual({ NumericLessThan: { 's3:TlsVersion': 1.2 } });
  });

  it('allows nothing by its policy: grants are on the roles', () => {
    expect(bucketPolicy(template).filter(({ Effect }) => Effect === 'Allow')).toEqual([]);
  });

  it('has its accesses logged', () => {
    expect(bucket.Properties['LoggingConfiguration']).toBeDefined();
    expect(EVIDENCE_KEYS.bodyPrefix).toMatch(/\/$/);
  });
});

describe('the tiles bucket', () => {
  const bucket = resource(template, 'AWS::S3::Bucket', 'SealingTilesD');

  it('is private, encrypted, versioned and not locked', () => {
    expect(bucket.DeletionPolicy).toBe('Retain');
    expect(bucket.Properties).toMatchObject({
      VersioningConfiguration: { Status: 'Enabled' },
      PublicAccessBlockConfiguration: { BlockPublicPolicy: true, RestrictPublicBuckets: true },
      BucketEncryption: {
        ServerSideEncryptionConfiguration: [{ ServerSideEncryptionByDefault: { SSEAlgorithm: 'aws:kms' } }],
      },
    });
    expect(bucket.Properties).not.toHaveProperty('ObjectLockEnabled');
  });

  it('expires what has been superseded: partial tiles of level 0 by their tag, and replaced versions', () => {
    expect(bucket.Properties['LifecycleConfiguration']).toEqual({
      Rules: [
        { Id: 'PartialTiles', Status: 'Enabled', ExpirationInDays: 90, TagFilters: [SHORT_LIVED] },
        { Id: 'ReplacedVersions', Status: 'Enabled', NoncurrentVersionExpiration: { NoncurrentDays: 90 } },
      ],
    });
  });
});

describe('the tables', () => {
  it.each(['Ledger', 'Sessions'])('%s is protected, recoverable, encrypted and kept', (name) => {
    const table = resource(template, 'AWS::DynamoDB::Table', `${name}Table`);
    expect(table.DeletionPolicy).toBe('Retain');
    expect(table.Properties).toMatchObject({
      DeletionProtectionEnabled: true,
      PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
      SSESpecification: { SSEEnabled: true, SSEType: 'KMS', KMSMasterKeyId: expect.anything() },
      BillingMode: 'PAY_PER_REQUEST',
    });
  });

  it('the ledger has the shape of the contract, and a stream that shows what was changed', () => {
    const { unsealedIndex } = LEDGER;
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [
        { AttributeName: LEDGER.partitionKey, KeyType: 'HASH' },
        { AttributeName: LEDGER.sortKey, KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamViewType: 'NEW_AND_OLD_IMAGES' },
      TimeToLiveSpecification: { AttributeName: LEDGER.ttlAttribute, Enabled: true },
      GlobalSecondaryIndexes: [
        Match.objectLike({
          IndexName: unsealedIndex.name,
          KeySchema: [
            { AttributeName: unsealedIndex.partitionKey, KeyType: 'HASH' },
            { AttributeName: unsealedIndex.sortKey, KeyType: 'RANGE' },
          ],
        }),
      ],
    });
  });

  it('the sessions have the shape of the contract', () => {
    const { byDayIndex, dueIndex } = SESSIONS;
    template.hasResourceProperties('AWS::DynamoDB::Table', {
      KeySchema: [{ AttributeName: SESSIONS.partitionKey, KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        Match.objectLike({ IndexName: byDayIndex.name }),
        Match.objectLike({
          IndexName: dueIndex.name,
          KeySchema: [
            { AttributeName: dueIndex.partitionKey, KeyType: 'HASH' },
            { AttributeName: dueIndex.sortKey, KeyType: 'RANGE' },
          ],
          // A call changes neither key, so that counting one writes nothing to this index.
          Projection: { ProjectionType: 'KEYS_ONLY' },
        }),
      ],
    });
  });
});

describe('the keys', () => {
  it('are five and outlive the stack; the three that encrypt rotate', () => {
    const keys = resources(template, 'AWS::KMS::Key');
    expect(keys).toHaveLength(5);
    for (const key of keys) {
      expect(key.DeletionPolicy).toBe('Retain');
      const signs = key.Properties['KeyUsage'] === 'SIGN_VERIFY';
      expect(key.Properties['EnableKeyRotation']).toBe(signs ? undefined : true);
    }
  });

  it.each(['SealingCheckpointKey', 'StrictTierIntentKey'])('%s is Ed25519, which any verifier knows', (name) => {
    const key = resource(template, 'AWS::KMS::Key', name);
    expect(key.Properties).toMatchObject({ KeySpec: 'ECC_NIST_EDWARDS25519', KeyUsage: 'SIGN_VERIFY' });
  });

  it('of the second generation stands beside the first, which still endorses it', () => {
    const rotated = synthesise({ log: { keyGeneration: 2 } });
    expect(resource(rotated, 'AWS::KMS::Key', 'SealingCheckpointKey2').DeletionPolicy).toBe('Retain');
    expect(logicalIds(rotated)).toEqual(expect.arrayContaining([...logicalIds(template)]));
    expect(signable(rotated)).toBe(2);
  });

  it('that was revoked may not sign any more', () => {
    const revokedKeys = [{ generation: 1, upTo: null, reason: 'INC-1', by: 'CISO' }];
    expect(signable(synthesise({ log: { keyGeneration: 2, revokedKeys } }))).toBe(1);
    expect(signable(synthesise({ log: { keyGeneration: 4 } }))).toBe(2);
  });

  it('the content key is used only in the name of this log and of a session, by anyone', () => {
    const key = resource(template, 'AWS::KMS::Key', 'LedgerContentKey');
    const denials = statementsIn(key.Properties['KeyPolicy']).filter(({ Effect }) => Effect === 'Deny');
    expect(denials.map(({ Condition }) => Condition)).toEqual([
      { StringNotEquals: { 'kms:EncryptionContext:log': 'mcp.sample-bank.example/countersign' } },
      { Null: { 'kms:EncryptionContext:sid': 'true' } },
    ]);
    for (const { Action } of denials) expect(Action).toEqual(['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey*']);
  });
});
