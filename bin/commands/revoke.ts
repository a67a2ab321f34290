// `countersign sessions revoke`: ends a recording session before its time, and puts on record who did and why.

import { hostname, userInfo } from 'node:os';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { revokeSession } from '../../lambdas/adapters/dynamo-revocation.ts';
import { CliError } from './cli-error.ts';
import { type Choice, findTables, INSTALLATION_HELP, parseCommand, reading } from './installation.ts';
import { dim, plain, write } from './text.ts';

const HELP = `Usage: countersign sessions revoke <session> --reason TEXT [--local | --stack NAME]

Ends an open session: its next call is refused, and a session.close entry with who and why is written within a minute.
Calls that are running finish and are recorded. Who has no session of their own (clients of 2026-07-28) gets a new one with
the next call; to keep a person out, take the group or the account away at the identity provider.

  --reason TEXT   why, for the record; at most 300 characters
${INSTALLATION_HELP}`;

const MAX_REASON = 300;

export const revoke = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseCommand(args, { reason: { type: 'string' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const [sid] = positionals;
  if (sid === undefined || positionals.length > 1)
    throw new CliError('Name one session: countersign sessions revoke <session> --reason TEXT');
  const reason = reasonOf(values.reason);
  const tables = await findTables(values);
  const by = await operatorOf(values);
  const revoked = await reading(revokeSession(new DynamoDBClient(), tables, sid, { by, reason }, Date.now()));
  if (!revoked.ok && revoked.session === undefined)
    throw new CliError(`No session ${sid}; list them with countersign sessions`);
  const { session } = revoked;
  if (!revoked.ok) throw new CliError(`Session ${sid} has ended already (${session?.ended ?? 'closed'})`);
  if (values.json === true) write(JSON.stringify(session));
  else {
    write(`Session ${sid} of ${plain(session?.subject ?? '')} is revoked by ${plain(by)}.`);
    write(dim('Its next call is refused; the entry that says so is written within a minute.'));
  }
  return 0;
};

const reasonOf = (given: string | undefined): string => {
  const reason = (given ?? '').trim();
  if (reason.length > 0 && reason.length <= MAX_REASON && plain(reason) === reason && reason.isWellFormed()) {
    return reason;
  }
  throw new CliError(`Say why, for the record: --reason with 1 to ${MAX_REASON} characters on one line`);
};

/** Who revokes, as far as this command can know: the AWS identity that it acts under, or the user of the machine. */
const operatorOf = async ({ local }: Choice): Promise<string> => {
  const user = `os:${userInfo().username}@${hostname()}`;
  if (local === true) return user;
  try {
    const { Arn } = await new STSClient({ maxAttempts: 1 }).send(new GetCallerIdentityCommand());
    return Arn === undefined ? user : `aws:${Arn}`;
  } catch {
    // To end a session must not fail because a name could not be had; an emulator need not have STS at all.
    return user;
  }
};
