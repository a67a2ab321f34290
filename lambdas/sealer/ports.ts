// What the sealer needs from outside, by type only.

import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { EndedSessions } from '../adapters/dynamo-ended.ts';
import type { SealingQueue } from '../adapters/dynamo-sealing.ts';
import type { WitnessMemories } from '../adapters/dynamo-witness-memory.ts';
import type { Signer } from '../adapters/kms-signer.ts';
import type { Metrics } from '../adapters/metrics.ts';
import type { EvidenceLog } from '../adapters/s3-evidence-log.ts';
import type { TileStore } from '../adapters/s3-tiles.ts';
import type { WitnessClient } from '../adapters/witness-http.ts';
import type { GatewayRecord } from '../core/ledger/entry.ts';
import type { Clock } from '../core/time.ts';

export interface CheckpointKey {
  /** Where the key lives, e.g. its ARN. */
  readonly keyId: string;
  readonly signer: Signer;
}

export interface DeclaredRevocation {
  readonly keyId: string;
  /** Entries under the last checkpoint of this key that is believed; `null`: all that it signed. */
  readonly upTo: number | null;
  readonly reason: string;
  readonly by: string;
}

export interface SealerPorts {
  /** Origin of the log: the first line of every checkpoint. */
  readonly origin: string;
  readonly configDigest: string;
  readonly gateway: GatewayRecord;
  /** Every generation of the checkpoint key, oldest first. The last one is to sign; the log says which one does. */
  readonly keys: readonly CheckpointKey[];
  /** Keys that the operators declared lost or misused. */
  readonly revokedKeys: readonly DeclaredRevocation[];
  readonly queue: SealingQueue;
  readonly ended: EndedSessions;
  readonly log: EvidenceLog;
  readonly tiles: TileStore;
  /** The bucket of the second copy. */
  readonly copies: EvidenceLog;
  /** The key that signs intents of strict calls: to be put on record, not to sign with. */
  readonly intentKey: Pick<Signer, 'publicKey'> & { readonly keyId: string };
  /** Whom the signed checkpoints are shown to; none is no error. */
  readonly witnesses: readonly WitnessClient[];
  readonly memories: WitnessMemories;
  readonly clock: Clock;
  readonly newId: () => string;
  readonly diagnostics: Diagnostics;
  readonly metrics: Metrics;
}
