// `countersign catalog pull`: writes what a server offers into the repository, where a person reviews and commits it.
// Policies are checked against this file, and a tool that is not in it is refused.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { JsonObject } from '../../lambdas/core/mcp/json.ts';
import { configFile } from '../../lib/config.ts';
import { catalogPath } from '../../lib/config-policy.ts';
import { openYaml } from '../../lib/config-yaml.ts';
import { CliError } from './cli-error.ts';
import { parseCommand } from './installation.ts';
import { listOffered } from './mcp-lists.ts';
import { readText } from './read-text.ts';
import { plain, write } from './text.ts';

const HELP = `Usage: countersign catalog pull <server> [--url URL] [--header NAME=VARIABLE]... [--config FILE]

Asks an MCP server for its tools, prompts and resources, and writes catalog/<server>.json beside the configuration.
Review the difference and commit it: tools that are not in the file are refused, and policies are checked against it.

  --url URL               the MCP endpoint; the server's url in the configuration when left out. Through the gateway
                          (https://<gateway>/mcp/<server>) the list is cut to what you may use
  --header NAME=VARIABLE  a request header whose value is in that environment variable, e.g. authorization=BANK_AUTH
  --config FILE           the configuration; config/countersign.yaml when left out`;

export const catalog = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseCommand(args, {
    url: { type: 'string' },
    header: { type: 'string', multiple: true },
    config: { type: 'string' },
  });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const [verb, server, ...rest] = positionals;
  if (verb !== 'pull' || server === undefined || rest.length > 0) {
    throw new CliError('Name a server: countersign catalog pull <server>');
  }
  const file = values.config ?? configFile({ tryGetContext: () => undefined });
  const offered = await listOffered(values.url ?? urlOf(file, server), headersOf(values.header ?? []));
  const path = catalogPath(file, server);
  const sorted = {
    server,
    serverInfo: offered.serverInfo ?? null,
    tools: byName(offered.tools, 'name'),
    prompts: byName(offered.prompts, 'name'),
    resources: byName(offered.resources, 'uri'),
    resourceTemplates: byName(offered.resourceTemplates, 'uriTemplate'),
  };
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `${JSON.stringify(sorted, null, 2)}\n`);
  write(`${path}: ${offered.tools.length} tools, ${offered.prompts.length} prompts. Review and commit it:`);
  for (const tool of sorted.tools) write(`  ${plain(String(tool['name']))}`);
  return 0;
};

/** In an order of their own, so that a reviewer sees changes and no shuffling. */
const byName = (items: readonly JsonObject[], member: string): readonly JsonObject[] =>
  items.toSorted((a, b) => (String(a[member]) < String(b[member]) ? -1 : 1));

/** Read without validating: the file cannot be valid before the catalogue exists. */
const urlOf = (file: string, server: string): string => {
  const { value } = openYaml(file, readText(file));
  const url = (value as { servers?: Record<string, { url?: unknown } | undefined> } | undefined)?.servers?.[server]
    ?.url;
  if (typeof url === 'string') return url;
  throw new CliError(`${file} has no server "${server}" with a url; give --url`);
};

const headersOf = (given: readonly string[]): Record<string, string> =>
  Object.fromEntries(
    given.map((header) => {
      const [, name = '', variable = ''] = /^([\w-]+)=(\w+)$/.exec(header) ?? [];
      const value = process.env[variable];
      if (name === '')
        throw new CliError(`--header is "${header}", expected NAME=VARIABLE; secrets stay out of the command`);
      if (value === undefined || value === '') throw new CliError(`The environment variable ${variable} is empty`);
      return [name, value] as const;
    }),
  );
