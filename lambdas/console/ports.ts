// What the console needs from outside, by type only.

import type { EndWait } from '../adapters/approval-machine.ts';
import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { Approvals } from '../adapters/dynamo-approvals.ts';
import type { RecordsReader } from '../adapters/dynamo-reader.ts';
import type { EntryAppender } from '../adapters/dynamo-records.ts';
import type { SealedContent, SealingKey } from '../adapters/jwe-sealer.ts';
import type { ContentKey } from '../adapters/kms-content-keys.ts';
import type { HeldKeys } from '../adapters/kms-held-keys.ts';
import type { SignInProvider } from '../adapters/oidc-sign-in.ts';
import type { SealedCookies } from '../adapters/sealed-cookies.ts';
import type { GatewayRecord } from '../core/ledger/entry.ts';
import type { Clock } from '../core/time.ts';
import type { GatewayConfig } from '../gateway-config.ts';

export interface ConsolePorts {
  readonly config: GatewayConfig;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  readonly publicUrl: string;
  readonly approvals: Approvals;
  readonly entries: EntryAppender;
  /** `null` where nobody sees sessions here. */
  readonly records: RecordsReader | null;
  readonly endWait: EndWait;
  readonly heldKeys: HeldKeys;
  /** A data key for what people write about a request, durable before it is used. */
  readonly wordsKey: (approvalId: string) => Promise<ContentKey>;
  readonly seal: (key: SealingKey, plaintext: Uint8Array) => SealedContent;
  readonly signIn: SignInProvider;
  readonly cookies: SealedCookies;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
}
