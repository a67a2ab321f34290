// What the notifier needs from outside, by type only.

import type { EndWait } from '../adapters/approval-machine.ts';
import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { Approvals } from '../adapters/dynamo-approvals.ts';
import type { EntryAppender } from '../adapters/dynamo-records.ts';
import type { SendEmail } from '../adapters/email.ts';
import type { Secrets } from '../adapters/secrets.ts';
import type { SendSlack } from '../adapters/slack.ts';
import type { GatewayRecord } from '../core/ledger/entry.ts';
import type { Clock } from '../core/time.ts';
import type { GatewayConfig } from '../gateway-config.ts';

export interface NotifierPorts {
  readonly config: GatewayConfig;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  readonly publicUrl: string;
  readonly approvals: Approvals;
  readonly entries: EntryAppender;
  readonly endWait: EndWait;
  readonly sendEmail: SendEmail;
  readonly sendSlack: SendSlack;
  readonly secrets: Secrets;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
}
