// Signed notes and checkpoints (C2SP signed-note and tlog-checkpoint). Ed25519 only. Pure.
//
//     mcp.sample-bank.example/countersign
//     5120
//     L+0bXWnXdXZfNXf5rYvyJ4Hkw0o0pXGqL0s7Rk0uQn8=
//
//     — mcp.sample-bank.example/countersign Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=

import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import type { TreeHead } from './merkle.ts';

/** Algorithm bytes in key ids and verifier keys: a log's Ed25519 signatures, and a witness's timestamped cosignatures. */
const ED25519 = 0x01;
export const COSIGNATURE_V1 = 0x04;
type Algorithm = typeof ED25519 | typeof COSIGNATURE_V1;

const KEY_ID_BYTES = 4;
const SIGNATURE_BYTES = 64;
const PUBLIC_KEY_BYTES = 32;
/** Room for 16 post-quantum signatures of 5 kB; bounds what a hostile file can make us do. KMS signs at most 4096 bytes. */
export const MAX_NOTE_BYTES = 128 * 1024;
const MAX_SIGNATURES = 16;
const SIGNATURE_PREFIX = '\u2014 ';

export interface NoteSignature {
  readonly name: string;
  /** Four bytes, hex. */
  readonly keyId: string;
  readonly signature: Uint8Array;
}

export interface Note {
  /** Everything that is signed, its last newline included. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

export interface Verifier {
  readonly name: string;
  readonly keyId: string;
  readonly publicKey: KeyObject;
}

export type NoteFault =
  | { readonly reason: 'note_malformed'; readonly detail: string }
  | { readonly reason: 'key_malformed'; readonly detail: string }
  | { readonly reason: 'signature_missing'; readonly name: string }
  | { readonly reason: 'signature_wrong'; readonly name: string }
  | { readonly reason: 'checkpoint_malformed'; readonly detail: string }
  | { readonly reason: 'origin_mismatch'; readonly expected: string; readonly got: string };

const malformed = (detail: string): Result<never, NoteFault> => err({ reason: 'note_malformed', detail });

/** Key names hold no Unicode space (U+0085 is one that \s leaves out) and no plus sign (signed-note, "Format"). */
const isName = (name: string): boolean => name.length > 0 && name.length <= 200 && !/[\s\u0085+]/u.test(name);

/** Key id: SHA-256(name || 0x0A || algorithm || public key), its first four bytes, hex. */
export const keyIdOf = (name: string, publicKey: Uint8Array, algorithm: Algorithm = ED25519): string =>
  createHash('sha256')
    .update(`${name}\n`)
    .update(Uint8Array.of(algorithm))
    .update(publicKey)
    .digest()
    .subarray(0, KEY_ID_BYTES)
    .toString('hex');

const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');

/** The 32 bytes of an Ed25519 public key in DER (RFC 8410), as KMS returns it; `undefined` for any other key. */
export const rawPublicKey = (spki: Uint8Array): Uint8Array | undefined => {
  const bytes = Buffer.from(spki);
  const fits =
    bytes.length === SPKI_PREFIX.length + PUBLIC_KEY_BYTES && bytes.subarray(0, SPKI_PREFIX.length).equals(SPKI_PREFIX);
  return fits ? bytes.subarray(SPKI_PREFIX.length) : undefined;
};

/** Verifier key text: `<name>+<key id>+<base64(algorithm || public key)>`. */
export const formatVerifierKey = (name: string, publicKey: Uint8Array, algorithm: Algorithm = ED25519): string => {
  const key = Buffer.concat([Uint8Array.of(algorithm), publicKey]).toString('base64');
  return `${name}+${keyIdOf(name, publicKey, algorithm)}+${key}`;
};

/** Reads a verifier key of one algorithm: a log's key is no witness's key, even where the 32 bytes are the same. */
export const parseVerifierKey = (text: string, algorithm: Algorithm = ED25519): Result<Verifier, NoteFault> => {
  const wrong = (detail: string): Result<never, NoteFault> => err({ reason: 'key_malformed', detail });
  const [name = '', keyId = '', encoded = '', ...rest] = text.trim().split('+');
  // Base64 has plus signs of its own.
  const key = strictBase64([encoded, ...rest].join('+'));
  if (!isName(name)) return wrong('expected <name>+<key id>+<key>, the name without white space');
  if (key === undefined || key.length !== PUBLIC_KEY_BYTES + 1 || key[0] !== algorithm) {
    return wrong(`expected an Ed25519 key: base64 of 0x0${algorithm} and 32 bytes`);
  }
  const publicKey = key.subarray(1);
  const expected = keyIdOf(name, publicKey, algorithm);
  if (keyId !== expected) return wrong(`the key id is ${keyId}, the key itself gives ${expected}`);
  const der = Buffer.concat([SPKI_PREFIX, publicKey]);
  return ok({ name, keyId, publicKey: createPublicKey({ key: der, format: 'der', type: 'spki' }) });
};

/** Decodes base64 that prints back to itself; anything else is `undefined`. */
export const strictBase64 = (text: string): Buffer | undefined => {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
};

/** A signature line, with its newline. */
export const formatSignature = ({ name, keyId, signature }: NoteSignature): string =>
  `${SIGNATURE_PREFIX}${name} ${Buffer.concat([Buffer.from(keyId, 'hex'), signature]).toString('base64')}\n`;

/** A note of one signature. */
export const formatNote = (text: string, name: string, keyId: string, signature: Uint8Array): string =>
  `${text}\n${formatSignature({ name, keyId, signature })}`;

/** Reads a note without trusting it; sizes are the sender's and are bounded before anything else. */
export const parseNote = (bytes: Uint8Array): Result<Note, NoteFault> => {
  if (bytes.length > MAX_NOTE_BYTES) return malformed(`longer than ${MAX_NOTE_BYTES} bytes`);
  const whole = Buffer.from(bytes).toString('utf8');
  if (!Buffer.from(whole, 'utf8').equals(Buffer.from(bytes))) return malformed('not UTF-8');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the format forbids exactly these
  if (/[\u0000-\u0009\u000b-\u001f]/.test(whole)) return malformed('holds control characters');
  const split = whole.lastIndexOf('\n\n');
  if (split < 0 || !whole.endsWith('\n')) return malformed('expected text, an empty line and signatures');
  const lines = whole.slice(split + 2, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) return malformed(`more than ${MAX_SIGNATURES} signatures`);
  const signatures = lines.map(parseSignature);
  if (signatures.some((signature) => signature === undefined)) return malformed('a signature line is not well formed');
  return ok({ text: whole.slice(0, split + 1), signatures: signatures.filter((signature) => signature !== undefined) });
};

const parseSignature = (line: string): NoteSignature | undefined => {
  if (!line.startsWith(SIGNATURE_PREFIX)) return undefined;
  const [name = '', encoded = '', ...rest] = line.slice(SIGNATURE_PREFIX.length).split(' ');
  const bytes = strictBase64(encoded);
  if (rest.length > 0 || !isName(name) || bytes === undefined || bytes.length <= KEY_ID_BYTES) return undefined;
  return { name, keyId: bytes.subarray(0, KEY_ID_BYTES).toString('hex'), signature: bytes.subarray(KEY_ID_BYTES) };
};

/** Checks that `verifier` signed the note. Signatures of keys we do not know are ignored, as the format demands. */
export const verifyNote = (note: Note, verifier: Verifier): Result<Note, NoteFault> => {
  const found = note.signatures.filter(({ name, keyId }) => name === verifier.name && keyId === verifier.keyId);
  if (found.length === 0) return err({ reason: 'signature_missing', name: verifier.name });
  const holds = found.every(
    ({ signature }) =>
      signature.length === SIGNATURE_BYTES &&
      verify(null, Buffer.from(note.text, 'utf8'), verifier.publicKey, signature),
  );
  return holds ? ok(note) : err({ reason: 'signature_wrong', name: verifier.name });
};

export interface Signers<Key extends Verifier> {
  /** Keys whose signature verifies. */
  readonly right: readonly Key[];
  /** Keys that are named and did not sign this text. */
  readonly wrong: readonly Key[];
}

/** Which of the keys signed the note; one that signs it nowhere is in neither list. */
export const signersOf = <Key extends Verifier>(note: Note, keys: readonly Key[]): Signers<Key> => {
  const named = keys.filter(({ name, keyId }) =>
    note.signatures.some((signature) => signature.name === name && signature.keyId === keyId),
  );
  const right = named.filter((key) => verifyNote(note, key).ok);
  return { right, wrong: named.filter((key) => !right.includes(key)) };
};

/** The signed text of a checkpoint: origin, size in decimal, root in base64, a newline after each. */
export const formatCheckpoint = (origin: string, { size, root }: TreeHead): string =>
  `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;

/** Reads the text of a checkpoint of `origin`; a number must print back to itself, extension lines are refused. */
export const parseCheckpoint = (text: string, origin: string): Result<TreeHead, NoteFault> => {
  const wrong = (detail: string): Result<never, NoteFault> => err({ reason: 'checkpoint_malformed', detail });
  const [got = '', sizeText = '', rootText = '', end, ...rest] = text.split('\n');
  if (end !== '' || rest.length > 0) return wrong('expected exactly three lines');
  if (got !== origin) return err({ reason: 'origin_mismatch', expected: origin, got });
  const size = Number(sizeText);
  if (!Number.isSafeInteger(size) || size < 0 || String(size) !== sizeText)
    return wrong('the size is not a plain decimal');
  const root = strictBase64(rootText);
  return root === undefined || root.length !== 32 ? wrong('the root is not base64 of 32 bytes') : ok({ size, root });
};
