// Data keys of recorded content, once they are unwrapped: how a key is split, how a body is opened, and the file that an
// authorised person hands to the verifier. Pure. The file opens what it names: it is a secret.

import {
  createDecipheriv,
  createHash,
  createHmac,
  createSecretKey,
  hkdfSync,
  type KeyObject,
  timingSafeEqual,
} from 'node:crypto';
import { isObject } from '../mcp/json.ts';
import { err, ok, type Result } from '../result.ts';

export interface SplitKey {
  /** A256GCM key. */
  readonly sealing: KeyObject;
  /** HMAC-SHA-256 key of the plaintext commitments. */
  readonly committing: KeyObject;
  /** HMAC-SHA-256 key of the commitments to masked values. */
  readonly masking: KeyObject;
}

// One data key, three uses: HKDF (RFC 5869) keeps a commitment key from being the encryption key.
const derive = (dataKey: Uint8Array, use: keyof SplitKey): KeyObject =>
  createSecretKey(Buffer.from(hkdfSync('sha256', dataKey, new Uint8Array(0), `countersign/v1/${use}`, 32)));

/** Splits a plaintext data key into its uses. */
export const splitDataKey = (dataKey: Uint8Array): SplitKey => ({
  sealing: derive(dataKey, 'sealing'),
  committing: derive(dataKey, 'committing'),
  masking: derive(dataKey, 'masking'),
});

/** The name of a data key: the digest of its wrapped form. */
export const kidOf = (wrapped: Uint8Array): string => `sha256:${createHash('sha256').update(wrapped).digest('hex')}`;

/** The protected header of every body, before base64url. */
export const jweHeader = (kid: string): string => JSON.stringify({ alg: 'dir', enc: 'A256GCM', kid });

const IV_BYTES = 12;
const TAG_BYTES = 16;

export type OpenFault = { readonly reason: 'not_jwe' | 'unopened'; readonly detail: string };

/** Opens a JWE compact of ours (RFC 7516 section 5.2): `dir`, A256GCM, exactly the header that a gateway writes. */
export const openJwe = (jwe: string, kid: string, { sealing }: SplitKey): Result<Buffer, OpenFault> => {
  const parts = jwe.split('.');
  const [header = '', key, iv, ciphertext, tag] = parts;
  if (parts.length !== 5 || key !== '') return err({ reason: 'not_jwe', detail: 'not five parts, the second empty' });
  if (header !== Buffer.from(jweHeader(kid)).toString('base64url')) {
    return err({ reason: 'not_jwe', detail: 'its header is not dir, A256GCM and the key that the entry names' });
  }
  const [ivBytes, sealed, tagBytes] = [iv, ciphertext, tag].map((part) => Buffer.from(part ?? '', 'base64url'));
  if (ivBytes?.length !== IV_BYTES || tagBytes?.length !== TAG_BYTES || sealed === undefined) {
    return err({ reason: 'not_jwe', detail: 'its initialization vector or tag has another length' });
  }
  try {
    const decipher = createDecipheriv('aes-256-gcm', sealing, ivBytes, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(header, 'ascii'));
    decipher.setAuthTag(tagBytes);
    return ok(Buffer.concat([decipher.update(sealed), decipher.final()]));
  } catch {
    return err({ reason: 'unopened', detail: 'the tag does not verify under this key' });
  }
};

/** Whether `pt` (`hmac-sha256:<hex>`) is the commitment to these bytes. GCM alone does not commit to its key. */
export const commitsTo = (pt: string, plaintext: Uint8Array, { committing }: SplitKey): boolean => {
  const expected = createHmac('sha256', committing).update(plaintext).digest();
  const stated = Buffer.from(pt.replace(/^hmac-sha256:/, ''), 'hex');
  return stated.length === expected.length && timingSafeEqual(stated, expected);
};

export interface UnwrappedKey {
  /** `sha256:<hex>` of the wrapped key. */
  readonly kid: string;
  readonly sid: string;
  /** Base64 of the 32 bytes. */
  readonly key: string;
}

const VERSION = 1;
const KEY_BYTES = 32;
const KID = /^sha256:[0-9a-f]{64}$/;
const SID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export const formatContentKeys = (log: string, keys: readonly UnwrappedKey[]): string => {
  const sorted = keys.toSorted((a, b) => (a.kid < b.kid ? -1 : 1));
  const byKid = Object.fromEntries(sorted.map(({ kid, sid, key }) => [kid, { sid, key }]));
  return `${JSON.stringify({ v: VERSION, log, keys: byKid }, null, 2)}\n`;
};

/** Reads the file of unwrapped keys of the log `origin`; the error says what was expected. */
export const parseContentKeys = (text: string, origin: string): Result<readonly UnwrappedKey[], string> => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return err('it is not JSON');
  }
  if (!isObject(value) || value['v'] !== VERSION || !isObject(value['keys'])) {
    return err(`expected an object with "v": ${VERSION}, "log" and "keys"`);
  }
  if (value['log'] !== origin) return err(`it holds keys of ${JSON.stringify(value['log'])}, the log is ${origin}`);
  const keys = Object.entries(value['keys']).map(([kid, entry]) => readKey(kid, entry));
  const wrong = keys.find((key) => typeof key === 'string');
  return wrong === undefined ? ok(keys.filter((key) => typeof key !== 'string')) : err(wrong);
};

const readKey = (kid: string, entry: unknown): UnwrappedKey | string => {
  const { sid, key } = isObject(entry) ? entry : {};
  if (!KID.test(kid)) return `"${kid.slice(0, 80)}" is not sha256: and 64 hex digits`;
  if (typeof sid !== 'string' || !SID.test(sid)) return `the "sid" of ${kid} is not a session id`;
  const bytes = typeof key === 'string' ? Buffer.from(key, 'base64') : Buffer.of();
  if (typeof key !== 'string' || bytes.length !== KEY_BYTES || bytes.toString('base64') !== key) {
    return `the "key" of ${kid} is not base64 of ${KEY_BYTES} bytes`;
  }
  return { kid, sid, key };
};
