// Everything that `npm start` runs, composed: loopback AWS, development sign-in, two upstream servers, the gateway.

import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { resourceUrl } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { Json } from '../lib/config-yaml.ts';
import type { PolicyFile } from '../lib/policy/policy-file.ts';
import { type LocalFunctionTable, loadApprovalFunctions } from './approvals.ts';
import { type LocalAws, startLocalAws } from './aws/server.ts';
import { type RunningBank, startBank } from './bank/bank.ts';
import {
  awsEnvironment,
  COOKIE_SECRET,
  type GatewayOptions,
  LOCAL_REGION,
  type RunningGateway,
  setEnvironment,
  startGateway,
} from './gateway.ts';
import { type Idp, startIdp } from './idp/idp.ts';
import { type LocalKeeper, startKeeper } from './keeper.ts';
import { gatewayUrl, readLaptopConfig } from './laptop-config.ts';
import type { Ports } from './ports.ts';
import { type Provisioned, provision } from './provision.ts';
import { type LocalReconciler, startReconciler } from './reconciler.ts';
import { type LocalSealer, startSealer } from './sealer.ts';
import { startEverything } from './upstreams/everything.ts';
import { type LocalWatcher, startWatcher } from './watcher.ts';
import { type LocalWitness, startWitness } from './witness.ts';

export interface StackOptions {
  readonly configFile: string;
  readonly ports: Ports;
  /** Folder that keeps all state; `null`: memory, gone when the stack closes. */
  readonly dataDir: string | null;
  /** Folder for files of this run. */
  readonly workDir: string;
  /** More upstreams, by server name; open to analysts, without a credential. @default none */
  readonly upstreams?: Readonly<Record<string, { readonly url: string }>>;
  /** Merged over the configuration, for tests. @default nothing */
  readonly overlay?: { readonly [name: string]: Json };
  /** Policies besides the file's, for tests. @default none */
  readonly policies?: readonly PolicyFile[];
  /** @default 900 */
  readonly accessTokenSeconds?: number;
  /** How the gateway is run; tests put it into a process that they can kill. @default in this process */
  readonly startGateway?: (options: GatewayOptions) => Promise<RunningGateway>;
}

export interface Stack {
  readonly publicUrl: string;
  readonly config: GatewayConfig;
  readonly aws: LocalAws;
  readonly idp: Idp;
  readonly bank: RunningBank;
  readonly resources: Provisioned;
  readonly sealer: LocalSealer;
  readonly keeper: LocalKeeper;
  readonly watcher: LocalWatcher;
  readonly reconciler: LocalReconciler;
  readonly witness: LocalWitness;
  /** MCP endpoint of a configured server. */
  url(server: string): string;
  close(): Promise<void>;
}

const BANK_SECRET = 'countersign/core-banking';

const startSupport = async ({ ports, dataDir, accessTokenSeconds }: StackOptions, publicUrl: string) => {
  const functions: LocalFunctionTable = new Map();
  const aws = await startLocalAws({
    port: ports.aws,
    dataDir: dataDir === null ? null : join(dataDir, 'aws'),
    functions,
  });
  const idp = await startIdp({
    port: ports.idp,
    dataDir: dataDir === null ? null : join(dataDir, 'idp'),
    consoleCallback: `${publicUrl}/console/callback`,
    isResource: (url) => url === resourceUrl(publicUrl) || url.startsWith(`${resourceUrl(publicUrl)}/`),
    ...(accessTokenSeconds === undefined ? {} : { accessTokenSeconds }),
  });
  return { aws, idp, functions };
};

const startUpstreams = async (ports: Ports, aws: LocalAws, { log }: GatewayConfig) => {
  const resources = await provision({
    endpoint: aws.url,
    region: LOCAL_REGION,
    keyGeneration: log.keyGeneration,
    // Made up on first start; afterwards the secret keeps its value.
    secrets: {
      [BANK_SECRET]: randomBytes(24).toString('base64url'),
      'countersign/everything': randomBytes(24).toString('base64url'),
      [COOKIE_SECRET]: randomBytes(32).toString('base64url'),
      // Not Slack's: the outbox shows what would have been posted.
      'countersign/slack-payments': `${aws.url}/slack/payments`,
    },
  });
  const bank = await startBank({ port: ports.bank, bearerToken: await readSecret(aws.url, BANK_SECRET) });
  const everything = await startEverything({ port: ports.everything });
  return { resources, bank, everything };
};

const readSecret = async (endpoint: string, name: string): Promise<string> => {
  const credentials = { accessKeyId: 'LOCALLAPTOP', secretAccessKey: 'not-a-secret' };
  const client = new SecretsManagerClient({ endpoint, region: LOCAL_REGION, credentials });
  const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: name }));
  client.destroy();
  if (SecretString === undefined) throw new Error(`Secret ${name} holds no string`);
  return SecretString;
};

/** Starts everything; one process can start one stack, since the handlers read their environment once. */
export const startStack = async (options: StackOptions): Promise<Stack> => {
  const publicUrl = gatewayUrl(options.ports);
  const { aws, idp, functions } = await startSupport(options, publicUrl);
  const laptop = {
    file: options.configFile,
    ports: options.ports,
    upstreams: options.upstreams ?? {},
    overlay: options.overlay ?? {},
    policies: options.policies ?? [],
  };
  const unwitnessed = readLaptopConfig(laptop);
  const { resources, bank, everything } = await startUpstreams(options.ports, aws, unwitnessed);
  const { ports, workDir } = options;
  // The witness knows the log by its origin, and the gateway the witness by its key.
  const { origin } = unwitnessed.log;
  const witness = await startWitness({ port: ports.witness, origin, resources, aws, workDir });
  const config = readLaptopConfig({ ...laptop, witnesses: [witness.endpoint] });
  const gatewayOptions = { port: ports.gateway, publicUrl, config, resources, awsUrl: aws.url, workDir };
  const gateway = await (options.startGateway ?? startGateway)(gatewayOptions);
  // The gateway may be a process of its own; these run in this one.
  setEnvironment(gatewayOptions);
  await loadApprovalFunctions(functions);
  aws.resumeExecutions();
  const sealer = await startSealer({ config, resources, aws, workDir: options.workDir });
  const keeper = await startKeeper({ config, resources, awsUrl: aws.url, workDir: options.workDir });
  const watcher = await startWatcher({ config, resources, aws, workDir: options.workDir });
  // The log begins before the first call: strict calls are refused until it has. On AWS the schedule sees to it.
  await sealer.run();
  const reconciler = await startReconciler({ config, resources, aws, workDir: options.workDir });
  return {
    publicUrl,
    config,
    aws,
    idp,
    bank,
    resources,
    sealer,
    keeper,
    watcher,
    reconciler,
    witness,
    url: (server) => resourceUrl(publicUrl, server),
    close: async () => {
      await gateway.close();
      await keeper.close();
      await sealer.close();
      await watcher.close();
      await reconciler.close();
      await witness.close();
      await Promise.all([bank.close(), everything.close(), idp.close()]);
      await aws.close();
    },
  };
};

/** Environment in which other programs (the CLI, a test) find this stack's AWS. */
export const stackEnvironment = (stack: { readonly aws: { readonly url: string } }): Record<string, string> =>
  awsEnvironment(stack.aws.url);
