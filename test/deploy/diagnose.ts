// Why a deployed gateway does not answer as it should: what is deployed, held against what the code expects, and the
// end of each function's log.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ENV, type FunctionName, gatewayResponses, ROUTES, type Route } from '../../lambdas/contract.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { type GatewayResources, resourceEnvironment } from '../../local/gateway.ts';
import {
  type DeployedFunction,
  type DeployedResource,
  listFunctions,
  listGatewayResponses,
  listResources,
  logTail,
} from './control-plane.ts';

const LOGICAL_NAMES: Readonly<Record<FunctionName, string>> = {
  authorizer: 'Authorizer',
  mcp: 'Mcp',
  'well-known': 'WellKnown',
  sealer: 'Sealer',
  keeper: 'Keeper',
  watcher: 'Watcher',
  reconciler: 'Reconciler',
  notifier: 'Notifier',
  console: 'ConsoleFunction',
  worker: 'Worker',
  opener: 'Opener',
};

type Functions = Readonly<Record<FunctionName, DeployedFunction | undefined>>;

const LOG_LINES = 8;

export interface Deployment {
  readonly awsUrl: string;
  readonly publicUrl: string;
  readonly announcedScopes: readonly string[];
  /** Names of the deployed resources, from the outputs of the stack. */
  readonly resources: GatewayResources;
  /** The server that first contact was with. */
  readonly contacted: string;
  /** Entries made since, oldest first. */
  readonly entries: readonly Entry[];
  /** MiniStack's log: a function that does not even load logs nothing itself. */
  readonly ministackLog: string;
}

/** What is missing or different, one line each; then the logs. */
export const diagnose = async (deployment: Deployment): Promise<string> => {
  const { awsUrl, publicUrl, announcedScopes, entries, contacted, ministackLog } = deployment;
  const api = new URL(publicUrl).hostname.split('.')[0] ?? '';
  const all = await listFunctions(awsUrl);
  // The stack makes the secret of the cookies, and no output names it.
  const { [ENV.cookieSecret]: _, ...named } = resourceEnvironment(deployment.resources);
  const expected = { ...named, [ENV.publicUrl]: publicUrl };
  const functions = Object.fromEntries(
    Object.entries(LOGICAL_NAMES).map(([name, id]) => [
      name,
      all.find(({ FunctionName }) => FunctionName.startsWith(`Countersign-${id}`)),
    ]),
  ) as Functions;
  const findings = [
    ...Object.entries(functions).flatMap(([name, found]) => functionFindings(name as FunctionName, found, expected)),
    ...routeFindings(await listResources(awsUrl, api), functions),
    ...responseFindings(await listGatewayResponses(awsUrl, api), announcedScopes),
    ...entries.flatMap((entry) => entryFindings(entry, contacted)),
  ];
  const causes = findings.length === 0 ? ['the wiring is as the code expects; see the logs'] : findings;
  const logs = await Promise.all(Object.entries(functions).map(([name, found]) => logOf(awsUrl, name, found)));
  const faults = readFileSync(ministackLog, 'utf8')
    .split('\n')
    .filter((line) => / (ERROR|WARNING) \[/.test(line));
  return [
    'Likely cause:',
    ...causes.map((cause) => `  ${cause}`),
    ...logs.flat(),
    ...section('MiniStack on the functions', faults.slice(-LOG_LINES)),
    ...section('Recorded', entries.slice(-LOG_LINES).map(summaryOf)),
  ].join('\n');
};

const section = (title: string, lines: readonly string[]): readonly string[] => [
  `${title}:`,
  ...(lines.length === 0 ? ['  (nothing)'] : lines.map((line) => `  ${line}`)),
];

const summaryOf = (entry: Entry): string =>
  [
    entry.type,
    'server' in entry ? `server ${JSON.stringify(entry.server)}` : '',
    'denial' in entry ? JSON.stringify(entry.denial) : '',
  ].join(' ');

/** First contact is with one server and from this machine: an entry that says otherwise was read from the wrong field. */
const entryFindings = (entry: Entry, contacted: string): readonly string[] => {
  const reader = entry.type === 'auth.denied' ? 'lambdas/authorizer/handler.ts' : 'lambdas/mcp/event.ts';
  const elsewhere = 'server' in entry && entry.server !== contacted;
  const placeless = 'req' in entry && (entry.req.ip !== '127.0.0.1' || !entry.req.apigw);
  const mapping = (what: string) => `event mapping: ${entry.type} has ${what}; see how ${reader} reads the event`;
  return [
    ...(elsewhere ? [mapping(`the server ${JSON.stringify(entry.server)}, not ${contacted}`)] : []),
    ...(placeless ? [mapping(`the request ${JSON.stringify(entry.req)}`)] : []),
  ];
};

/** The variables a handler reads are those it names, as `ENV.name`. */
const variablesOf = (name: FunctionName): readonly string[] => {
  const source = readFileSync(join(import.meta.dirname, '../../lambdas', name, 'handler.ts'), 'utf8');
  const direct = [...source.matchAll(/ENV\.(\w+)/g)].map(([, key]) => ENV[key as keyof typeof ENV]);
  return source.includes('responseTransfer()') ? [...direct, ENV.responseTransfer] : direct;
};

const functionFindings = (
  name: FunctionName,
  found: DeployedFunction | undefined,
  expected: Readonly<Record<string, string>>,
): readonly string[] => {
  if (found === undefined) return [`function ${name} is not deployed`];
  const variables = found.Environment?.Variables ?? {};
  const missing = variablesOf(name).filter((variable) => (variables[variable] ?? '') === '');
  const wrong = Object.entries(variables).filter(([key, value]) => (expected[key] ?? value) !== value);
  const known: readonly string[] = Object.values(ENV);
  const unknown = Object.keys(variables).filter((variable) => !known.includes(variable));
  return [
    ...missing.map((variable) => `function ${name} lacks the environment variable ${variable}`),
    ...wrong.map(([key, value]) => `function ${name} has ${key}=${value}, the stack has ${expected[key]}`),
    ...unknown.map((variable) => `function ${name} has the variable ${variable}, which no code reads`),
    ...(found.Handler === 'index.handler'
      ? []
      : [`function ${name} has the handler ${found.Handler}, not index.handler`]),
  ];
};

const routeFindings = (resources: readonly DeployedResource[], functions: Functions): readonly string[] => [
  ...ROUTES.flatMap((route) => routeFinding(route, resources, functions)),
  ...resources.flatMap(({ path, resourceMethods = {} }) =>
    Object.keys(resourceMethods)
      .filter((method) => !ROUTES.some((route) => route.path === path && route.method === method))
      .map((method) => `the API has ${method} ${path}, which contract.ts does not list`),
  ),
];

const routeFinding = (
  route: Route,
  resources: readonly DeployedResource[],
  functions: Functions,
): readonly string[] => {
  const name = `${route.method} ${route.path}`;
  const method = resources.find(({ path }) => path === route.path)?.resourceMethods?.[route.method];
  if (method === undefined) return [`the API has no route ${name}`];
  const expected = functions[route.function]?.FunctionName;
  const uri = method.methodIntegration?.uri ?? 'nothing';
  const authorization = route.authorized ? 'CUSTOM' : 'NONE';
  return [
    ...(expected !== undefined && uri.includes(`:${expected}/`)
      ? []
      : [`${name} leads to ${uri}, not to ${route.function}`]),
    ...(method.authorizationType === authorization
      ? []
      : [`${name} has authorization ${method.authorizationType}, not ${authorization}`]),
  ];
};

const responseFindings = (
  deployed: Awaited<ReturnType<typeof listGatewayResponses>>,
  announcedScopes: readonly string[],
): readonly string[] =>
  gatewayResponses(announcedScopes).flatMap(({ type, statusCode, headers }) => {
    const found = deployed.find(({ responseType }) => responseType === type);
    if (found?.statusCode !== statusCode) {
      return [`gateway response ${type} has status ${found?.statusCode ?? 'none'}, not ${statusCode}`];
    }
    return Object.entries(headers)
      .filter(([name, mapping]) => found.responseParameters[`gatewayresponse.header.${name}`] !== mapping)
      .map(([name, mapping]) => `gateway response ${type} does not set ${name} from ${mapping}`);
  });

const logOf = async (awsUrl: string, name: string, found: DeployedFunction | undefined): Promise<readonly string[]> => {
  const group = found?.LoggingConfig?.LogGroup;
  if (group === undefined) return [];
  return section(`Log of ${name}`, await logTail(awsUrl, group, LOG_LINES));
};
