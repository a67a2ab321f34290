// What the sealer needs from outside, by type only.

import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { SealingQueue } from '../adapters/dynamo-sealing.ts';
import type { Signer } from '../adapters/kms-signer.ts';
import type { Metrics } from '../adapters/metrics.ts';
import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { GatewayRecord } from '../core/ledger/entry.ts';
import type { Clock } from '../core/time.ts';

export interface SealerPorts {
  /** Origin of the log: the first line of every checkpoint. */
  readonly origin: string;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  /** Name of the checkpoint key for the genesis entry, e.g. its ARN. */
  readonly checkpointKeyId: string;
  readonly queue: SealingQueue;
  readonly log: EvidenceLog;
  readonly signer: Signer;
  /** The key that signs intents of strict calls: to be put on record, not to sign with. */
  readonly intentKey: Pick<Signer, 'publicKey'> & { readonly keyId: string };
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
}
