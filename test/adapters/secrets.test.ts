import { PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { mockClient } from 'aws-sdk-client-mock';
import { describe, expect, it } from 'vitest';
import { makeSecrets } from '../../lambdas/adapters/secrets.ts';
import { NOBODY, useAws } from './aws.ts';

const aws = useAws({ first: 'v1', second: 'other', third: 'v1' });
const MINUTE = 60_000;

const at = (start: number) => {
  const clock = { time: start, now: () => clock.time };
  return clock;
};
const rotate = (SecretId: string, SecretString: string) =>
  aws().secretsManager.send(new PutSecretValueCommand({ SecretId, SecretString }));

describe('makeSecrets', () => {
  it('reads a secret by name', async () => {
    const secrets = makeSecrets(aws().secretsManager, at(0));
    expect(await secrets.read('second')).toBe('other');
    expect(await secrets.read('first')).toBe('v1');
  });

  it('keeps it for five minutes, not a moment longer', async () => {
    const clock = at(0);
    const secrets = makeSecrets(aws().secretsManager, clock);
    await secrets.read('first');
    await rotate('first', 'v2');
    clock.time = 5 * MINUTE - 1;
    expect(await secrets.read('first')).toBe('v1');
    clock.time = 5 * MINUTE;
    expect(await secrets.read('first')).toBe('v2');
  });

  it('skips what it keeps when asked for a fresh one, and keeps that', async () => {
    const secrets = makeSecrets(aws().secretsManager, at(0));
    await secrets.read('third');
    await rotate('third', 'v2');
    expect(await secrets.read('third', true)).toBe('v2');
    expect(await secrets.read('third')).toBe('v2');
  });

  it('fails with the name, and nothing else, of a secret that is not there', async () => {
    const secrets = makeSecrets(aws().secretsManager, at(0));
    await expect(secrets.read('nope')).rejects.toMatchObject({
      code: 'SECRET_UNAVAILABLE',
      message: 'Secret nope could not be read',
    });
  });

  it('does not fall back on an old value when a fresh one cannot be had', async () => {
    const mock = mockClient(SecretsManagerClient).onAnyCommand().resolvesOnce({ SecretString: 'v1' }).rejects('down');
    const secrets = makeSecrets(new SecretsManagerClient(NOBODY), at(0));
    expect(await secrets.read('s')).toBe('v1');
    await expect(secrets.read('s', true)).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    mock.restore();
  });

  it.each([{}, { SecretString: '' }, { SecretBinary: Uint8Array.of(1) }])('fails on the answer %j', async (answer) => {
    const mock = mockClient(SecretsManagerClient).onAnyCommand().resolves(answer);
    const secrets = makeSecrets(new SecretsManagerClient(NOBODY), at(0));
    await expect(secrets.read('s')).rejects.toMatchObject({ code: 'SECRET_UNAVAILABLE' });
    mock.restore();
  });
});
