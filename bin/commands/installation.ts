// Which installation a command talks to: the laptop's (`--local`), a deployed stack (`--stack`), or the environment.

import { readFileSync } from 'node:fs';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeRecordsReader, type RecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import { ENV } from '../../lambdas/contract.ts';
import type { ListedWitness } from '../../lambdas/core/ledger/trust-policy.ts';
import { CliError } from './cli-error.ts';

/** Written by `npm start`, read by `--local`; environment variables by name. */
export const LOCAL_ENVIRONMENT_FILE = '.countersign/local/environment.json';

/** Origin of the log, for commands; no function reads it. */
export const LOG_ORIGIN_VARIABLE = 'LOG_ORIGIN';

/** Name of a witness's key, for commands. */
const WITNESS_NAME_VARIABLE = 'WITNESS_NAME';

/** Witnesses of the log as JSON, `[{"vkey": …, "url": …}]`, for commands. */
export const LOG_WITNESSES_VARIABLE = 'LOG_WITNESSES';

const INSTALLATION_OPTIONS = {
  local: { type: 'boolean' },
  stack: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const satisfies ParseArgsOptionsConfig;

export const INSTALLATION_HELP = `  --local         the gateway that \`npm start\` runs on this machine
  --stack NAME    the deployed CloudFormation stack (AWS credentials from the environment)
                  without either: resource names from the environment, such as LEDGER_TABLE
  --json          entries as JSON lines instead of text`;

/** Parses a command's arguments; a mistake names the option and what is expected. */
export const parseCommand = <Extra extends ParseArgsOptionsConfig>(args: readonly string[], extra: Extra) => {
  try {
    return parseArgs({ args: [...args], options: { ...INSTALLATION_OPTIONS, ...extra }, allowPositionals: true });
  } catch (cause) {
    throw new CliError(cause instanceof Error ? cause.message : 'unreadable arguments');
  }
};

/** Which installation the caller named. */
export interface Choice {
  readonly local?: boolean | undefined;
  readonly stack?: string | undefined;
}

export const openReader = async (choice: Choice): Promise<RecordsReader> => {
  const tables = await findTables(choice);
  return makeRecordsReader(new DynamoDBClient(), tables);
};

/** Names of the two tables. */
export const findTables = async (choice: Choice): Promise<{ ledger: string; sessions: string }> => {
  const { LedgerTable, SessionsTable } = await findResources(choice, ['LedgerTable', 'SessionsTable']);
  return { ledger: LedgerTable, sessions: SessionsTable };
};

/** The table that finds the requests for approval of a day. */
export const findApprovalsTable = async (choice: Choice): Promise<string> =>
  (await findResources(choice, ['ApprovalsTable'])).ApprovalsTable;

/** The bucket of the second copy: checkpoints and keys. */
export const findCopiesBucket = async (choice: Choice): Promise<string> =>
  (await findResources(choice, ['CopiesBucket'])).CopiesBucket;

/** The locked bucket that holds the sealed log. */
export const findEvidenceBucket = async (choice: Choice): Promise<string> =>
  (await findResources(choice, ['EvidenceBucket'])).EvidenceBucket;

/** Every generation of the key that signs the log's checkpoints, oldest first, and the origin that stands in them. */
export const findCheckpointKeys = async (choice: Choice): Promise<{ keyIds: readonly string[]; origin: string }> => {
  const { CheckpointKeyIds, LogOrigin } = await findResources(choice, ['CheckpointKeyIds', 'LogOrigin']);
  return { keyIds: CheckpointKeyIds.split(','), origin: LogOrigin };
};

/** What a day is reconciled from. */
export const findReconcilable = async (
  choice: Choice,
): Promise<{ bucket: string; accessLogGroup: string; keyIds: readonly string[] }> => {
  const found = await findResources(choice, ['EvidenceBucket', 'AccessLogGroup', 'CheckpointKeyIds']);
  const keyIds = found.CheckpointKeyIds.split(',');
  return { bucket: found.EvidenceBucket, accessLogGroup: found.AccessLogGroup, keyIds };
};

/** What reading recorded content needs: the table with the wrapped keys, the log's origin, and what an entry names. */
export const findContent = async (choice: Choice): Promise<{ ledger: string; origin: string; config: string }> => {
  const { LedgerTable, LogOrigin, ConfigDigest } = await findResources(choice, [
    'LedgerTable',
    'LogOrigin',
    'ConfigDigest',
  ]);
  return { ledger: LedgerTable, origin: LogOrigin, config: ConfigDigest };
};

/** The witnesses that the installation's configuration names. */
export const findWitnesses = async (choice: Choice): Promise<readonly ListedWitness[]> =>
  JSON.parse((await findResources(choice, ['LogWitnesses'])).LogWitnesses) as readonly ListedWitness[];

/** The key of a witness, and its name. */
export const findWitnessKey = async (choice: Choice): Promise<{ keyId: string; name: string }> => {
  const { WitnessKeyId, WitnessName } = await findResources(choice, ['WitnessKeyId', 'WitnessName']);
  return { keyId: WitnessKeyId, name: WitnessName };
};

/** What a legal hold needs: the table, the bucket, and what an entry names. */
export const findHoldable = async (
  choice: Choice,
): Promise<{ ledger: string; bucket: string; origin: string; config: string }> => {
  const names = ['LedgerTable', 'EvidenceBucket', 'LogOrigin', 'ConfigDigest'] as const;
  const { LedgerTable, EvidenceBucket, LogOrigin, ConfigDigest } = await findResources(choice, names);
  return { ledger: LedgerTable, bucket: EvidenceBucket, origin: LogOrigin, config: ConfigDigest };
};

/** Stack outputs, and the environment variable that stands for each. */
const RESOURCES = {
  LedgerTable: ENV.ledgerTable,
  SessionsTable: ENV.sessionsTable,
  ApprovalsTable: ENV.approvalsTable,
  EvidenceBucket: ENV.evidenceBucket,
  CopiesBucket: ENV.copiesBucket,
  CheckpointKeyIds: ENV.checkpointKeyIds,
  AccessLogGroup: ENV.accessLogGroup,
  LogOrigin: LOG_ORIGIN_VARIABLE,
  ConfigDigest: ENV.configDigest,
  LogWitnesses: LOG_WITNESSES_VARIABLE,
  WitnessKeyId: ENV.witnessKeyId,
  WitnessName: WITNESS_NAME_VARIABLE,
} as const;
type Resource = keyof typeof RESOURCES;

const findResources = async <Name extends Resource>(
  { local, stack }: Choice,
  names: readonly Name[],
): Promise<Record<Name, string>> => {
  if (local === true && stack !== undefined) throw new CliError('Give --local or --stack, not both');
  if (local === true) useLocalEnvironment();
  const lookUp = stack === undefined ? (name: Name) => process.env[RESOURCES[name]] : await outputsOf(stack);
  const missing = names.filter((name) => lookUp(name) === undefined);
  if (missing.length === 0)
    return Object.fromEntries(names.map((name) => [name, lookUp(name)])) as Record<Name, string>;
  if (stack !== undefined) {
    throw new CliError(`Stack ${stack} has no output ${missing.join(', ')}; is it a Countersign stack?`);
  }
  const variables = missing.map((name) => RESOURCES[name]).join(' and ');
  throw new CliError(`Which installation? Give --local, or --stack NAME, or set ${variables}`);
};

const outputsOf = async (stack: string): Promise<(name: string) => string | undefined> => {
  const { Stacks } = await new CloudFormationClient().send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = new Map(Stacks?.[0]?.Outputs?.map(({ OutputKey, OutputValue }) => [OutputKey, OutputValue]));
  return (name) => outputs.get(name);
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
