// What the opener needs from outside, by type only.

import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { WrappedKey } from '../adapters/dynamo-items.ts';
import type { RecordsReader } from '../adapters/dynamo-reader.ts';
import type { EntryAppender } from '../adapters/dynamo-records.ts';
import type { WrappedKeys } from '../adapters/dynamo-wrapped-keys.ts';
import type { StoredBodies } from '../adapters/s3-bodies.ts';
import type { SitePorts } from '../console/site.ts';
import type { StampPorts } from '../console/stamp.ts';
import type { UnwrappedKey } from '../core/ledger/content-keys.ts';

export interface OpenerPorts extends SitePorts, StampPorts {
  readonly records: Pick<RecordsReader, 'loadExchanges'>;
  readonly entries: EntryAppender;
  readonly wrappedKeys: Pick<WrappedKeys, 'ofSession'>;
  /** Asks KMS; rejects when it does not unwrap the key. */
  readonly unwrap: (key: WrappedKey) => Promise<UnwrappedKey>;
  readonly bodies: StoredBodies;
  readonly diagnostics: Diagnostics;
}
