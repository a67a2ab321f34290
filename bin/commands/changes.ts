// `countersign changes`: when another configuration came into force.

import { listDay, loadEntriesOf } from './day-listing.ts';
import { timeOfDay } from './text.ts';

export const changes = listDay({
  command: 'changes',
  explains: 'Lists the configuration changes of a UTC day (policy.changed): the digest until then, and the one since.',
  load: loadEntriesOf(['policy.changed']),
  json: ({ line }) => line,
  header: ['TIME', 'UNTIL THEN', 'SINCE'],
  row: ({ entry }) => [timeOfDay(entry.ts), entry.previous ?? 'none', entry.current],
  none: 'The configuration did not change',
});
