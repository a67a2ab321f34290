// Reads the bank's configuration: YAML and policies in, a frozen GatewayConfig out, or every error at once.
// The only reader of CDK context and of the environment. No CDK import, so that `local/` can use it too.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { env } from 'node:process';
import canonicalize from 'canonicalize';
import type { GatewayConfig, WitnessConfig } from '../lambdas/gateway-config.ts';
import { contradictionIssues } from './config-contradictions.ts';
import { withPolicies } from './config-policy.ts';
import { ConfigError, problemsOf, secretsIn } from './config-problems.ts';
import { configSchema } from './config-schema.ts';
import { deepFreeze, type Json, merge, openYaml } from './config-yaml.ts';
import type { PolicyFile } from './policy/policy-file.ts';

const DEFAULT_CONFIG_FILE = 'config/countersign.yaml';

export interface ReadConfigOptions {
  /**
   * Merged over the file before anything is validated: mappings key by key, lists and scalars replaced.
   * @default - the file alone
   */
  readonly overlay?: Json;
  /**
   * Policies besides those of the folder, for servers that the overlay adds.
   * @default - none
   */
  readonly policies?: readonly PolicyFile[];
}

/** Reads, validates, completes and freezes the configuration in `file`; throws a ConfigError that lists every problem. */
export const readConfig = (file: string, options: ReadConfigOptions = {}): GatewayConfig => {
  const yaml = openYaml(file, readText(file));
  if (yaml.syntaxProblems.length > 0) throw new ConfigError(file, yaml.syntaxProblems);

  const input = options.overlay === undefined ? yaml.value : merge(yaml.value, options.overlay);
  const parsed = configSchema.safeParse(input, { reportInput: true });
  const issues = [...(parsed.error?.issues ?? []), ...contradictionIssues(input)];
  const problems = [...problemsOf(yaml, issues), ...secretsIn(yaml, input)];
  if (!parsed.success || problems.length > 0) throw new ConfigError(file, problems);
  // Read only now: what policies are checked against stands in the file.
  const config = withPolicies(file, parsed.data, options.policies ?? []);
  if (!('policy' in config)) throw new ConfigError(file, config);
  return deepFreeze(config);
};

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const got = cause instanceof Error ? cause.message : 'an error';
    const advice = 'Name another file with `-c config=<file>` or COUNTERSIGN_CONFIG';
    throw new ConfigError(file, [
      { file, line: 1, column: 1, path: '(file)', expected: 'a readable YAML file', got, advice },
    ]);
  }
};

/** The exact text deployed as `config.json`: RFC 8785 canonical JSON, so its bytes do not depend on key order. */
export const deployedConfig = (config: GatewayConfig | WitnessConfig): string => {
  const text = canonicalize(config);
  if (text === undefined) throw new TypeError('canonicalize returned nothing for a validated configuration');
  return text;
};

/** `sha256:<hex>` of the deployed bytes; stamped on every ledger entry. */
export const configDigest = (config: GatewayConfig | WitnessConfig): string =>
  `sha256:${createHash('sha256').update(deployedConfig(config)).digest('hex')}`;

/** What we need of a CDK construct node. */
export interface ContextReader {
  tryGetContext(key: string): unknown;
}

/** The configuration file to use: context `config`, else COUNTERSIGN_CONFIG, else the sample bank's. */
export const configFile = (context: ContextReader): string => {
  const named: unknown = context.tryGetContext('config') ?? env['COUNTERSIGN_CONFIG'];
  return typeof named === 'string' && named !== '' ? named : DEFAULT_CONFIG_FILE;
};
