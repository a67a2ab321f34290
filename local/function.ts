// What every function on the laptop finds around it: its configuration file and the environment that the stack sets.
// Handlers read both once, at import.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV } from '../lambdas/contract.ts';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import { configDigest, deployedConfig } from '../lib/config.ts';
import { awsEnvironment, type GatewayResources, resourceEnvironment } from './gateway.ts';

export interface FunctionOptions {
  readonly config: GatewayConfig;
  readonly resources: GatewayResources;
  /** Folder for the deployed configuration file. */
  readonly workDir: string;
}

export const prepareFunction = ({ config, resources, workDir }: FunctionOptions, awsUrl: string): void => {
  mkdirSync(workDir, { recursive: true });
  const configFile = join(workDir, 'config.json');
  writeFileSync(configFile, deployedConfig(config));
  Object.assign(process.env, awsEnvironment(awsUrl), resourceEnvironment(resources), {
    [ENV.configFile]: configFile,
    [ENV.configDigest]: configDigest(config),
    // Lines for CloudWatch, which nobody reads here.
    POWERTOOLS_METRICS_DISABLED: 'true',
  });
};
