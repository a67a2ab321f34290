// The keeper on the laptop: the deployed handler, once a minute, one run at a time.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { KeepReport } from '../lambdas/keeper/keeper.ts';
import { configDigest, deployedConfig } from '../lib/config.ts';
import { awsEnvironment, type GatewayResources, resourceEnvironment } from './gateway.ts';

export interface LocalKeeper {
  /** Looks after what is due now. Runs never overlap. */
  run(): Promise<KeepReport>;
  close(): Promise<void>;
}

export interface KeeperOptions {
  readonly config: GatewayConfig;
  readonly resources: GatewayResources;
  readonly awsUrl: string;
  readonly workDir: string;
}

const SCHEDULE_MS = 60_000;
const TIMEOUT_MS = 60_000;

type Handler = (event: unknown, context: { getRemainingTimeInMillis(): number }) => Promise<KeepReport>;

const loadHandler = async ({ config, resources, awsUrl, workDir }: KeeperOptions): Promise<Handler> => {
  mkdirSync(workDir, { recursive: true });
  const configFile = join(workDir, 'config.json');
  writeFileSync(configFile, deployedConfig(config));
  Object.assign(process.env, awsEnvironment(awsUrl), resourceEnvironment(resources), {
    [ENV.configFile]: configFile,
    [ENV.configDigest]: configDigest(config),
  });
  const { handler } = await import('../lambdas/keeper/handler.ts');
  return handler as unknown as Handler;
};

export const startKeeper = async (options: KeeperOptions): Promise<LocalKeeper> => {
  const handler = await loadHandler(options);
  let last: Promise<unknown> = Promise.resolve();
  const run = (): Promise<KeepReport> => {
    const endsAt = Date.now() + TIMEOUT_MS;
    const next = last.then(() => handler({}, { getRemainingTimeInMillis: () => endsAt - Date.now() }));
    last = next.catch((cause: unknown) => console.error('keeper:', cause));
    return next;
  };
  const schedule = setInterval(() => void run().catch(() => undefined), SCHEDULE_MS);
  return {
    run,
    close: async () => {
      clearInterval(schedule);
      await last;
    },
  };
};
