// Whether a text is a C2SP verifier key of one algorithm. Synth may not import the runtime's reader of keys, and a key that
// only the running function found wrong would stop it: so the rule stands here too, and a test holds the two together.
import { createHash } from 'node:crypto';

/** Algorithm bytes: a log's Ed25519 signatures, a witness's timestamped cosignatures. */
export const LOG_KEY = 0x01;
export const WITNESS_KEY = 0x04;

const FORM = /^([^\s\u0085+]{1,200})\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})$/;

/** `<name>+<key id>+<base64(algorithm || public key)>`, the key id being the hash that it must be. */
export const isVerifierKey = (text: string, algorithm: number): boolean => {
  const [, name = '', keyId, encoded = ''] = FORM.exec(text) ?? [];
  const key = Buffer.from(encoded, 'base64');
  if (key.length !== 33 || key[0] !== algorithm || key.toString('base64') !== encoded) return false;
  return createHash('sha256').update(`${name}\n`).update(key).digest('hex').startsWith(String(keyId));
};
