// What the locked bucket holds about the keys of a log, beside the entries that say the same: for people and for tools
// that want a key as a file. Made from the entry alone, so that whoever has the log can tell a true one. Pure.

import type { Genesis, KeyRegistration, KeyRevocation, KeyRotation } from './entry.ts';
import { canonicalJson } from './jcs.ts';
import { KEY_PREFIX } from './log-layout.ts';
import { parseVerifierKey } from './note.ts';

/** The fields of an entry that puts a key on record or takes it off. */
export type KeyFact =
  | Pick<Genesis, 'type' | 'checkpointKey' | 'keyId'>
  | Pick<KeyRotation, 'type' | 'previous' | 'next' | 'keyId'>
  | Pick<KeyRevocation, 'type' | 'key' | 'upTo' | 'reason' | 'by'>;

/** With the keys that sign something other than checkpoints, which have objects too. */
export type AnyKeyFact = KeyFact | Pick<KeyRegistration, 'type' | 'use' | 'vkey' | 'keyId'>;

export interface KeyFile {
  readonly name: string;
  readonly text: string;
}

/** What a key is for. */
type KeyUse = 'checkpoint' | KeyRegistration['use'];

/** Objects that belong to the key entry at `index`. */
export const keyFilesOf = (fact: AnyKeyFact, index: number): readonly KeyFile[] => {
  switch (fact.type) {
    case 'key.genesis':
      return publicKeyFiles('checkpoint', fact.checkpointKey, fact.keyId, index);
    case 'key.rotated':
      return publicKeyFiles('checkpoint', fact.next, fact.keyId, index);
    case 'key.registered':
      // It comes by way of the table: what is no intent key has no objects.
      return fact.use === 'intent' && parseVerifierKey(fact.vkey).ok
        ? publicKeyFiles(fact.use, fact.vkey, fact.keyId, index)
        : [];
    case 'key.revoked': {
      const { key, upTo, reason, by } = fact;
      return [{ name: revokedFileName(key), text: textOf({ v: 1, key, entry: String(index), upTo, reason, by }) }];
    }
  }
};

const publicKeyFiles = (use: KeyUse, key: string, keyId: string, index: number): readonly KeyFile[] => [
  { name: fileName(key, 'json'), text: textOf({ v: 1, use, key, keyId, entry: String(index) }) },
  { name: fileName(key, 'pem'), text: pemOf(key) },
];

const textOf = (value: object): string => `${canonicalJson(value)}\n`;

/** The second part of a verifier key is its id, eight hex digits. */
const fileName = (vkey: string, ending: string): string => `${KEY_PREFIX}${vkey.split('+')[1]}.${ending}`;

/** Present exactly when the key was revoked. */
export const revokedFileName = (vkey: string): string => fileName(vkey, 'revoked.json');

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** SubjectPublicKeyInfo (RFC 8410) in PEM, as OpenSSL reads it. */
const pemOf = (vkey: string): string => {
  // Base64 has plus signs of its own; its first byte names the algorithm.
  const key = Buffer.from(vkey.split('+').slice(2).join('+'), 'base64').subarray(1);
  const der = Buffer.concat([SPKI_PREFIX, key]).toString('base64');
  return `-----BEGIN PUBLIC KEY-----\n${der}\n-----END PUBLIC KEY-----\n`;
};
