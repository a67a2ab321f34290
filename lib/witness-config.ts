// Reads the configuration of a witness: YAML in, a frozen WitnessConfig out, or every error at once.
import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { WitnessConfig } from '../lambdas/gateway-config.ts';
import type { ContextReader } from './config.ts';
import { list, mapping, text } from './config-fields.ts';
import { ConfigError, problemsOf, says } from './config-problems.ts';
import { deepFreeze, openYaml } from './config-yaml.ts';
import { isVerifierKey, LOG_KEY } from './verifier-key.ts';

const DEFAULT_FILE = 'config/witness.yaml';

const schema = mapping({
  version: z.literal(1, { error: says('1', 'This witness reads version 1 of the format') }),
  name: text(
    'the name of the witness: a host name and optional path, without scheme, spaces or +',
    'Use e.g. witness.bank.example/audit (C2SP tlog-cosignature)',
    (value) => /^[a-z0-9.-]+(?:\/[\w.~-]+)*$/.test(value),
  ),
  logs: list(
    text(
      'the verifier key of a log: <origin>+<key id>+<key>',
      'Have it from the bank: `countersign key` prints it',
      (value) => isVerifierKey(value, LOG_KEY),
    ),
    1,
    'Name at least one log; a witness cosigns nothing else',
  ),
  callers: list(
    text('the ARN of an IAM role', 'Use the output SealerRoleArn of the gateway’s stack; no wildcard', (value) =>
      /^arn:aws[a-z-]*:iam::\d{12}:role\/[\w+=,.@/-]+$/.test(value),
    ),
    1,
    'Name the role of the sealer; nobody else needs to call',
  ),
}) satisfies z.ZodType<WitnessConfig>;

/** Reads, validates and freezes the configuration in `file`; throws a ConfigError that lists every problem. */
export const readWitnessConfig = (file: string): WitnessConfig => {
  const yaml = openYaml(file, readFileSync(file, 'utf8'));
  if (yaml.syntaxProblems.length > 0) throw new ConfigError(file, yaml.syntaxProblems);
  const parsed = schema.safeParse(yaml.value, { reportInput: true });
  if (!parsed.success) throw new ConfigError(file, problemsOf(yaml, parsed.error.issues));
  return deepFreeze(parsed.data);
};

/** The configuration file to use: context `config`, else the sample's. */
export const witnessConfigFile = (context: ContextReader): string => {
  const named: unknown = context.tryGetContext('config');
  return typeof named === 'string' && named !== '' ? named : DEFAULT_FILE;
};
