// `countersign sessions`: the recorded sessions of a day; `countersign sessions revoke` ends one.

import type { Session } from '../../lambdas/core/sessions/session.ts';
import { listDay } from './day-listing.ts';
import { plain, timeOfDay } from './text.ts';

const secondsOfDay = (epochSeconds: number): string => timeOfDay(new Date(epochSeconds * 1000).toISOString(), 's');

/** `open`, or why it is not: the word of its `session.close` entry. */
const statusOf = ({ status, ended }: Session): string => (ended === null ? status : `${status} (${ended})`);

const rowOf = (session: Session): readonly string[] => [
  session.sid,
  secondsOfDay(session.openedAt),
  secondsOfDay(session.lastSeenAt),
  plain(session.subject),
  session.server,
  plain(session.client),
  String(session.seq),
  statusOf(session),
];

const list = listDay({
  command: 'sessions',
  explains: `Lists the sessions opened on a UTC day, newest first. A session is one principal's use of one server through one client.
To end one: countersign sessions revoke <session> --reason TEXT`,
  load: async (reader, day) => ({ items: await reader.listSessions(day), damaged: 0 }),
  json: (session: Session) => JSON.stringify(session),
  header: ['SESSION', 'OPENED', 'LAST SEEN', 'WHO', 'SERVER', 'CLIENT', 'CALLS', 'STATUS'],
  row: rowOf,
  none: 'No sessions were opened',
  hint: 'Show one: countersign replay <session>',
});

export const sessions = async (args: readonly string[]): Promise<number> =>
  args[0] === 'revoke' ? (await import('./revoke.ts')).revoke(args.slice(1)) : list(args);
