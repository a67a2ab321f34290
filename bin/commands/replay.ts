// `countersign replay`: one session, exchange by exchange, with what is not known said as plainly as what is.

import type { StoredLine } from '../../lambdas/adapters/dynamo-reader.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { maskCounts } from '../../lambdas/core/sessions/mask-counts.ts';
import { type Row, type Timeline, timelineOf } from '../../lambdas/core/sessions/timeline.ts';
import { CliError } from './cli-error.ts';
import { INSTALLATION_HELP, openReader, parseCommand, reading } from './installation.ts';
import { bold, dim, plain, size, timeOfDay, warn, write } from './text.ts';

const HELP = `Usage: countersign replay <session> [--local | --stack NAME] [--json]

Shows who called what, when, decided by which rule, and what came of it. Values are shown in their masked form.
Exit code 1 when an entry is damaged, an outcome is unknown, or a sequence number has no entry.

${INSTALLATION_HELP}`;

export const replay = async (args: readonly string[]): Promise<number> => {
  const { values, positionals } = parseCommand(args, {});
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const [sid] = positionals;
  if (sid === undefined || positionals.length > 1) throw new CliError('Name one session: countersign replay <session>');
  const reader = await openReader(values);
  const [session, lines] = await reading(Promise.all([reader.findSession(sid), reader.loadEntries(sid)]));
  if (session === undefined && lines.length === 0)
    throw new CliError(`No session ${sid}; list them with countersign sessions`);
  if (values.json === true) {
    for (const { line } of lines) write(line);
    return 0;
  }
  const { entries, damaged } = readLines(lines);
  const timeline = timelineOf(entries, session?.seq ?? 0);
  printHead(sid, timeline);
  for (const row of timeline.rows) printRow(row);
  return printSummary(timeline, damaged);
};

const readLines = (lines: readonly StoredLine[]): { entries: readonly Entry[]; damaged: readonly string[] } => {
  const entries: Entry[] = [];
  const damaged: string[] = [];
  for (const [index, { line, leaf }] of lines.entries()) {
    const entry = parseEntry(line, leaf);
    if (entry.ok) entries.push(entry.value);
    else damaged.push(`entry ${index}: ${entry.error.reason}`);
  }
  return { entries, damaged };
};

const printHead = (sid: string, { open, close }: Timeline): void => {
  write(bold(`Session ${sid}`));
  if (open === null) {
    write(warn('  The entry that opened this session is missing.'));
    return;
  }
  const { actor, clientInfo } = open;
  const told = clientInfo === null ? '' : `, calls itself ${plain(clientInfo.name)} ${plain(clientInfo.version)}`;
  write(`  who      ${plain(actor.name ?? actor.sub)} (${actor.kind}), ${plain(actor.sub)} at ${plain(actor.iss)}`);
  write(`  groups   ${actor.groups.map(plain).join(', ')}`);
  write(`  client   ${plain(actor.client)}${told}`);
  write(`  server   ${open.server} (${open.era} era)`);
  write(`  opened   ${open.ts}, ends by ${open.endsAt}`);
  if (close !== null) write(`  closed   ${close.ts} (${close.why})${revokedText(close)}`);
  write(`  log      ${open.log}, configuration ${open.config.slice(0, 19)}…\n`);
};

const revokedText = ({ revocation }: NonNullable<Timeline['close']>): string =>
  revocation === undefined ? '' : ` by ${plain(revocation.by)}: ${plain(revocation.reason)}`;

const MISSING = {
  recorded: 'counted, and recorded as a gap: no call went out under this number',
  unrecorded: 'counted, and nothing is recorded under this number',
};
const UNKNOWN = 'outcome unknown: the call may have run at the server; nobody got its answer whole';

const printRow = (row: Row): void => {
  if (row.kind === 'missing') {
    write(warn(`${String(row.seq).padStart(4)}  ${row.recorded ? MISSING.recorded : MISSING.unrecorded}`));
    return;
  }
  if (row.kind === 'orphaned') {
    write(
      warn(`${String(row.seq).padStart(4)}  an outcome whose intent is gone: the record of this call is not whole`),
    );
    return;
  }
  const { call, args, decision, strict, ts, seq } = row.intent;
  const what = [call.method ?? call.kind, call.subject]
    .filter((part) => part !== null)
    .map(plain)
    .join(' ');
  write(
    `${seq.padStart(4)}  ${timeOfDay(ts)}  ${bold(what)}  ${dim(`${decision.effect} by ${decision.reasons.map(plain).join(', ')}`)}`,
  );
  if (strict === true)
    write(dim('      strict   signed and locked before it was made: intent/'.concat(row.intent.callId, '.dsse.json')));
  if (args !== null && args.masked !== null) write(dim(`      sent     ${shorten(args.masked)}`));
  if (row.kind === 'unknown') {
    write(warn(`      ${UNKNOWN}${row.recorded ? ' (on record: call.unknown)' : ''}`));
    return;
  }
  write(`      ${outcomeText(row)}`);
  if (row.outcome.result.masked !== null) write(dim(`      answered ${shorten(row.outcome.result.masked)}`));
  printMasked(row);
};

const printMasked = (row: Extract<Row, { kind: 'complete' }>): void => {
  const masked = [...maskCounts(row)].map(([what, n]) => `${n} by ${plain(what)}`);
  if (masked.length > 0) write(dim(`      masked   ${masked.join(', ')}`));
};

const outcomeText = ({ outcome }: Extract<Row, { kind: 'complete' }>): string => {
  const { status, failure, bytes, parts, complete } = outcome.result;
  const streamed = parts === '0' ? '' : ` in ${Number(parts) + 1} parts`;
  const why = failure === null ? '' : `: ${plain(JSON.stringify(failure))}`;
  return `${status}${why}, ${size(Number(bytes))}${streamed}${complete ? '' : ', incomplete'}, ${outcome.ms} ms`;
};

const MAX_SHOWN = 160;

/** Without `_meta`, which says more of the protocol than of the call. */
const shorten = (masked: unknown): string => {
  const text = plain(JSON.stringify(masked, (name, value) => (name === '_meta' ? undefined : value)));
  return text.length <= MAX_SHOWN ? text : `${text.slice(0, MAX_SHOWN)}…`;
};

const printSummary = ({ rows }: Timeline, damaged: readonly string[]): number => {
  const count = (kind: Row['kind']) => rows.filter((row) => row.kind === kind).length;
  const unknown = count('unknown');
  const missing = count('missing') + count('orphaned');
  write(`\n${rows.length} exchanges: ${count('complete')} with outcome, ${unknown} unknown, ${missing} missing`);
  for (const finding of damaged) write(warn(`Damaged: ${finding}`));
  write(
    dim(
      'From the write-ahead table, for quick reading. The evidence is the sealed log: countersign export, countersign verify.',
    ),
  );
  return damaged.length + unknown + missing === 0 ? 0 : 1;
};
