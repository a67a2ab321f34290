// The sample bank's configuration with the addresses of the laptop. Nothing but addresses differs, and the log's
// origin says that the evidence was made locally.

import type { GatewayConfig, WitnessEndpointConfig } from '../lambdas/gateway-config.ts';
import { readConfig } from '../lib/config.ts';
import type { Json } from '../lib/config-yaml.ts';
import type { PolicyFile } from '../lib/policy/policy-file.ts';
import type { Ports } from './ports.ts';

const LOCAL_LOG_ORIGIN = 'laptop.invalid/countersign-development';

type Mapping = { readonly [name: string]: Json };

export interface LaptopOptions {
  readonly file: string;
  readonly ports: Ports;
  /** Upstreams by server name that take the place of the file's; see `startStack`. */
  readonly upstreams?: Readonly<Record<string, { readonly url: string }>>;
  /** The laptop's own witness. @default none */
  readonly witnesses?: readonly WitnessEndpointConfig[];
  /** Merged over everything else, for tests. */
  readonly overlay?: Mapping;
  /** Policies besides the file's, for tests. @default none */
  readonly policies?: readonly PolicyFile[];
}

export const gatewayUrl = (ports: Ports): string => `http://127.0.0.1:${ports.gateway}`;

/** Reads and validates the file with the laptop's addresses in it. */
export const readLaptopConfig = (options: LaptopOptions): GatewayConfig => {
  const { file, ports, upstreams = {}, witnesses = [], overlay = {}, policies = [] } = options;
  const issuer = `http://127.0.0.1:${ports.idp}`;
  const servers: Record<string, Mapping> = {
    'core-banking': { url: `http://127.0.0.1:${ports.bank}/mcp` },
    everything: { url: `http://127.0.0.1:${ports.everything}/mcp` },
    ...Object.fromEntries(Object.entries(upstreams).map(([name, { url }]) => [name, testServer(name, url)])),
  };
  const addresses: Mapping = {
    log: { origin: LOCAL_LOG_ORIGIN, witnesses: witnesses.map((witness) => ({ ...witness })) },
    identity: { issuer, jwksUri: `${issuer}/jwks` },
    servers,
    allowedOrigins: ['http://127.0.0.1:*', 'http://localhost:*'],
  };
  const tests = Object.keys(upstreams).map(testPolicies);
  return readConfig(file, { overlay: merge(addresses, overlay), policies: [...tests, ...policies] });
};

export const testServer = (name: string, url: string): Mapping => ({
  url,
  title: name,
  owner: 'tests',
  catalog: null,
  credential: { kind: 'none' },
  standaloneStream: 'relay',
});

/** Analysts and platform engineers may do everything on a server of the tests. */
export const testPolicies = (name: string): PolicyFile => ({
  file: `tests/${name}.cedar`,
  text: ['analysts', 'platform-engineers']
    .map(
      (group) =>
        `@id("tests-${group}-use-${name}")\npermit (principal in Mcp::Group::"${group}", action, resource in Mcp::Server::"${name}");\n`,
    )
    .join('\n'),
});

const isMapping = (value: Json | undefined): value is Mapping =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const merge = (base: Mapping, over: Mapping): Mapping => {
  const merged: Record<string, Json> = { ...base };
  for (const [name, value] of Object.entries(over)) {
    const below = merged[name];
    merged[name] = isMapping(below) && isMapping(value) ? merge(below, value) : value;
  }
  return merged;
};
