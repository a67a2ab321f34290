// `countersign sessions`: the recorded sessions of a day.

import { dayOf, INSTALLATION_HELP, openReader, parseCommand, reading } from './installation.ts';
import { columns, dim, plain, write } from './text.ts';

const HELP = `Usage: countersign sessions [--day YYYY-MM-DD] [--local | --stack NAME] [--json]

Lists the sessions opened on a UTC day, newest first. A session is one principal's use of one server through one client.

  --day DAY       UTC day; today when left out
${INSTALLATION_HELP}`;

export const sessions = async (args: readonly string[]): Promise<number> => {
  const { values } = parseCommand(args, { day: { type: 'string' } });
  if (values.help === true) {
    write(HELP);
    return 0;
  }
  const day = dayOf(values.day);
  const reader = await openReader(values);
  const found = await reading(reader.listSessions(day));
  if (values.json === true) {
    for (const session of found) write(JSON.stringify(session));
    return 0;
  }
  if (found.length === 0) {
    write(`No sessions were opened on ${day} (UTC).`);
    return 0;
  }
  const time = (epochSeconds: number) => new Date(epochSeconds * 1000).toISOString().slice(11, 19);
  const rows = found.map((session) => [
    session.sid,
    time(session.openedAt),
    time(session.lastSeenAt),
    plain(session.subject),
    session.server,
    plain(session.client),
    String(session.seq),
    session.status,
  ]);
  write(columns([['SESSION', 'OPENED', 'LAST SEEN', 'WHO', 'SERVER', 'CLIENT', 'CALLS', 'STATUS'], ...rows]));
  write(dim(`\n${found.length} on ${day} (UTC). Show one: countersign replay <session>`));
  return 0;
};
