// `countersign tampering`: what the watcher saw done to the ledger table on a day.

import { listDay, loadEntriesOf, type ReadLine } from './day-listing.ts';
import { timeOfDay } from './text.ts';

const rowOf = ({ entry }: ReadLine<'tamper.suspected'>): readonly string[] => [
  'event' in entry ? timeOfDay(entry.event.at, 's') : timeOfDay(entry.ts, 's'),
  entry.detail,
  `${entry.item.partition} ${entry.item.sort}`,
  'event' in entry ? entry.changed.join(' ') : '',
  'event' in entry && entry.line !== null ? 'kept' : '',
];

export const tampering = listDay({
  command: 'tampering',
  explains: `Lists changes of the ledger table on a UTC day that neither the sealer nor time to live made (tamper.suspected).
"kept": the entry that was lost with the change stands in the suspicion; --json shows it.`,
  load: loadEntriesOf(['tamper.suspected'], (reader, day) => reader.loadSuspicions(day)),
  json: ({ line }) => line,
  header: ['TIME', 'WHAT', 'ITEM', 'CHANGED', 'LOST ENTRY'],
  row: rowOf,
  none: 'Nobody else changed the ledger table',
  hint: 'Who did it: CloudTrail data events of the table, at these times',
});
