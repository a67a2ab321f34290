// `countersign hold`: keeps what was recorded of a session beyond its retention, on the word of a records officer. The
// hold is on record before the first object is touched; S3 decides whether this person may, and CloudTrail has each object.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { STSClient } from '@aws-sdk/client-sts';
import { newId } from '../../lambdas/adapters/clock.ts';
import { codeDigest } from '../../lambdas/adapters/deployed-config.ts';
import { type HoldRecords, makeHoldRecords } from '../../lambdas/adapters/dynamo-holds.ts';
import { makeRecords } from '../../lambdas/adapters/dynamo-records.ts';
import { type EvidenceLog, makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeLegalHolds } from '../../lambdas/adapters/s3-legal-holds.ts';
import { identifyCaller } from '../../lambdas/adapters/sts-caller.ts';
import type { Hold } from '../../lambdas/core/ledger/entry.ts';
import { describeObjects, holdsInForce } from '../../lambdas/core/ledger/hold.ts';
import { toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { CliError } from './cli-error.ts';
import { type HeldObjects, objectsOf } from './hold-objects.ts';
import { type Choice, findHoldable, INSTALLATION_HELP, parseCommand, reading } from './installation.ts';
import { reasonOf } from './reason.ts';
import { columns, dim, plain, warn, write } from './text.ts';

const HELP = `Usage: countersign hold place <session> --reason TEXT [--local | --stack NAME]
       countersign hold release <session> --reason TEXT [--local | --stack NAME]
       countersign hold list [--local | --stack NAME] [--json]

Puts every object that holds what was recorded of a session under legal hold: no one deletes it until it is released,
whatever its retention. Segments hold entries of other sessions too; those are held with it. Release leaves what another
hold covers. An entry of the log says who and why, before the first object is touched. Run it again if it breaks off.

  --reason TEXT   why, such as a case number; stands in the log for good. No customer data
${INSTALLATION_HELP}`;

const SET_AT_ONCE = 8;
const SID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const hold = async ([action, ...args]: readonly string[]): Promise<number> => {
  if (action === 'place' || action === 'release') return await change(action, args);
  if (action === 'list') return await list(args);
  if (action === undefined || action === '--help' || action === '-h') {
    write(HELP);
    return action === undefined ? 2 : 0;
  }
  throw new CliError(`No action "${action}" on holds; there are place, release and list`);
};

interface Surroundings {
  readonly log: EvidenceLog;
  readonly records: HoldRecords;
  readonly origin: string;
}

const change = async (action: 'place' | 'release', args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseCommand(args, { reason: { type: 'string' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const sid = sessionOf(positionals, action);
  const reason = reasonOf(values.reason);
  const found = await findHoldable(values);
  const s3 = new S3Client();
  const dynamo = new DynamoDBClient();
  const log = makeEvidenceLog(s3, found.bucket);
  const around = { log, records: makeHoldRecords(dynamo, found.ledger), origin: found.origin };
  const { names, whole } = await reading(action === 'place' ? toBeHeld(around, sid) : toBeReleased(around, sid));
  const entry = await entryOf(`hold.${action}d` as Hold['type'], { sid, reason, names, ...found });
  const records = makeRecords(dynamo, { ledger: found.ledger, sessions: '' });
  await reading(records.commit({ entries: [{ entry: toWalEntry(entry), body: null }] }));
  await setAll(s3, { bucket: found.bucket, names, status: action === 'place' ? 'ON' : 'OFF' });
  write(`${names.length} objects of session ${sid} are ${action === 'place' ? 'under legal hold' : 'released'}.`);
  if (action === 'place' && !whole)
    write(warn('The session has not ended, or has no manifest yet: place the hold again when it has one.'));
  write(dim(`On record as ${entry.type} by ${plain(entry.by.arn)}.`));
  return 0;
};

const sessionOf = ([sid, ...rest]: readonly string[], action: string): string => {
  if (sid === undefined || rest.length > 0)
    throw new CliError(`Name one session: countersign hold ${action} <session> --reason TEXT`);
  if (!SID.test(sid)) throw new CliError(`"${sid}" is not a session id; list them with countersign sessions`);
  return sid;
};

const toBeHeld = async ({ log, records, origin }: Surroundings, sid: string): Promise<HeldObjects> => {
  const places = await records.placesOf(sid);
  if (places.waiting > 0)
    throw new CliError(`${places.waiting} entries of this session wait to be sealed; try again in a minute`);
  const held = await objectsOf(log, sid, { places, origin });
  if (held.names.length === 0) throw new CliError(`The sealed log has no session ${sid}`);
  return held;
};

/** All of it that no other hold covers. */
const toBeReleased = async (around: Surroundings, sid: string): Promise<HeldObjects> => {
  const holds = await loadHolds(around.records);
  // One that was released already may have been released in part: the command broke off, and is run again.
  if (!holds.some((hold) => hold.sid === sid))
    throw new CliError(`There was no hold on session ${sid}; list them with countersign hold list`);
  const objectsOfSession = async (of: string): Promise<HeldObjects> =>
    objectsOf(around.log, of, { places: await around.records.placesOf(of), origin: around.origin });
  const own = await objectsOfSession(sid);
  const others = new Set<string>();
  for (const other of holdsInForce(holds).keys()) {
    if (other !== sid) for (const name of (await objectsOfSession(other)).names) others.add(name);
  }
  return { ...own, names: own.names.filter((name) => !others.has(name)) };
};

const loadHolds = async (records: HoldRecords): Promise<readonly Hold[]> => {
  const lines = await records.holdLines();
  const entries = lines.map(({ line, leaf }) => parseEntry(line, leaf));
  // A damaged entry may be the one that says what must not be released.
  if (entries.some((entry) => !entry.ok))
    throw new CliError('An entry about holds is damaged: see countersign tampering');
  return entries.flatMap((entry) =>
    entry.ok && (entry.value.type === 'hold.placed' || entry.value.type === 'hold.released') ? [entry.value] : [],
  );
};

/** Stamped with AWS's time and name of the caller: the record must not rest on the operator's own word. */
const entryOf = async (
  type: Hold['type'],
  {
    sid,
    reason,
    names,
    origin,
    config,
  }: { sid: string; reason: string; names: readonly string[]; origin: string; config: string },
): Promise<Hold> => {
  const { at, ...by } = await reading(identifyCaller(new STSClient()));
  const gw = { fn: 'cli', code: codeDigest(import.meta.filename), region: process.env['AWS_REGION'] ?? 'unknown' };
  const stamp = { v: 1, log: origin, id: newId(), ts: toTimestamp(at), config, gw } as const;
  return { ...stamp, type, sid, by, reason, ...describeObjects(names) };
};

const setAll = async (
  s3: S3Client,
  { bucket, names, status }: { bucket: string; names: readonly string[]; status: 'ON' | 'OFF' },
): Promise<void> => {
  const holds = makeLegalHolds(s3, bucket);
  for (let at = 0; at < names.length; at += SET_AT_ONCE) {
    try {
      await reading(Promise.all(names.slice(at, at + SET_AT_ONCE).map((name) => holds.set(name, status))));
    } catch (cause) {
      if (cause instanceof CliError) throw cause;
      const why = cause instanceof Error && cause.cause instanceof Error ? `: ${cause.cause.name}` : '';
      throw new CliError(`At least ${at} of ${names.length} objects are done, then S3 refused${why}. Run it again`);
    }
  }
};

const list = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, {});
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const holds = [...holdsInForce(await reading(loadHolds(await openRecords(values)))).values()];
  if (values.json === true) for (const entry of holds) write(JSON.stringify(entry));
  else if (holds.length === 0) write('No session is under legal hold.');
  else {
    const rows = holds.map(({ sid, ts, by, objects, reason }) => [sid, ts, plain(by.arn), objects, plain(reason)]);
    write(columns([['SESSION', 'SINCE', 'BY', 'OBJECTS', 'WHY'], ...rows]));
  }
  return 0;
};

const openRecords = async (choice: Choice): Promise<HoldRecords> =>
  makeHoldRecords(new DynamoDBClient(), (await findHoldable(choice)).ledger);
