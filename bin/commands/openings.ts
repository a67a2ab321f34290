// `countersign openings`: who had recorded content opened on a day, and why.

import { listDay, loadEntriesOf, type ReadLine } from './day-listing.ts';
import { plain, timeOfDay } from './text.ts';

const rowOf = ({ entry }: ReadLine<'evidence.read' | 'content.opened'>): readonly string[] =>
  entry.type === 'content.opened'
    ? [
        ...[timeOfDay(entry.ts), plain(entry.actor.sub), 'in the console'],
        ...[`exchange ${entry.seq} of ${entry.sid}`, plain(entry.reason)],
      ]
    : [
        ...[timeOfDay(entry.ts), plain(entry.reader.arn), 'keys unwrapped'],
        ...[sessionsText(entry.sessions), plain(entry.reason)],
      ];

const sessionsText = ([first = '', ...others]: readonly string[]): string =>
  others.length === 0 ? first : `${first} and ${others.length} more`;

export const openings = listDay({
  command: 'openings',
  explains: `Lists who had recorded content opened on a UTC day, and why: in the console, one exchange at a time (content.opened), or by
having keys of sessions unwrapped (evidence.read).`,
  load: loadEntriesOf(['evidence.read', 'content.opened']),
  json: ({ line }) => line,
  header: ['TIME', 'WHO', 'HOW', 'WHAT', 'WHY'],
  row: rowOf,
  none: 'Nobody had content opened',
  hint: 'KMS has each use of the content key in CloudTrail, to be compared with this',
});
