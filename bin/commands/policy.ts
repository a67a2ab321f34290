// `countersign policy`: check the policies, run a table of requests against them, explain a recorded decision.

import { loadCedar } from '../../lambdas/adapters/cedar.ts';
import { makePolicy, type Policy } from '../../lambdas/core/policy/policy.ts';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import { configFile, readConfig } from '../../lib/config.ts';
import { ConfigError } from '../../lib/config-problems.ts';
import { ENGINE_FILE } from '../../lib/policy/compile.ts';
import { CliError } from './cli-error.ts';
import { INSTALLATION_HELP, parseCommand } from './installation.ts';
import { explain } from './policy-explain.ts';
import { callOf, differences, readTable } from './policy-table.ts';
import { readText } from './read-text.ts';
import { bold, columns, dim, plain, warn, write } from './text.ts';

const HELP = `Usage: countersign policy check [--config FILE]
       countersign policy test <table.yaml> [--config FILE]
       countersign policy explain <call id | entry id> [--args JSON] [--local | --stack NAME]

check    compiles the policies as cdk synth does, and lists them
test     runs a table of requests against them; exit code 1 when one is decided in another way than it says
explain  says why a recorded call was decided so, by which policies, and what today's policies would say

  --config FILE   the configuration; config/countersign.yaml when left out
  --args JSON     the arguments of the call: they are sealed, and today's policies may look at them
${INSTALLATION_HELP}`;

export const policy = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseCommand(args, { config: { type: 'string' }, args: { type: 'string' } });
  const [verb, subject, ...rest] = positionals;
  if (values.help === true || verb === undefined) {
    write(HELP);
    return values.help === true ? 0 : 2;
  }
  if (rest.length > 0) throw new CliError(`Too many words: ${rest.join(' ')}`);
  const file = values.config ?? configFile({ tryGetContext: () => undefined });
  if (verb === 'check' && subject === undefined) return check(file);
  if (verb === 'test' && subject !== undefined) return test(file, subject);
  if (verb === 'explain' && subject !== undefined) return await explain(open(file), subject, values);
  throw new CliError('Expected: countersign policy check | test <table.yaml> | explain <id>');
};

export interface OpenedPolicy {
  readonly config: GatewayConfig;
  readonly policy: Policy;
}

const open = (file: string): OpenedPolicy => {
  try {
    const config = readConfig(file);
    const report = (message: string, cause: unknown) => {
      throw new CliError(`${message}: ${String(cause)}`);
    };
    return { config, policy: makePolicy(config, loadCedar(ENGINE_FILE, '/', config.policy, report)) };
  } catch (cause) {
    // The list of problems is the answer.
    if (cause instanceof ConfigError) throw new CliError(cause.message);
    throw cause;
  }
};

const check = (file: string): number => {
  const { config } = open(file);
  const rows = config.policy.rules.map(({ id, effect, mode, approval, file: source, line }) => [
    id,
    mode === 'log-only' ? `${effect} (log-only)` : effect,
    approval === null ? '' : `${approval.quorum} of ${approval.groups.join(', ')}`,
    `${source}:${line}`,
  ]);
  write(columns([['POLICY', 'EFFECT', 'APPROVAL', 'WHERE'], ...rows]));
  write(dim(`\n${rows.length} policies, ${config.policy.digest}`));
  return 0;
};

const test = (file: string, tableFile: string): number => {
  const { config, policy: rules } = open(file);
  const table = readTable(tableFile, readText(tableFile));
  const failed = table.cases.filter((one) => {
    const found = differences(one, callOf(one, table, config), rules);
    if (found.length === 0) return false;
    write(warn(`✗ ${plain(one.it)}`));
    write(`    ${plain(one.who)}: ${plain(one.does)} at ${one.server}`);
    for (const line of found) write(`    ${plain(line)}`);
    return true;
  });
  write(bold(`${table.cases.length - failed.length} of ${table.cases.length} cases hold`));
  return failed.length === 0 ? 0 : 1;
};
