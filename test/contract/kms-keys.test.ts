import {
  CreateAliasCommand,
  CreateKeyCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EnableKeyCommand,
  GenerateDataKeyCommand,
  ListAliasesCommand,
  ScheduleKeyDeletionCommand,
} from '@aws-sdk/client-kms';
import { beforeAll, describe, expect } from 'vitest';
import { contractCase, refusal } from './contract-case.ts';
import { uniqueName, useTarget } from './target.ts';

const target = useTarget();
const kms = () => target().kms;
let keyId = '';
let keyArn = '';
const createKey = async () => {
  const { KeyMetadata } = await kms().send(new CreateKeyCommand({}));
  return { KeyId: KeyMetadata?.KeyId ?? '', Arn: KeyMetadata?.Arn ?? '' };
};
const generate = (KeyId: string) => kms().send(new GenerateDataKeyCommand({ KeyId, KeySpec: 'AES_256' }));
beforeAll(async () => {
  const { KeyId, Arn } = await createKey();
  keyId = KeyId;
  keyArn = Arn;
});

// https://docs.aws.amazon.com/kms/latest/developerguide/concepts.html#key-id
describe('naming the content key', () => {
  contractCase('kms-key-names', 'works by id, ARN, alias and alias ARN alike', async () => {
    const AliasName = `alias/${uniqueName('content')}`;
    await kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId }));
    const aliasArn = keyArn.replace(/:key\/.*$/, `:${AliasName}`);
    for (const name of [keyId, keyArn, AliasName, aliasArn]) {
      const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId: name }));
      expect(KeyMetadata?.Arn).toBe(keyArn);
    }
    const { Aliases } = await kms().send(new ListAliasesCommand({ KeyId: keyId }));
    expect(Aliases?.map((alias) => [alias.AliasName, alias.TargetKeyId])).toContainEqual([AliasName, keyId]);
  });

  contractCase('kms-key-missing', 'is refused for a key or alias that does not exist', async () => {
    expect(await refusal(generate(crypto.randomUUID()))).toBe('NotFoundException');
    expect(await refusal(generate(`alias/${uniqueName('none')}`))).toBe('NotFoundException');
  });

  contractCase('kms-alias-taken', 'is refused for an alias that is taken', async () => {
    const AliasName = `alias/${uniqueName('content')}`;
    const create = () => kms().send(new CreateAliasCommand({ AliasName, TargetKeyId: keyId }));
    await create();
    expect(await refusal(create())).toBe('AlreadyExistsException');
  });

  contractCase('kms-alias-prefix', 'is refused for an alias without its prefix', async () => {
    const create = kms().send(new CreateAliasCommand({ AliasName: uniqueName('content'), TargetKeyId: keyId }));
    expect(await refusal(create)).toMatch(/^(ValidationException|InvalidAliasNameException)$/);
  });

  contractCase('kms-describe', 'describes a symmetric key as one for encryption', async () => {
    const { KeyMetadata } = await kms().send(new DescribeKeyCommand({ KeyId: keyId }));
    expect([KeyMetadata?.KeySpec, KeyMetadata?.KeyUsage, KeyMetadata?.KeyState, KeyMetadata?.Enabled]).toEqual([
      'SYMMETRIC_DEFAULT',
      'ENCRYPT_DECRYPT',
      'Enabled',
      true,
    ]);
  });
});

// https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
describe('a key that was taken out of use', () => {
  contractCase('kms-disabled', 'makes no data keys while disabled, and does again once enabled', async () => {
    const { KeyId } = await createKey();
    await kms().send(new DisableKeyCommand({ KeyId }));
    expect(await refusal(generate(KeyId))).toBe('DisabledException');
    await kms().send(new EnableKeyCommand({ KeyId }));
    await generate(KeyId);
  });

  contractCase('kms-pending-deletion', 'makes no data keys while its deletion is pending', async () => {
    const { KeyId } = await createKey();
    const schedule = () => kms().send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    expect((await schedule()).KeyState).toBe('PendingDeletion');
    expect(await refusal(generate(KeyId))).toBe('KMSInvalidStateException');
    expect(await refusal(schedule())).toBe('KMSInvalidStateException');
  });
});
