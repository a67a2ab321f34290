// What stands in every entry of the sealer's own.

import type { EntryStamp } from '../core/ledger/entry.ts';
import { toTimestamp } from '../core/time.ts';
import type { SealerPorts } from './ports.ts';

export const stampOf = ({ origin, configDigest, gateway, clock, newId }: SealerPorts): EntryStamp => ({
  v: 1,
  log: origin,
  id: newId(),
  ts: toTimestamp(clock.now()),
  config: configDigest,
  gw: gateway,
});
