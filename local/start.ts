// `npm start`: the whole product on this machine, with its state in .countersign/local.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { LOCAL_ENVIRONMENT_FILE, LOG_ORIGIN_VARIABLE, LOG_WITNESSES_VARIABLE } from '../bin/commands/installation.ts';
import { ENV } from '../lambdas/contract.ts';
import { configDigest } from '../lib/config.ts';
import { connectLines } from './connect-lines.ts';
import { type FrontPage, startFrontPage } from './front-page/front-page.ts';
import { resourceEnvironment } from './gateway.ts';
import { PEOPLE } from './idp/people.ts';
import { fixedPorts, type Ports } from './ports.ts';
import { type Stack, stackEnvironment, startStack } from './stack.ts';

const DATA_DIR = '.countersign/local';

const HELP = `Usage: npm start -- [--port N]

Runs the gateway, sign-in, two MCP servers and a loopback AWS on 127.0.0.1, until Ctrl-C.
State is kept in ${DATA_DIR}; delete that folder to start over.

  --port N   first of seven ports in a row (default 7410)`;

const readOptions = (): { readonly ports: Ports; readonly help: boolean } => {
  const { values } = parseArgs({ options: { port: { type: 'string' }, help: { type: 'boolean', short: 'h' } } });
  const first = values.port === undefined ? undefined : Number(values.port);
  if (first !== undefined && !(Number.isInteger(first) && first > 0 && first < 65_530)) {
    throw new Error(`--port is "${values.port}", expected a number from 1 to 65529`);
  }
  return { ports: fixedPorts(first), help: values.help === true };
};

const writeEnvironment = (stack: Stack): void => {
  mkdirSync(dirname(LOCAL_ENVIRONMENT_FILE), { recursive: true });
  const environment = {
    ...stackEnvironment(stack),
    ...resourceEnvironment(stack.resources),
    [LOG_ORIGIN_VARIABLE]: stack.config.log.origin,
    [ENV.configDigest]: configDigest(stack.config),
    [LOG_WITNESSES_VARIABLE]: JSON.stringify(stack.config.log.witnesses),
  };
  writeFileSync(LOCAL_ENVIRONMENT_FILE, `${JSON.stringify(environment, null, 2)}\n`);
};

const banner = (stack: Stack, page: FrontPage): string => {
  const servers = Object.keys(stack.config.servers).map((name) => `  ${name.padEnd(14)} ${stack.url(name)}`);
  const lines = connectLines('core-banking', stack.url('core-banking')).map(
    ({ client, text }) => `  ${client}\n    ${text}`,
  );
  const people = PEOPLE.map(({ id, name, groups }) => `  ${id.padEnd(6)} ${name} (${groups.join(', ')})`);
  return `
Countersign is running on this machine only (127.0.0.1). Ctrl-C stops it; its state stays in ${DATA_DIR}.

MCP servers behind the gateway
${servers.join('\n')}

Connect a client: paste one line, then sign in as one of the people below
${lines.join('\n')}

People (development sign-in, no passwords; ${stack.idp.url})
${people.join('\n')}

Overview       ${page.url} (everything at a glance, for whoever started it)
Console        ${stack.publicUrl}/console (approvals and sessions, behind the sign-in)
Witness        ${stack.witness.endpoint.url} (cosigns each checkpoint of the log)
What happened  npm run countersign -- sessions --local
Prove it       npm run countersign -- export log --local, then verify (README)
Guided tour    npm run demo (runs on its own)
`;
};

const explain = (cause: unknown): string => {
  const inUse = cause instanceof Error && 'code' in cause && cause.code === 'EADDRINUSE';
  if (inUse) return 'A port is taken: Countersign is running already, or give others: npm start -- --port 7510';
  return cause instanceof Error ? (cause.stack ?? cause.message) : String(cause);
};

const main = async (): Promise<void> => {
  const { ports, help } = readOptions();
  if (help) {
    process.stdout.write(`${HELP}\n`);
    return;
  }
  const stack = await startStack({
    configFile: 'config/countersign.yaml',
    ports,
    dataDir: DATA_DIR,
    workDir: DATA_DIR,
  });
  writeEnvironment(stack);
  const page = await startFrontPage(stack, ports.console);
  process.stdout.write(banner(stack, page));
  const stop = async (): Promise<void> => {
    await page.close();
    await stack.close();
    process.exit(0);
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop());
};

try {
  await main();
} catch (cause) {
  process.stderr.write(`npm start: ${explain(cause)}\n`);
  process.exit(1);
}
