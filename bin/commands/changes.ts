// `countersign changes`: when another configuration came into force.

import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { dayOf, INSTALLATION_HELP, openReader, parseCommand, reading } from './installation.ts';
import { columns, dim, timeOfDay, warn, write } from './text.ts';

const HELP = `Usage: countersign changes [--day YYYY-MM-DD] [--local | --stack NAME] [--json]

Lists the configuration changes of a UTC day (policy.changed): the digest until then, and the one since.

  --day DAY       UTC day; today when left out
${INSTALLATION_HELP}`;

export const changes = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, { day: { type: 'string' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const day = dayOf(values.day);
  const reader = await openReader(values);
  const lines = await reading(reader.loadDay(day));
  const parsed = lines.map(({ line, leaf }) => ({ line, entry: parseEntry(line, leaf) }));
  const found = parsed.flatMap(({ line, entry }) =>
    entry.ok && entry.value.type === 'policy.changed' ? [{ line, entry: entry.value }] : [],
  );
  if (values.json === true) for (const { line } of found) write(line);
  else if (found.length === 0) write(`The configuration did not change on ${day} (UTC).`);
  else {
    const rows = found.map(({ entry }) => [timeOfDay(entry.ts), entry.previous ?? 'none', entry.current]);
    write(columns([['TIME', 'UNTIL THEN', 'SINCE'], ...rows]));
    write(dim(`\n${found.length} on ${day} (UTC)`));
  }
  const damaged = parsed.filter(({ entry }) => !entry.ok).length;
  if (damaged > 0) write(warn(`${damaged} entries are damaged`));
  return damaged === 0 ? 0 : 1;
};
