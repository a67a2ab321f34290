// What the keeper needs from outside, by type only.

import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { KeptSessions } from '../adapters/dynamo-keeping.ts';
import type { Records } from '../adapters/dynamo-records.ts';
import type { GatewayRecord } from '../core/ledger/entry.ts';
import type { Clock } from '../core/time.ts';
import type { GatewayConfig } from '../gateway-config.ts';

export interface KeeperPorts {
  /** Origin of the log. */
  readonly origin: string;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  readonly limits: GatewayConfig['sessions'];
  /** A call without outcome, or a number without intent, is recorded as such after this long. Longer than a function lives. */
  readonly settleSeconds: number;
  readonly sessions: KeptSessions;
  readonly records: Pick<Records, 'commit'>;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
}
