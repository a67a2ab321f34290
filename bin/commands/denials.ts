// `countersign denials`: the refused requests of a day, with the reason that the caller was not told.

import type { AuthDenial, Denial } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { dayOf, INSTALLATION_HELP, openReader, parseCommand, reading } from './installation.ts';
import { columns, dim, plain, timeOfDay, warn, write } from './text.ts';

const HELP = `Usage: countersign denials [--day YYYY-MM-DD] [--local | --stack NAME] [--json]

Lists refused requests of a UTC day: bad tokens (auth.denied) and refused calls (call.denied).

  --day DAY       UTC day; today when left out
${INSTALLATION_HELP}`;

export const denials = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, { day: { type: 'string' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const day = dayOf(values.day);
  const reader = await openReader(values);
  const lines = await reading(reader.loadDay(day));
  if (values.json === true) {
    for (const { line } of lines) write(line);
    return 0;
  }
  const parsed = lines.map(({ line, leaf }) => parseEntry(line, leaf));
  const entries = parsed.flatMap((entry) => (entry.ok ? [entry.value] : []));
  const shown = entries.filter((entry) => entry.type === 'auth.denied' || entry.type === 'call.denied');
  if (shown.length === 0) write(`No requests were refused on ${day} (UTC).`);
  else write(columns([['TIME', 'WHO', 'SERVER', 'ANSWER', 'REASON', 'DETAIL'], ...shown.map(rowOf)]));
  const damaged = parsed.filter((entry) => !entry.ok).length;
  if (damaged > 0) write(warn(`${damaged} entries are damaged`));
  write(dim(`\n${shown.length} on ${day} (UTC)`));
  return damaged === 0 ? 0 : 1;
};

const rowOf = (entry: Denial | AuthDenial): string[] => {
  const { reason, ...facts } = entry.denial;
  const who =
    entry.type === 'call.denied'
      ? entry.actor.sub
      : entry.unverified === null
        ? '-'
        : `"${String(entry.unverified['sub'] ?? '?')}" (unverified)`;
  return [timeOfDay(entry.ts), plain(who), entry.server ?? '-', entry.sent, reason, plain(JSON.stringify(facts))];
};
