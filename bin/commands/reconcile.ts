// `countersign reconcile`: compares a day once more, for a person. It reads and prints; what the reconciler recorded stands.

import { CloudTrailClient } from '@aws-sdk/client-cloudtrail';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { S3Client } from '@aws-sdk/client-s3';
import { makeSignatureTrail } from '../../lambdas/adapters/cloudtrail-signatures.ts';
import { makeAccessLog } from '../../lambdas/adapters/logs-access-log.ts';
import { makeEvidenceLog } from '../../lambdas/adapters/s3-evidence-log.ts';
import { makeLogTimes } from '../../lambdas/adapters/s3-log-times.ts';
import type { Named } from '../../lambdas/core/ledger/reconcile/compare-requests.ts';
import { type DayWindow, dayWindow } from '../../lambdas/core/ledger/reconcile/day-window.ts';
import { type DayComparison, verdictOf } from '../../lambdas/core/ledger/reconcile/reconciled-entry.ts';
import { compareDay } from '../../lambdas/reconciler/compare-day.ts';
import { CliError } from './cli-error.ts';
import { type Choice, findReconcilable, INSTALLATION_HELP, parseCommand, reading } from './installation.ts';
import { columns, dim, plain, warn, write } from './text.ts';

const HELP = `Usage: countersign reconcile [--day YYYY-MM-DD] [--local | --stack NAME] [--json]

Compares a UTC day of the sealed log with API Gateway's access log and with what CloudTrail says that KMS signed. Prints what differs,
with request ids to look up; records nothing. Exit code 0: they agree, 1: they differ, 2: not everything could be read.
Needs to read the evidence bucket and the access log, and cloudtrail:LookupEvents. A large day takes minutes.

  --day DAY       UTC day; yesterday when left out. Of a day that is not over for two hours, lines may still be missing
${INSTALLATION_HELP}`;

const EXIT_CODES = { agrees: 0, differs: 1, not_checked: 2 };

export const reconcile = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, { day: { type: 'string' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const window = windowOf(values.day ?? new Date(Date.now() - 86_400_000).toISOString().slice(0, 10));
  const comparison = await reading(compare(values, window));
  const verdict = verdictOf(comparison);
  if (values.json === true) write(JSON.stringify({ ...comparison, verdict }));
  else show(comparison);
  return EXIT_CODES[verdict];
};

const windowOf = (day: string): DayWindow => {
  const window = dayWindow(day);
  if (window === undefined) throw new CliError(`--day is "${day}", expected a UTC day such as 2026-11-22`);
  return window;
};

const compare = async (choice: Choice, window: DayWindow): Promise<DayComparison> => {
  const { bucket, accessLogGroup, keyIds } = await findReconcilable(choice);
  const s3 = new S3Client();
  const ports = {
    log: makeEvidenceLog(s3, bucket),
    times: makeLogTimes(s3, bucket),
    accessLog: makeAccessLog(new CloudWatchLogsClient({ retryMode: 'adaptive', maxAttempts: 10 }), accessLogGroup),
    trail: makeSignatureTrail(new CloudTrailClient({ retryMode: 'adaptive', maxAttempts: 10 }), keyIds),
  };
  return compareDay(ports, window, { beat: () => undefined, lastTry: true });
};

const show = ({ day, requests, signatures }: DayComparison): void => {
  write(`${day} (UTC)`);
  if (requests.ok) {
    const { logged, alone, entries, missing, failed, invented, repeated, unreadable } = requests.result;
    const rows = [
      ['requests that API Gateway logged', String(logged)],
      ['  answered by API Gateway alone, or open', String(alone)],
      ['entries that name a request', String(entries)],
      ...unless0('requests without entry', missing),
      ...unless0('requests refused with an error, without entry', failed),
      ...unless0('entries without request', invented),
      ...unless0('requests named twice', repeated),
      ...(unreadable === 0 ? [] : [['lines of the access log that API Gateway did not write', String(unreadable)]]),
    ];
    write(columns(rows));
  } else write(warn(`The access log of API Gateway: ${requests.reason}`));
  if (signatures.ok) {
    const { signed, objects, unexplained } = signatures.result;
    write(
      columns([
        ['signatures of the checkpoint key', String(signed)],
        ['signed objects', String(objects)],
        ...unless0('signatures without object (CloudTrail event ids)', unexplained),
      ]),
    );
  } else write(warn(`CloudTrail: ${signatures.reason}`));
  write(dim('Look a request up in the access log by its id; countersign verify shows what was recorded of the day.'));
};

const unless0 = (what: string, { count, ids }: Named): readonly string[][] =>
  count === 0 ? [] : [[what, `${count}: ${ids.map(plain).join(' ')}${ids.length < count ? ' …' : ''}`]];
