// The loopback KMS: symmetric keys, Ed25519 and P-256 signing keys, aliases and key states, in real cryptography.
// Not served: grants, policies, rotation, imported material, multi-region keys, RSA, HMAC, ML-DSA. A key whose
// deletion date has passed stays pending: nothing here destroys material.

import { z } from 'zod';
import type { Files } from '../files.ts';
import { jsonService, type Operation, operation } from '../json-protocol.ts';
import type { RecordedCall } from '../trail/trail.ts';
import { ACCOUNT_ID, AwsError, type AwsService } from '../wire.ts';
import { encryptionOperations } from './encryption.ts';
import { KEY_SPECS, type Key, type KeySpec, type KeyStore, openKeyStore, usageOf } from './keys.ts';
import { signingAlgorithms, signingOperations } from './signing.ts';

const DAY_MS = 86_400_000;

const createInput = z.object({
  KeySpec: z.string().default('SYMMETRIC_DEFAULT'),
  KeyUsage: z.string().default('ENCRYPT_DECRYPT'),
  Description: z.string().default(''),
  Origin: z.literal('AWS_KMS').default('AWS_KMS'),
  MultiRegion: z.literal(false).default(false),
});
const byKeyId = z.object({ KeyId: z.string().min(1) });
const scheduleInput = byKeyId.extend({ PendingWindowInDays: z.int().min(7).max(30).default(30) });
const aliasName = z.string().regex(/^alias\/[a-zA-Z0-9/_-]+$/, 'Alias must start with the prefix "alias/".');
const aliasInput = z.object({ AliasName: aliasName });
const createAliasInput = aliasInput.extend({ TargetKeyId: z.string().min(1) });
const listAliasesInput = z.object({ KeyId: z.string().min(1).optional() });

const toMetadata = (key: Key): object => ({
  AWSAccountId: ACCOUNT_ID,
  KeyId: key.id,
  Arn: key.arn,
  CreationDate: key.createdAt / 1000,
  Enabled: key.state === 'Enabled',
  Description: key.description,
  KeyUsage: usageOf(key),
  KeyState: key.state,
  ...(key.deletionAt === null ? {} : { DeletionDate: key.deletionAt / 1000 }),
  Origin: 'AWS_KMS',
  KeyManager: 'CUSTOMER',
  KeySpec: key.spec,
  CustomerMasterKeySpec: key.spec,
  ...(key.spec === 'SYMMETRIC_DEFAULT'
    ? { EncryptionAlgorithms: ['SYMMETRIC_DEFAULT'] }
    : { SigningAlgorithms: signingAlgorithms(key.spec) }),
  MultiRegion: false,
});

const parseSpec = (input: z.output<typeof createInput>): KeySpec => {
  const spec = KEY_SPECS.find((known) => known === input.KeySpec);
  if (spec === undefined) {
    throw new AwsError('UnsupportedOperationException', `The loopback KMS has no key spec ${input.KeySpec}.`);
  }
  const usage = spec === 'SYMMETRIC_DEFAULT' ? 'ENCRYPT_DECRYPT' : 'SIGN_VERIFY';
  if (input.KeyUsage !== usage) {
    throw new AwsError('ValidationException', `KeyUsage ${input.KeyUsage} is not compatible with KeySpec ${spec}`);
  }
  return spec;
};

const pendingDeletion = (key: Key): AwsError =>
  new AwsError('KMSInvalidStateException', `${key.arn} is pending deletion.`);

const keyOperations = (keys: KeyStore, now: () => number): Readonly<Record<string, Operation>> => {
  const setState = (state: 'Enabled' | 'Disabled') =>
    operation(byKeyId, ({ KeyId }, { region }) => {
      const key = keys.find(KeyId, region);
      if (key.state === 'PendingDeletion') throw pendingDeletion(key);
      keys.save({ ...key, state });
      return {};
    });
  return {
    CreateKey: operation(createInput, (input, { region }) => ({
      KeyMetadata: toMetadata(keys.create(parseSpec(input), input.Description, region)),
    })),
    DescribeKey: operation(byKeyId, ({ KeyId }, { region }) => ({ KeyMetadata: toMetadata(keys.find(KeyId, region)) })),
    ListKeys: operation(z.object({}), (_input, { region }) => ({
      Keys: keys.all(region).map((key) => ({ KeyId: key.id, KeyArn: key.arn })),
      Truncated: false,
    })),
    EnableKey: setState('Enabled'),
    DisableKey: setState('Disabled'),
    ScheduleKeyDeletion: operation(scheduleInput, ({ KeyId, PendingWindowInDays }, { region }) => {
      const key = keys.find(KeyId, region);
      if (key.state === 'PendingDeletion') throw pendingDeletion(key);
      const deletionAt = now() + PendingWindowInDays * DAY_MS;
      keys.save({ ...key, state: 'PendingDeletion', deletionAt });
      return { KeyId: key.arn, DeletionDate: deletionAt / 1000, KeyState: 'PendingDeletion', PendingWindowInDays };
    }),
  };
};

const aliasOperations = (keys: KeyStore, now: () => number): Readonly<Record<string, Operation>> => ({
  CreateAlias: operation(createAliasInput, ({ AliasName, TargetKeyId }, { region }) => {
    const key = keys.find(TargetKeyId, region);
    if (key.state === 'PendingDeletion') throw pendingDeletion(key);
    const arn = `arn:aws:kms:${region}:${ACCOUNT_ID}:${AliasName}`;
    if (keys.aliases(region).some((alias) => alias.arn === arn)) {
      throw new AwsError('AlreadyExistsException', `An alias with the name ${arn} already exists`);
    }
    keys.saveAlias({ name: AliasName, arn, region, keyId: key.id, createdAt: now() });
    return {};
  }),
  DeleteAlias: operation(aliasInput, ({ AliasName }, { region }) => {
    const alias = keys.aliases(region).find(({ name }) => name === AliasName);
    if (alias === undefined) throw new AwsError('NotFoundException', `Alias ${AliasName} is not found.`);
    keys.removeAlias(alias);
    return {};
  }),
  ListAliases: operation(listAliasesInput, ({ KeyId }, { region }) => {
    const only = KeyId === undefined ? null : keys.find(KeyId, region).id;
    const listed = keys.aliases(region).filter((alias) => only === null || alias.keyId === only);
    return {
      Aliases: listed.map((alias) => ({
        AliasName: alias.name,
        AliasArn: alias.arn,
        TargetKeyId: alias.keyId,
        CreationDate: alias.createdAt / 1000,
      })),
      Truncated: false,
    };
  }),
});

/** `record` is told of what CloudTrail would show: signatures. */
export const openKms = (files: Files, now: () => number, record: (call: RecordedCall) => void): AwsService => {
  const keys = openKeyStore(files, now);
  return jsonService('1.1', {
    ...keyOperations(keys, now),
    ...aliasOperations(keys, now),
    ...signingOperations(keys, record),
    ...encryptionOperations(keys),
  });
};
