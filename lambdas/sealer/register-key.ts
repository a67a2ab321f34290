// Puts the intent key on record as soon as the sealer knows it: a reader of the log learns from it which signatures of
// intents to believe. Once for each key, however many sealers start and however long ago it was.

import { toWalEntry } from '../core/ledger/line.ts';
import { formatVerifierKey, rawPublicKey } from '../core/ledger/note.ts';
import { intentKeyName } from '../core/ledger/strict-intent.ts';
import type { SealerPorts } from './ports.ts';
import { stampOf } from './stamp.ts';

/** Settles once the key is on record; asks the table once per process. */
export const makeKeyRegistration = (ports: SealerPorts): (() => Promise<void>) => {
  let registered = false;
  return async () => {
    if (registered) return;
    const vkey = await verifierKeyOf(ports);
    if (vkey === undefined) return;
    const { keyId } = ports.intentKey;
    const entry = toWalEntry({ ...stampOf(ports), type: 'key.registered', use: 'intent', vkey, keyId });
    await ports.queue.appendOnce(`registered#${vkey}`, entry);
    registered = true;
  };
};

/** An intent key that cannot be had must not keep the log from being sealed: the next run tries again. */
const verifierKeyOf = async ({ intentKey, origin, diagnostics }: SealerPorts): Promise<string | undefined> => {
  try {
    const raw = rawPublicKey(await intentKey.publicKey());
    if (raw === undefined) throw new TypeError('The intent key is not an Ed25519 key');
    return formatVerifierKey(intentKeyName(origin), raw);
  } catch (cause) {
    diagnostics.error('The intent key could not be put on record', cause);
    return undefined;
  }
};
