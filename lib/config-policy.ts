// The files beside the configuration: `policies/*.cedar` and `catalog/<server>.json`. Read, checked and compiled.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import type { ConfigFile } from './config-file.ts';
import type { ConfigProblem } from './config-problems.ts';
import { type ReviewedCatalog, readCatalog, withDecimal } from './policy/catalog.ts';
import { compilePolicies } from './policy/compile.ts';
import type { PolicyFile } from './policy/policy-file.ts';

/** The configuration with its policies, or everything that is wrong with them. */
export const withPolicies = (
  file: string,
  config: ConfigFile,
  extra: readonly PolicyFile[],
): GatewayConfig | readonly ConfigProblem[] => {
  const reviewed = Object.entries(config.servers).map(([name, server]) => ({
    name,
    ...(server.catalog === null ? NOT_REVIEWED : openCatalog(file, name, server.decimals)),
  }));
  const found = readPolicyFiles(file);
  const missing = found.length + extra.length === 0 ? [noPolicies(file)] : [];
  const problems = [...missing, ...reviewed.flatMap((server) => server.problems)];
  // Without its catalogue a policy has faults that are none of its own.
  if (problems.length > 0) return problems;
  const compiled = compilePolicies({
    files: [...found, ...extra],
    timeZone: config.policy.timeZone,
    groups: config.identity.groups,
    services: config.identity.services.map(({ subject }) => subject),
    catalogs: new Map(reviewed.map(({ name, catalog }) => [name, catalog])),
  });
  if (!('policy' in compiled)) return compiled;
  const servers = Object.entries(config.servers).map(([name, { decimals: _, ...server }]) => [
    name,
    { ...server, catalog: compiled.catalogs.get(name) ?? null },
  ]);
  return { ...config, servers: Object.fromEntries(servers), policy: compiled.policy };
};

const policyFolder = (file: string): string => join(dirname(file), 'policies');
export const catalogPath = (file: string, server: string): string => join(dirname(file), 'catalog', `${server}.json`);

const readPolicyFiles = (file: string): readonly PolicyFile[] =>
  globSync(join(policyFolder(file), '**/*.cedar'))
    .toSorted()
    .map((path) => ({ file: relative(dirname(file), path), text: readFileSync(path, 'utf8') }));

interface OpenedCatalog {
  readonly catalog: ReviewedCatalog | null;
  readonly problems: readonly ConfigProblem[];
}

const NAME_A_STRING = 'Correct servers.*.decimals: tool.argument';
const NOT_REVIEWED: OpenedCatalog = { catalog: null, problems: [] };

const openCatalog = (file: string, server: string, decimals: readonly string[]): OpenedCatalog => {
  const path = catalogPath(file, server);
  const refuse = (expected: string, got: string, advice: string): OpenedCatalog => ({
    catalog: null,
    problems: [{ file: path, line: 1, column: 1, path: `servers.${server}.catalog`, expected, got, advice }],
  });
  const pull = `Run \`countersign catalog pull ${server}\` and review the file`;
  if (!existsSync(path)) {
    return refuse(
      'the reviewed tools of this server',
      'no such file',
      `${pull}, or write catalog: null for this server`,
    );
  }
  const catalog = readCatalog(readFileSync(path, 'utf8'));
  if (typeof catalog === 'string') return refuse('a catalogue of tools and prompts', catalog, pull);
  const problems: ConfigProblem[] = [];
  let typed = catalog;
  for (const decimal of decimals) {
    const changed = decimalIn(typed, decimal);
    if (changed !== undefined) typed = changed;
    else problems.push(...refuse('decimals to name string arguments of its tools', decimal, NAME_A_STRING).problems);
  }
  return { catalog: typed, problems };
};

const decimalIn = (catalog: ReviewedCatalog, decimal: string): ReviewedCatalog | undefined => {
  const [name = '', ...path] = decimal.split('.');
  const tool = catalog.tools.get(name);
  const args = tool === undefined ? undefined : withDecimal(tool.args, path);
  if (tool === undefined || args === undefined) return undefined;
  return { ...catalog, tools: new Map([...catalog.tools, [name, { ...tool, args }]]) };
};

const noPolicies = (file: string): ConfigProblem => ({
  file: policyFolder(file),
  line: 1,
  column: 1,
  path: 'policy',
  expected: 'at least one policy in policies/*.cedar beside the configuration',
  got: 'none',
  advice: 'Without a policy nothing is permitted; see docs/policies.md',
});
