// The keys of an open log: which one is in force, and what the entries about keys that no signed checkpoint covers yet
// ask of the next checkpoint: objects to be written before it, and whose signatures it carries.

import { createPublicKey } from 'node:crypto';
import type { Entry, Genesis, KeyRegistration, KeyRevocation, KeyRotation } from '../core/ledger/entry.ts';
import { keyFilesOf } from '../core/ledger/key-files.ts';
import {
  formatSignature,
  formatVerifierKey,
  keyIdOf,
  type Note,
  rawPublicKey,
  type Verifier,
  verifyNote,
} from '../core/ledger/note.ts';
import type { CheckpointKey, SealerPorts } from './ports.ts';
import { SealerError } from './sealer-error.ts';

/** The key that signs, as the locked bucket says. */
export interface KeyInForce {
  readonly vkey: string;
  readonly keyId: string;
}

type KeyEntry = Genesis | KeyRegistration | KeyRotation | KeyRevocation;

const isKeyEntry = (entry: Entry): entry is KeyEntry =>
  entry.type === 'key.genesis' ||
  entry.type === 'key.registered' ||
  entry.type === 'key.rotated' ||
  entry.type === 'key.revoked';

export class LogKeys {
  #inForce: KeyInForce | undefined;
  /** Entries about keys that no signed checkpoint covers yet, with their index. */
  #unsigned: { readonly entry: KeyEntry; readonly index: number }[] = [];

  constructor(inForce?: KeyInForce) {
    this.#inForce = inForce;
  }

  get inForce(): KeyInForce | undefined {
    return this.#inForce;
  }

  /** Learns of a line of the log, in the order of the log. */
  line(line: string, index: number): void {
    if (!line.includes('"type":"key.')) return;
    const entry = JSON.parse(line) as Entry;
    if (!isKeyEntry(entry)) return;
    this.#unsigned.push({ entry, index });
    if (entry.type === 'key.genesis') this.#inForce = { vkey: entry.checkpointKey, keyId: entry.keyId };
    if (entry.type === 'key.rotated') this.#inForce = { vkey: entry.next, keyId: entry.keyId };
  }

  /** Whether a revocation of this key waits to be signed. */
  isBeingRevoked(vkey: string): boolean {
    return this.#unsigned.some(({ entry }) => entry.type === 'key.revoked' && entry.key === vkey);
  }

  /** Verifier keys that have to sign the next checkpoint: the one in force, and each that it takes over from. */
  get signers(): readonly string[] {
    if (this.#inForce === undefined) throw new SealerError('KEY_UNUSABLE', 'The log names no key');
    const before = this.#unsigned.flatMap(({ entry }) => (entry.type === 'key.rotated' ? [entry.previous] : []));
    return [...before.filter((vkey) => !this.isBeingRevoked(vkey)), this.#inForce.vkey];
  }

  /** Objects that must lie in the bucket before the next checkpoint does. */
  get files() {
    return this.#unsigned.flatMap(({ entry, index }) => keyFilesOf(entry, index));
  }

  /** The entries so far are signed. */
  signed(): void {
    this.#unsigned = [];
  }
}

/** A key with its public half, as KMS gives it. */
export interface OpenedKey extends Verifier {
  readonly vkey: string;
  readonly key: CheckpointKey;
}

export const openKey = async ({ origin }: SealerPorts, key: CheckpointKey): Promise<OpenedKey> => {
  const spki = await key.signer.publicKey();
  const raw = rawPublicKey(spki);
  if (raw === undefined) throw new SealerError('KEY_UNUSABLE', `${key.keyId} is not an Ed25519 key`);
  const publicKey = createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' });
  return { name: origin, keyId: keyIdOf(origin, raw), publicKey, vkey: formatVerifierKey(origin, raw), key };
};

/**
 * Which key was in force when a note was signed: the youngest that signed it. `undefined` when a key of this log signed
 * that this deployment does not have: then only the entries can say.
 */
export const keyOfNote = async (ports: SealerPorts, note: Note): Promise<KeyInForce | undefined> => {
  let unread = note.signatures.filter(({ name }) => name === ports.origin).map(({ keyId }) => keyId);
  let inForce: KeyInForce | undefined;
  for (const key of ports.keys.toReversed()) {
    if (unread.length === 0) break;
    const opened = await openOlder(ports, key);
    if (opened === undefined || !unread.includes(opened.keyId)) continue;
    if (!verifyNote(note, opened).ok) return undefined;
    inForce ??= { vkey: opened.vkey, keyId: key.keyId };
    unread = unread.filter((keyId) => keyId !== opened.keyId);
  }
  return unread.length === 0 ? inForce : undefined;
};

/** A key that was deleted or disabled has no public half to give; one that is to sign must have. */
const openOlder = async (ports: SealerPorts, key: CheckpointKey): Promise<OpenedKey | undefined> => {
  if (key === ports.keys.at(-1)) return openKey(ports, key);
  try {
    return await openKey(ports, key);
  } catch (cause) {
    ports.diagnostics.error(`The public key of ${key.keyId} cannot be had`, cause);
    return undefined;
  }
};

/** Signs a text with every key that has to. */
export const signWith = async (ports: SealerPorts, signers: readonly string[], text: string): Promise<string> => {
  let note = `${text}\n`;
  for (const vkey of signers) {
    const key = await findKey(ports, vkey);
    const signature = await key.key.signer.sign(text);
    note += formatSignature({ name: key.name, keyId: key.keyId, signature });
  }
  return note;
};

/** The key that signs now, with its public half. */
export const keyInForce = (ports: SealerPorts, keys: LogKeys): Promise<OpenedKey> =>
  findKey(ports, keys.inForce?.vkey ?? '');

const findKey = async (ports: SealerPorts, vkey: string): Promise<OpenedKey> => {
  for (const key of ports.keys.toReversed()) {
    const opened = await openOlder(ports, key);
    if (opened?.vkey === vkey) return opened;
  }
  throw new SealerError(
    'KEY_UNAVAILABLE',
    `The next checkpoint needs a signature by ${vkey}, and no key of this deployment can give it. If that key is lost, revoke it (log.revokedKeys, docs/operations.md); nothing is lost meanwhile, entries are sealed and not yet signed`,
  );
};
