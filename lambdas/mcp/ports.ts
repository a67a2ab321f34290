// What the mcp function needs from outside, by type only.

import type { EndWait, StartMachine } from '../adapters/approval-machine.ts';
import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { Approvals } from '../adapters/dynamo-approvals.ts';
import type { Records } from '../adapters/dynamo-records.ts';
import type { Runs } from '../adapters/dynamo-runs.ts';
import type { SealedUntil } from '../adapters/dynamo-sealing-progress.ts';
import type { SealedContent, SealingKey } from '../adapters/jwe-sealer.ts';
import type { ContentKeys } from '../adapters/kms-content-keys.ts';
import type { HeldKeys } from '../adapters/kms-held-keys.ts';
import type { Bodies } from '../adapters/s3-bodies.ts';
import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { UpstreamCredentials } from '../adapters/upstream-credentials.ts';
import type { Upstream } from '../adapters/upstream-http.ts';
import type { GatewayRecord } from '../core/ledger/entry.ts';
import type { Work } from '../core/masking/work.ts';
import type { Policy } from '../core/policy/policy.ts';
import type { Clock } from '../core/time.ts';
import type { GatewayConfig } from '../gateway-config.ts';
import type { Masking } from './masking.ts';
import type { IntentSigner } from './strict-tier.ts';

export interface McpPorts {
  readonly config: GatewayConfig;
  /** `sha256:<hex>` of the configuration, stamped on every entry. */
  readonly configDigest: string;
  readonly policy: Policy;
  readonly gateway: GatewayRecord;
  readonly records: Records;
  readonly approvals: Approvals;
  readonly startMachine: StartMachine;
  readonly endWait: EndWait;
  readonly runs: Runs;
  readonly heldKeys: HeldKeys;
  /** Public base URL, for links to the console. */
  readonly publicUrl: string;
  readonly bodies: Bodies;
  readonly contentKeys: ContentKeys;
  readonly seal: (key: SealingKey, plaintext: Uint8Array) => Work<SealedContent>;
  readonly intentSigner: IntentSigner;
  /** Signed intents of strict calls, in the locked bucket. */
  readonly lockedIntents: Pick<EvidenceLog, 'putOnce'>;
  readonly sealedUntil: SealedUntil;
  /** `null`: answers are handed on as they are. */
  readonly masking: Masking | null;
  readonly upstream: Upstream;
  readonly credentials: UpstreamCredentials;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
}
