// `countersign sessions`: the recorded sessions of a day.

import type { Session } from '../../lambdas/core/sessions/session.ts';
import { listDay } from './day-listing.ts';
import { plain, timeOfDay } from './text.ts';

const secondsOfDay = (epochSeconds: number): string => timeOfDay(new Date(epochSeconds * 1000).toISOString(), 's');

const rowOf = (session: Session): readonly string[] => [
  session.sid,
  secondsOfDay(session.openedAt),
  secondsOfDay(session.lastSeenAt),
  plain(session.subject),
  session.server,
  plain(session.client),
  String(session.seq),
  session.status,
];

export const sessions = listDay({
  command: 'sessions',
  explains:
    "Lists the sessions opened on a UTC day, newest first. A session is one principal's use of one server through one client.",
  load: async (reader, day) => ({ items: await reader.listSessions(day), damaged: 0 }),
  json: (session: Session) => JSON.stringify(session),
  header: ['SESSION', 'OPENED', 'LAST SEEN', 'WHO', 'SERVER', 'CLIENT', 'CALLS', 'STATUS'],
  row: rowOf,
  none: 'No sessions were opened',
  hint: 'Show one: countersign replay <session>',
});
