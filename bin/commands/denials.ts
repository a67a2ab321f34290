// `countersign denials`: the refused requests of a day, with the reason that the caller was not told.

import { listDay, loadEntriesOf, type ReadLine } from './day-listing.ts';
import { plain, timeOfDay } from './text.ts';

type Refused = ReadLine<'auth.denied' | 'call.denied'>;

const rowOf = ({ entry }: Refused): readonly string[] => {
  const { reason, ...facts } = entry.denial;
  return [
    timeOfDay(entry.ts),
    plain(whoOf(entry)),
    entry.server ?? '-',
    entry.sent,
    reason,
    plain(JSON.stringify(facts)),
  ];
};

const whoOf = (entry: Refused['entry']): string => {
  if (entry.type === 'call.denied') return entry.actor.sub;
  return entry.unverified === null ? '-' : `"${String(entry.unverified['sub'] ?? '?')}" (unverified)`;
};

export const denials = listDay({
  command: 'denials',
  explains: 'Lists refused requests of a UTC day: bad tokens (auth.denied) and refused calls (call.denied).',
  load: loadEntriesOf(['auth.denied', 'call.denied']),
  json: ({ line }) => line,
  header: ['TIME', 'WHO', 'SERVER', 'ANSWER', 'REASON', 'DETAIL'],
  row: rowOf,
  none: 'No requests were refused',
});
