// What a secret is and how its versions and staging labels change. Pure but for fresh version ids.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/whats-in-a-secret.html#term_version

import { randomUUID } from 'node:crypto';
import { AwsError } from '../wire.ts';

interface SecretVersion {
  readonly id: string;
  readonly createdAt: number;
  readonly stages: readonly string[];
  readonly string: string | null;
  readonly binary: string | null;
}

export interface Secret {
  readonly name: string;
  readonly arn: string;
  readonly description: string;
  readonly createdAt: number;
  readonly changedAt: number;
  /** When it may be purged; set while it is marked for deletion. */
  readonly deletionAt: number | null;
  readonly versions: readonly SecretVersion[];
}

/** What a request brings; absent members are `undefined` after the schema. */
interface Content {
  readonly ClientRequestToken?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: string | undefined;
}

/** Which version a request is after. */
interface Selector {
  readonly VersionId?: string | undefined;
  readonly VersionStage?: string | undefined;
}

export const CURRENT = 'AWSCURRENT';
const PREVIOUS = 'AWSPREVIOUS';

export const toVersion = (input: Content, stages: readonly string[], now: number): SecretVersion => {
  if ((input.SecretString === undefined) === (input.SecretBinary === undefined)) {
    throw new AwsError('InvalidRequestException', 'You must provide either SecretString or SecretBinary.');
  }
  const id = input.ClientRequestToken ?? randomUUID();
  return { id, createdAt: now, stages, string: input.SecretString ?? null, binary: input.SecretBinary ?? null };
};

export const sameContent = (a: SecretVersion, b: SecretVersion): boolean =>
  a.string === b.string && a.binary === b.binary;

/** Moves the stages to the new version; the version that was current becomes the previous one. */
export const addVersion = (secret: Secret, added: SecretVersion): Secret => {
  const takesCurrent = added.stages.includes(CURRENT);
  const restage = (version: SecretVersion): SecretVersion => {
    const kept = version.stages.filter(
      (stage) => !added.stages.includes(stage) && !(takesCurrent && stage === PREVIOUS),
    );
    const wasCurrent = takesCurrent && version.stages.includes(CURRENT);
    return { ...version, stages: wasCurrent ? [...kept, PREVIOUS] : kept };
  };
  // A version that no stage points to is deprecated; AWS removes such versions, so we do at once.
  const kept = secret.versions.map(restage).filter((version) => version.stages.length > 0);
  return { ...secret, changedAt: added.createdAt, versions: [...kept, added] };
};

export const stagesById = (secret: Secret): object =>
  Object.fromEntries(secret.versions.map((version) => [version.id, version.stages]));

export const versionAnswer = (secret: Secret, version: SecretVersion): object => ({
  ARN: secret.arn,
  Name: secret.name,
  VersionId: version.id,
  VersionStages: version.stages,
});

export const usable = (secret: Secret): Secret => {
  if (secret.deletionAt === null) return secret;
  const reason = 'You can\u2019t perform this operation on the secret because it was marked for deletion.';
  throw new AwsError('InvalidRequestException', reason);
};

export const findVersion = (secret: Secret, input: Selector): SecretVersion => {
  const stage = input.VersionStage ?? (input.VersionId === undefined ? CURRENT : undefined);
  const found = secret.versions.find(
    (version) =>
      (input.VersionId === undefined || version.id === input.VersionId) &&
      (stage === undefined || version.stages.includes(stage)),
  );
  if (found !== undefined) return found;
  const which = input.VersionId === undefined ? `staging label: ${stage}` : `VersionId: ${input.VersionId}`;
  throw new AwsError('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${which}`);
};
