// `countersign keys unwrap`: content keys in the hands of an authorised person. The reading is on record before it can
// happen; KMS decides whether this person may, and CloudTrail has each Decrypt with its session.

import { writeFile } from 'node:fs/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { KMSClient } from '@aws-sdk/client-kms';
import { STSClient } from '@aws-sdk/client-sts';
import { newId } from '../../lambdas/adapters/clock.ts';
import { codeDigest } from '../../lambdas/adapters/deployed-config.ts';
import type { WrappedKey } from '../../lambdas/adapters/dynamo-items.ts';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import { makeWrappedKeys, type WrappedKeys } from '../../lambdas/adapters/dynamo-wrapped-keys.ts';
import { unwrapContentKey } from '../../lambdas/adapters/kms-content-keys.ts';
import { type Caller, identifyCaller } from '../../lambdas/adapters/sts-caller.ts';
import { formatContentKeys, type UnwrappedKey } from '../../lambdas/core/ledger/content-keys.ts';
import type { EvidenceRead } from '../../lambdas/core/ledger/entry.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { CliError } from './cli-error.ts';
import { findContent, INSTALLATION_HELP, parseCommand, reading } from './installation.ts';
import { reasonOf } from './reason.ts';
import { dim, write } from './text.ts';

const HELP = `Usage: countersign keys unwrap <session>… --reason TEXT --out FILE [--local | --stack NAME]
       countersign keys unwrap --all --reason TEXT --out FILE [--local | --stack NAME]

  --all           the keys of every session
  --reason TEXT   why, such as a case number; stands in the log for good. No customer data
  --out FILE      where to write the keys; must not be there yet. The file opens what was recorded: keep it so
${INSTALLATION_HELP}`;

/** Session ids of one entry: well below the longest line. */
const SESSIONS_OF_AN_ENTRY = 1000;
const UNWRAPPED_AT_ONCE = 8;
const SID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const unwrapKeys = async (args: readonly string[]): Promise<number> => {
  const options = { all: { type: 'boolean' }, reason: { type: 'string' }, out: { type: 'string' } } as const;
  const { values, positionals } = parseCommand(args, options);
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const sids = sessionsOf(positionals, values.all === true);
  const reason = reasonOf(values.reason);
  if (values.out === undefined) throw new CliError('Say where the keys are to be written: --out FILE');
  const { ledger, origin, config } = await findContent(values);
  const dynamo = new DynamoDBClient();
  const wrapped = await reading(loadKeys(makeWrappedKeys(dynamo, ledger), sids));
  const caller = await reading(identifyCaller(new STSClient()));
  const records = makeRecords(dynamo, { ledger, sessions: '' });
  for (const entry of entriesOf(wrapped, { caller, reason, origin, config })) {
    await reading(records.commit({ entries: [{ entry: toWalEntry(entry), body: null }] }));
  }
  const unwrapped = await unwrapAll(new KMSClient(), origin, wrapped);
  await writeFile(values.out, formatContentKeys(origin, unwrapped), { flag: 'wx', mode: 0o600 }).catch(
    (cause: Error) => {
      throw new CliError(`${values.out} cannot be written: ${cause.message}`);
    },
  );
  write(`${unwrapped.length} keys of ${new Set(wrapped.map(({ sid }) => sid)).size} sessions written to ${values.out}`);
  write(
    dim(`On record as evidence.read by ${caller.arn}. Use it: countersign verify <log> --content-keys ${values.out}`),
  );
  return 0;
};

/** The sessions named; `null` for all. */
const sessionsOf = (named: readonly string[], all: boolean): readonly string[] | null => {
  if (all === named.length > 0) throw new CliError('Name sessions, or give --all: countersign keys unwrap <session>');
  const wrong = named.find((sid) => !SID.test(sid));
  if (wrong !== undefined) throw new CliError(`"${wrong}" is not a session id; list them with countersign sessions`);
  return all ? null : [...new Set(named)];
};

const loadKeys = async (keys: WrappedKeys, sids: readonly string[] | null): Promise<readonly WrappedKey[]> => {
  if (sids === null) return keys.all();
  const found: WrappedKey[] = [];
  for (const sid of sids) {
    const ofSession = await keys.ofSession(sid);
    if (ofSession.length === 0)
      throw new CliError(`Session ${sid} has no content key: it recorded no body, or was shredded`);
    found.push(...ofSession);
  }
  return found;
};

interface Reading {
  readonly caller: Caller;
  readonly reason: string;
  readonly origin: string;
  readonly config: string;
}

/** One entry for every thousand sessions, stamped with AWS's time: a laptop's clock would put them out of order. */
const entriesOf = (wrapped: readonly WrappedKey[], { caller, reason, origin, config }: Reading): EvidenceRead[] => {
  const { at, ...reader } = caller;
  const gw = { fn: 'cli', code: codeDigest(import.meta.filename), region: process.env['AWS_REGION'] ?? 'unknown' };
  const sids = [...new Set(wrapped.map(({ sid }) => sid))].sort();
  const count = Math.ceil(sids.length / SESSIONS_OF_AN_ENTRY);
  return Array.from({ length: count }, (_, n) => ({
    ...({ v: 1, type: 'evidence.read', log: origin, id: newId(), ts: toTimestamp(at), config, gw } as const),
    ...{ reader, reason, sessions: sids.slice(n * SESSIONS_OF_AN_ENTRY, (n + 1) * SESSIONS_OF_AN_ENTRY) },
  }));
};

const unwrapAll = async (
  kms: KMSClient,
  log: string,
  wrapped: readonly WrappedKey[],
): Promise<readonly UnwrappedKey[]> => {
  const unwrapped: UnwrappedKey[] = [];
  for (let first = 0; first < wrapped.length; first += UNWRAPPED_AT_ONCE) {
    const slice = wrapped.slice(first, first + UNWRAPPED_AT_ONCE);
    unwrapped.push(...(await Promise.all(slice.map((key) => unwrap(kms, log, key)))));
  }
  return unwrapped;
};

const unwrap = async (kms: KMSClient, log: string, key: WrappedKey): Promise<UnwrappedKey> => {
  try {
    return await unwrapContentKey(kms, log, key);
  } catch (cause) {
    const why = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.name}` : '';
    throw new CliError(`${cause instanceof Error ? cause.message : 'a key was not unwrapped'}${why}`);
  }
};
