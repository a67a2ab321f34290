// Secrets on disk or in memory, found by name, ARN or partial ARN. The values stand in plain files.

import { createHash } from 'node:crypto';
import type { Files } from '../files.ts';
import { AwsError } from '../wire.ts';
import type { Secret } from './versions.ts';

export interface SecretStore {
  get(name: string): Secret | undefined;
  /** By name, ARN or partial ARN; ResourceNotFoundException otherwise. */
  find(id: string): Secret;
  save(secret: Secret): Secret;
  remove(name: string): void;
}

export const openSecretStore = (files: Files): SecretStore => {
  const pathOf = (name: string): string => `secrets/${createHash('sha256').update(name).digest('hex')}.json`;
  const secrets = new Map<string, Secret>();
  for (const path of files.list('secrets')) {
    const secret = JSON.parse(files.read(path).toString('utf8')) as Secret;
    secrets.set(secret.name, secret);
  }
  return {
    get: (name) => secrets.get(name),
    save: (secret) => {
      files.write(pathOf(secret.name), JSON.stringify(secret));
      secrets.set(secret.name, secret);
      return secret;
    },
    remove: (name) => {
      files.remove(pathOf(name));
      secrets.delete(name);
    },
    find: (id) => {
      // An ARN may be given without its random suffix (a "partial ARN").
      const matches = (secret: Secret) => secret.name === id || secret.arn === id || secret.arn.slice(0, -7) === id;
      const secret = secrets.get(id) ?? [...secrets.values()].find(matches);
      if (secret !== undefined) return secret;
      throw new AwsError('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
    },
  };
};
