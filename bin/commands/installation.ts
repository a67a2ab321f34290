// Which installation a command talks to: the laptop's (`--local`), a deployed stack (`--stack`), or the environment.

import { readFileSync } from 'node:fs';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeRecordsReader, type RecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import { CliError } from './cli-error.ts';

/** Written by `npm start`, read by `--local`; environment variables by name. */
export const LOCAL_ENVIRONMENT_FILE = '.countersign/local/environment.json';

const INSTALLATION_OPTIONS = {
  local: { type: 'boolean' },
  stack: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export const INSTALLATION_HELP = `  --local         the gateway that \`npm start\` runs on this machine
  --stack NAME    the deployed CloudFormation stack (AWS credentials from the environment)
                  without either: LEDGER_TABLE and SESSIONS_TABLE from the environment
  --json          entries as JSON lines instead of text`;

/** Parses a command's arguments; a mistake names the option and what is expected. */
export const parseCommand = <Extra extends ParseArgsOptionsConfig>(args: readonly string[], extra: Extra) => {
  try {
    return parseArgs({ args: [...args], options: { ...INSTALLATION_OPTIONS, ...extra }, allowPositionals: true });
  } catch (cause) {
    throw new CliError(cause instanceof Error ? cause.message : 'unreadable arguments');
  }
};

interface Choice {
  readonly local?: boolean | undefined;
  readonly stack?: string | undefined;
}

export const openReader = async (choice: Choice): Promise<RecordsReader> => {
  if (choice.local === true && choice.stack !== undefined) throw new CliError('Give --local or --stack, not both');
  if (choice.local === true) useLocalEnvironment();
  const tables = choice.stack === undefined ? tablesOfEnvironment() : await tablesOfStack(choice.stack);
  return makeRecordsReader(new DynamoDBClient(), tables);
};

const useLocalEnvironment = (): void => {
  try {
    Object.assign(process.env, JSON.parse(readFileSync(LOCAL_ENVIRONMENT_FILE, 'utf8')));
  } catch {
    throw new CliError(
      `No ${LOCAL_ENVIRONMENT_FILE} here: run \`npm start\` in this folder first, and leave it running`,
    );
  }
};

const tablesOfEnvironment = () => {
  const { LEDGER_TABLE: ledger, SESSIONS_TABLE: sessions } = process.env;
  if (ledger === undefined || sessions === undefined) {
    throw new CliError('Which installation? Give --local, or --stack NAME, or set LEDGER_TABLE and SESSIONS_TABLE');
  }
  return { ledger, sessions };
};

const tablesOfStack = async (name: string) => {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: name }));
  const outputs = new Map(Stacks?.[0]?.Outputs?.map((output) => [output.OutputKey, output.OutputValue]));
  const ledger = outputs.get('LedgerTable');
  const sessions = outputs.get('SessionsTable');
  if (ledger === undefined || sessions === undefined) {
    throw new CliError(`Stack ${name} has no outputs LedgerTable and SessionsTable; is it a Countersign stack?`);
  }
  return { ledger, sessions };
};

/** Runs a reading; an endpoint that does not answer is said plainly. */
export const reading = async <Value>(work: Promise<Value>): Promise<Value> => {
  try {
    return await work;
  } catch (cause) {
    const refused =
      cause instanceof Error &&
      /ECONNREFUSED/.test(`${cause.message} ${String(cause.cause)} ${'code' in cause ? cause.code : ''}`);
    if (refused) throw new CliError('Nothing answers at the AWS endpoint; is `npm start` still running?');
    throw cause;
  }
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The UTC day to show; today without an option. */
export const dayOf = (day: string | undefined): string => {
  const chosen = day ?? new Date().toISOString().slice(0, 10);
  if (!DAY.test(chosen)) throw new CliError(`--day is "${chosen}", expected a UTC day such as 2026-11-22`);
  return chosen;
};
