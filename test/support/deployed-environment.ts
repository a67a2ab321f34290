// A deployment that the end-to-end suite runs against instead of the laptop. `npm run test:deploy` describes it in
// COUNTERSIGN_E2E; without that variable the suite starts everything itself.

import { env } from 'node:process';
import type { Provisioned } from '../../local/provision.ts';

export const ENVIRONMENT_VARIABLE = 'COUNTERSIGN_E2E';

export interface DeployedPorts {
  readonly idp: number;
  readonly bank: number;
  readonly everything: number;
  /** The server that a test file puts behind the gateway, whatever its name there. */
  readonly upstream: number;
  /** Where Slack's webhook is taken to be. */
  readonly slack: number;
}

export interface DeployedEnvironment {
  readonly publicUrl: string;
  /** Endpoint of every AWS service. */
  readonly awsUrl: string;
  readonly resources: Provisioned;
  /** The configuration file that was deployed. */
  readonly configFile: string;
  /** The one that was deployed before it, when there was one. */
  readonly previousConfigFile: string | null;
  /** Where the deployed configuration expects the servers that a test file starts. */
  readonly ports: DeployedPorts;
  /** Folder of the identity provider's keys: each test file starts it anew, and its tokens must still verify. */
  readonly idpDir: string;
}

export const deployedEnvironment = (): DeployedEnvironment | undefined => {
  const text = env[ENVIRONMENT_VARIABLE];
  return text === undefined || text === '' ? undefined : (JSON.parse(text) as DeployedEnvironment);
};
