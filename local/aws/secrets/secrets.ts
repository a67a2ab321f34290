// The loopback Secrets Manager: versions and stages, by name or ARN. Not served: rotation, replication, policies,
// listing.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/Welcome.html

import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Files } from '../files.ts';
import { jsonService, type Operation, operation } from '../json-protocol.ts';
import { ACCOUNT_ID, AwsError, type AwsService } from '../wire.ts';
import { openSecretStore, type SecretStore } from './store.ts';
import {
  addVersion,
  CURRENT,
  findVersion,
  sameContent,
  stagesById,
  toVersion,
  usable,
  versionAnswer,
} from './versions.ts';

const DAY_MS = 86_400_000;

const content = {
  ClientRequestToken: z.string().min(32).max(64).optional(),
  SecretString: z.string().min(1).max(65_536).optional(),
  SecretBinary: z.base64().min(1).optional(),
};
const createInput = z.object({
  Name: z.string().regex(/^[\w/+=.@-]{1,512}$/),
  Description: z.string().default(''),
  ...content,
});
const byId = z.object({ SecretId: z.string().min(1) });
const getInput = byId.extend({ VersionId: z.string().optional(), VersionStage: z.string().optional() });
const putInput = byId.extend({ ...content, VersionStages: z.array(z.string()).min(1).default([CURRENT]) });
const deleteInput = byId.extend({
  RecoveryWindowInDays: z.int().min(7).max(30).optional(),
  ForceDeleteWithoutRecovery: z.boolean().default(false),
});

const seconds = (milliseconds: number): number => milliseconds / 1000;

const writeOperations = (store: SecretStore, now: () => number): Readonly<Record<string, Operation>> => ({
  CreateSecret: operation(createInput, (input, { region }) => {
    const version = toVersion(input, [CURRENT], now());
    const existing = store.get(input.Name);
    if (existing !== undefined) {
      const repeated = usable(existing).versions.find(({ id }) => id === input.ClientRequestToken);
      if (repeated !== undefined && sameContent(repeated, version)) return versionAnswer(existing, repeated);
      throw new AwsError(
        'ResourceExistsException',
        `The operation failed because the secret ${input.Name} already exists.`,
      );
    }
    const suffix = randomUUID().slice(0, 6);
    const arn = `arn:aws:secretsmanager:${region}:${ACCOUNT_ID}:secret:${input.Name}-${suffix}`;
    const times = { createdAt: now(), changedAt: now(), deletionAt: null };
    const secret = store.save({ name: input.Name, arn, description: input.Description, ...times, versions: [version] });
    return versionAnswer(secret, version);
  }),
  PutSecretValue: operation(putInput, (input) => {
    const secret = usable(store.find(input.SecretId));
    const version = toVersion(input, input.VersionStages, now());
    const repeated = secret.versions.find(({ id }) => id === version.id);
    if (repeated === undefined) return versionAnswer(store.save(addVersion(secret, version)), version);
    if (sameContent(repeated, version)) return versionAnswer(secret, repeated);
    const reason = `A resource with the ID ${version.id} you requested already exists.`;
    throw new AwsError('ResourceExistsException', reason);
  }),
  DeleteSecret: operation(deleteInput, (input) => {
    const secret = store.find(input.SecretId);
    if (input.ForceDeleteWithoutRecovery) {
      store.remove(secret.name);
      return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(now()) };
    }
    const deletionAt = now() + (input.RecoveryWindowInDays ?? 30) * DAY_MS;
    store.save({ ...usable(secret), deletionAt });
    return { ARN: secret.arn, Name: secret.name, DeletionDate: seconds(deletionAt) };
  }),
});

const readOperations = (store: SecretStore): Readonly<Record<string, Operation>> => ({
  GetSecretValue: operation(getInput, (input) => {
    const secret = usable(store.find(input.SecretId));
    const version = findVersion(secret, input);
    return {
      ...versionAnswer(secret, version),
      CreatedDate: seconds(version.createdAt),
      ...(version.string === null ? { SecretBinary: version.binary } : { SecretString: version.string }),
    };
  }),
  DescribeSecret: operation(byId, (input) => {
    const secret = store.find(input.SecretId);
    return {
      ARN: secret.arn,
      Name: secret.name,
      Description: secret.description,
      CreatedDate: seconds(secret.createdAt),
      LastChangedDate: seconds(secret.changedAt),
      ...(secret.deletionAt === null ? {} : { DeletedDate: seconds(secret.deletionAt) }),
      VersionIdsToStages: stagesById(secret),
    };
  }),
});

export const openSecrets = (files: Files, now: () => number): AwsService => {
  const store = openSecretStore(files);
  return jsonService('1.1', { ...writeOperations(store, now), ...readOperations(store) });
};
