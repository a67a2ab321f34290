// https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html

import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
} from '@aws-sdk/client-secrets-manager';
import { describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
const secrets = () => target().secrets;
const create = async (SecretString = 'one') => {
  const made = await secrets().send(new CreateSecretCommand({ Name: `upstream/${uniqueName('x')}`, SecretString }));
  return { Name: made.Name ?? '', ARN: made.ARN ?? '', VersionId: made.VersionId ?? '' };
};
const read = async (SecretId: string, VersionStage?: string) =>
  (await secrets().send(new GetSecretValueCommand({ SecretId, VersionStage }))).SecretString;
const put = (SecretId: string, SecretString: string, ClientRequestToken?: string) =>
  secrets().send(new PutSecretValueCommand({ SecretId, SecretString, ClientRequestToken }));

describe('the credential of an upstream', () => {
  contractCase('secret-read', 'is read by name and by ARN', async () => {
    const { Name, ARN } = await create();
    expect(ARN).toContain(`:secret:${Name}-`);
    expect([await read(Name), await read(ARN)]).toEqual(['one', 'one']);
  });

  contractCase('secret-missing', 'is not found under another name', async () => {
    expect(await refusal(read(uniqueName('none')))).toBe('ResourceNotFoundException');
  });

  contractCase('secret-create-twice', 'is not created twice', async () => {
    const { Name } = await create();
    const again = secrets().send(new CreateSecretCommand({ Name, SecretString: 'two' }));
    expect(await refusal(again)).toBe('ResourceExistsException');
    expect(await read(Name)).toBe('one');
  });

  contractCase('secret-binary', 'may be bytes', async () => {
    const Name = uniqueName('binary');
    await secrets().send(new CreateSecretCommand({ Name, SecretBinary: Uint8Array.of(0, 255) }));
    const { SecretBinary, SecretString } = await secrets().send(new GetSecretValueCommand({ SecretId: Name }));
    expect([SecretBinary, SecretString]).toEqual([Uint8Array.of(0, 255), undefined]);
  });
});

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_PutSecretValue.html
describe('changing it', () => {
  contractCase('secret-put', 'makes the new value current and keeps the one before', async () => {
    const { Name, VersionId } = await create();
    const second = await put(Name, 'two');
    expect([await read(Name), await read(Name, 'AWSPREVIOUS')]).toEqual(['two', 'one']);
    const { VersionIdsToStages } = await secrets().send(new DescribeSecretCommand({ SecretId: Name }));
    expect(VersionIdsToStages).toEqual({ [VersionId]: ['AWSPREVIOUS'], [second.VersionId ?? '']: ['AWSCURRENT'] });
    await put(Name, 'three');
    expect([await read(Name), await read(Name, 'AWSPREVIOUS')]).toEqual(['three', 'two']);
  });

  contractCase('secret-token-repeat', 'is done once for a repeated token', async () => {
    const { Name } = await create();
    const token = crypto.randomUUID();
    await put(Name, 'two', token);
    await put(Name, 'two', token);
    expect(await read(Name, 'AWSPREVIOUS')).toBe('one');
  });

  contractCase('secret-token-mismatch', 'is refused for a token reused with another value', async () => {
    const { Name } = await create();
    const token = crypto.randomUUID();
    await put(Name, 'two', token);
    expect(await refusal(put(Name, 'three', token))).toBe('ResourceExistsException');
    expect(await read(Name)).toBe('two');
  });
});

// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DeleteSecret.html
describe('deleting it', () => {
  contractCase('secret-deleted', 'makes it unreadable at once, with a date until which it is kept', async () => {
    const { Name } = await create();
    const { DeletionDate } = await secrets().send(new DeleteSecretCommand({ SecretId: Name, RecoveryWindowInDays: 7 }));
    expect(DeletionDate?.getTime()).toBeGreaterThan(Date.now());
    expect(await refusal(read(Name))).toBe('InvalidRequestException');
  });

  contractCase('secret-forced', 'can be immediate and final', async () => {
    const { Name } = await create();
    await secrets().send(new DeleteSecretCommand({ SecretId: Name, ForceDeleteWithoutRecovery: true }));
    expect(await refusal(read(Name))).toBe('ResourceNotFoundException');
  });
});
