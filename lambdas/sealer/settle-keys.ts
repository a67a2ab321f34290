// What the deployment says about keys against what the log says: a declared revocation that is not in the log becomes an
// entry, and so does another key to sign with. Both are decided again after every write, so that a lost race is harmless.

import type { Entry, EntryStamp } from '../core/ledger/entry.ts';
import { revokedFileName } from '../core/ledger/key-files.ts';
import { KEY_PREFIX } from '../core/ledger/log-layout.ts';
import { openKey } from './log-keys.ts';
import type { OpenLog } from './open-log.ts';
import type { DeclaredRevocation, SealerPorts } from './ports.ts';
import { SealerError } from './sealer-error.ts';

/** Entries that are due, to be written in one segment; empty when log and deployment agree. */
export const dueKeyEntries = async (
  ports: SealerPorts,
  log: OpenLog,
  stamp: () => EntryStamp,
): Promise<readonly Entry[]> => {
  const revocations = await dueRevocations(ports, log, stamp);
  const current = ports.keys.at(-1);
  const { inForce } = log.keys;
  if (current === undefined || inForce === undefined || inForce.keyId === current.keyId) return revocations;
  requireSuccessor(ports, inForce.keyId);
  const { vkey: next } = await openKey(ports, current);
  const rotation: Entry = {
    ...stamp(),
    type: 'key.rotated',
    previous: inForce.vkey,
    next,
    keyId: current.keyId,
  };
  return [...revocations, rotation];
};

/** A rotation goes forward only: an older deployment that still runs, or was brought back, must not undo it. */
const requireSuccessor = ({ keys }: SealerPorts, inForce: string): void => {
  if (keys.some(({ keyId }) => keyId === inForce)) return;
  throw new SealerError(
    'KEY_UNKNOWN',
    `The log is signed by ${inForce}, which this deployment does not have. log.keyGeneration only counts up: deploy the newer configuration again`,
  );
};

const dueRevocations = async (ports: SealerPorts, log: OpenLog, stamp: () => EntryStamp): Promise<readonly Entry[]> => {
  const due: Entry[] = [];
  for (const declared of ports.revokedKeys) {
    const key = await recordedKey(ports, log, declared.keyId);
    // A key that never was on record has signed nothing of this log.
    if (key === undefined || (await isRevoked(ports, log, key))) continue;
    due.push(revocation(declared, key, log, stamp()));
  }
  return due;
};

const revocation = ({ upTo, reason, by }: DeclaredRevocation, key: string, log: OpenLog, stamp: EntryStamp): Entry => ({
  ...stamp,
  type: 'key.revoked',
  key,
  // No more than there is: of entries to come it must not be believed in any case.
  upTo: String(Math.min(upTo ?? log.edge.size, log.edge.size)),
  reason,
  by,
});

const isRevoked = async ({ log: bucket }: SealerPorts, log: OpenLog, vkey: string): Promise<boolean> =>
  log.keys.isBeingRevoked(vkey) || (await bucket.get(revokedFileName(vkey))) !== undefined;

/** The verifier key of a KMS key, from the log or from the locked objects about keys: KMS may have lost it. */
const recordedKey = async (
  { log: bucket }: SealerPorts,
  { keys: { inForce } }: OpenLog,
  keyId: string,
): Promise<string | undefined> => {
  if (inForce?.keyId === keyId) return inForce.vkey;
  for await (const name of bucket.listAfter(KEY_PREFIX, KEY_PREFIX)) {
    if (!/\/[0-9a-f]{8}\.json$/.test(name)) continue;
    const recorded = JSON.parse(Buffer.from((await bucket.get(name)) ?? '').toString('utf8')) as Record<string, string>;
    if (recorded['keyId'] === keyId) return recorded['key'];
  }
  return undefined;
};
