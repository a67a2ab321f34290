// The test stack of a deployment: the gateway and its AWS are there already, the servers around it are started here, on
// the ports that the deployed configuration names.

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { resourceUrl } from '../../lambdas/contract.ts';
import { readConfig } from '../../lib/config.ts';
import { isMapping, merge } from '../../lib/config-yaml.ts';
import type { PolicyFile } from '../../lib/policy/policy-file.ts';
import { startBank } from '../../local/bank/bank.ts';
import { awsEnvironment } from '../../local/gateway.ts';
import { startIdp } from '../../local/idp/idp.ts';
import type { Stack, StackOptions } from '../../local/stack.ts';
import { startEverything } from '../../local/upstreams/everything.ts';
import type { DeployedEnvironment } from './deployed-environment.ts';
import { startSlack } from './slack.ts';

/** What a running stack offers, wherever it runs. */
export type RunningStack = Omit<Stack, 'aws' | 'sealer' | 'keeper' | 'watcher' | 'reconciler' | 'witness'> & {
  readonly aws: { readonly url: string };
  /** Everything that was sent to people, as text. */
  outbox(): Promise<string>;
};

type AttachOptions = Partial<
  Pick<StackOptions, 'upstreams' | 'overlay' | 'policies' | 'accessTokenSeconds' | 'startGateway' | 'dataDir'>
>;

export const attachStack = async (deployed: DeployedEnvironment, options: AttachOptions): Promise<RunningStack> => {
  requireDeployable(options);
  requireDeployed(deployed, { ...options.overlay, ...serversOf(options) });
  requirePolicies(deployed, options.policies ?? []);
  const { publicUrl, ports } = deployed;
  Object.assign(process.env, awsEnvironment(deployed.awsUrl));
  const idp = await startIdp({
    port: ports.idp,
    dataDir: deployed.idpDir,
    consoleCallback: `${publicUrl}/console/callback`,
    isResource: (url) => url === resourceUrl(publicUrl) || url.startsWith(`${resourceUrl(publicUrl)}/`),
    accessTokenSeconds: options.accessTokenSeconds ?? 900,
  });
  const bank = await startBank({ port: ports.bank, bearerToken: await readSecret('countersign/core-banking') });
  const everything = await startEverything({ port: ports.everything });
  const slack = await startSlack(ports.slack);
  return {
    publicUrl,
    config: readConfig(deployed.configFile),
    aws: { url: deployed.awsUrl },
    idp,
    bank,
    resources: deployed.resources,
    url: (server) => resourceUrl(publicUrl, server),
    outbox: async () => `${await mailsOf(deployed.awsUrl)}${slack.posted()}`,
    close: async () => {
      await Promise.all([bank.close(), everything.close(), idp.close(), slack.close()]);
    },
  };
};

/** Mail that SES took, since the emulator started; read by an address of the emulator's own. */
const mailsOf = async (awsUrl: string): Promise<string> =>
  // Printed again: Python escapes what is not ASCII.
  JSON.stringify(await (await fetch(`${awsUrl}/_ministack/ses/messages`)).json());

const readSecret = async (name: string): Promise<string> => {
  const client = new SecretsManagerClient();
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
  client.destroy();
  if (SecretString === undefined) throw new Error(`Secret ${name} holds no string`);
  return SecretString;
};

const requireDeployable = (options: AttachOptions): void => {
  const local = (['startGateway', 'dataDir'] as const).filter((name) => options[name] !== undefined);
  if (local.length === 0) return;
  throw new Error(`A deployment cannot take ${local.join(' and ')}: list this file in test/deploy/differences.ts`);
};

const serversOf = ({ upstreams = {}, overlay }: AttachOptions) => {
  const urls = Object.fromEntries(Object.entries(upstreams).map(([name, { url }]) => [name, { url }]));
  return { servers: merge(urls, overlay?.['servers'] ?? {}) };
};

/** One configuration is deployed for all tests: what a test asks for must be part of it. */
const requireDeployed = ({ configFile }: DeployedEnvironment, wanted: unknown): void => {
  const missing = missingFrom(JSON.parse(readFileSync(configFile, 'utf8')), wanted, []);
  if (missing.length === 0) return;
  throw new Error(`The deployed configuration lacks ${missing.join(', ')}: add it in test/deploy/configuration.ts`);
};

const requirePolicies = ({ configFile }: DeployedEnvironment, wanted: readonly PolicyFile[]): void => {
  const missing = wanted.filter(({ file, text }) => {
    const deployed = join(dirname(configFile), 'policies', file);
    return !existsSync(deployed) || readFileSync(deployed, 'utf8') !== text;
  });
  if (missing.length === 0) return;
  const names = missing.map(({ file }) => file).join(', ');
  throw new Error(`The deployed policies lack ${names}: add them in test/support/held-policies.ts`);
};

const missingFrom = (deployed: unknown, wanted: unknown, path: readonly string[]): readonly string[] => {
  if (isMapping(wanted) && isMapping(deployed)) {
    return Object.entries(wanted).flatMap(([key, value]) => missingFrom(deployed[key], value, [...path, key]));
  }
  return isDeepStrictEqual(deployed, wanted) ? [] : [path.join('.')];
};
