// Upstream credentials in AWS Secrets Manager, by name, kept in memory for a few minutes.

import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { Clock } from '../core/time.ts';

class SecretError extends Error {
  readonly code = 'SECRET_UNAVAILABLE';
}

export interface Secrets {
  /** The secret's string; `fresh` skips what is in memory, after an upstream refused it. */
  read(name: string, fresh?: boolean): Promise<string>;
}

/** A rotated secret is picked up within this time even if the old one still works. */
const CACHE_MS = 5 * 60 * 1000;

export const makeSecrets = (client: SecretsManagerClient, clock: Clock): Secrets => {
  const cache = new Map<string, { readonly value: string; readonly until: number }>();
  return {
    read: async (name, fresh = false) => {
      const cached = cache.get(name);
      if (cached !== undefined && !fresh && cached.until > clock.now()) return cached.value;
      try {
        const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
        if (SecretString === undefined || SecretString === '') throw new Error('the secret holds no string');
        cache.set(name, { value: SecretString, until: clock.now() + CACHE_MS });
        return SecretString;
      } catch (cause) {
        throw new SecretError(`Secret ${name} could not be read`, { cause });
      }
    },
  };
};
