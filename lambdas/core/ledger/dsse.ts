// DSSE envelopes (secure-systems-lab/dsse, protocol and envelope v1.0) around in-toto statements: what the log's key signs
// about a session, and what the intent key signs about a call. Ed25519 over the PAE, in KMS by MessageType RAW. Pure.

import { verify } from 'node:crypto';
import { err, ok, type Result } from '../result.ts';
import { canonicalJson } from './jcs.ts';
import type { Verifier } from './note.ts';

/** Payload type of every envelope: an in-toto Statement v1. */
export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';
export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';

/** What KMS signs as it is (MessageType RAW), in bytes. A statement must be small enough for it. */
const MAX_PAE_BYTES = 4096;
/** Base64 of the longest payload, and room for a few signatures. */
const MAX_ENVELOPE_BYTES = 16 * 1024;
const MAX_SIGNATURES = 4;

/** An in-toto Statement v1 about one subject. */
export interface Statement {
  readonly _type: typeof STATEMENT_TYPE;
  readonly subject: readonly { readonly name: string; readonly digest: { readonly sha256: string } }[];
  readonly predicateType: string;
  readonly predicate: Readonly<Record<string, unknown>>;
}

export type DsseFault =
  | { readonly reason: 'envelope_malformed'; readonly detail: string }
  | { readonly reason: 'envelope_unsigned'; readonly keyId: string }
  | { readonly reason: 'envelope_signature'; readonly keyId: string };

/** Payload of a statement: its RFC 8785 canonical JSON. */
export const statementPayload = (statement: Statement): string => canonicalJson(statement);

/** Pre-authentication encoding, the bytes that are signed: `DSSEv1 <len> <type> <len> <payload>`. */
export const preAuthEncoding = (payload: string): string => {
  const pae = `DSSEv1 ${IN_TOTO_TYPE.length} ${IN_TOTO_TYPE} ${Buffer.byteLength(payload, 'utf8')} ${payload}`;
  const bytes = Buffer.byteLength(pae, 'utf8');
  if (bytes > MAX_PAE_BYTES) throw new RangeError(`A statement of ${bytes} bytes is over what KMS signs (4096)`);
  return pae;
};

/** One signature; `keyId` is the id of the key's verifier key (four bytes, hex), and only a hint, as DSSE says. */
export const formatEnvelope = (payload: string, keyId: string, signature: Uint8Array): string =>
  canonicalJson({
    payload: Buffer.from(payload, 'utf8').toString('base64'),
    payloadType: IN_TOTO_TYPE,
    signatures: [{ keyid: keyId, sig: Buffer.from(signature).toString('base64') }],
  });

/** Checks an envelope that may say anything: its shape, then one good signature of `verifier`. Gives the payload's text. */
export const openEnvelope = (bytes: Uint8Array, verifier: Verifier): Result<string, DsseFault> => {
  const read = readEnvelope(bytes);
  if (!read.ok) return read;
  const { payload, signatures } = read.value;
  const { keyId, publicKey } = verifier;
  if (signatures.length === 0) return err({ reason: 'envelope_unsigned', keyId });
  const signed = Buffer.from(preAuthEncoding(payload), 'utf8');
  // The key id is a hint: any of the signatures may be the one.
  const holds = signatures.some((signature) => signature.length === 64 && verify(null, signed, publicKey, signature));
  return holds ? ok(payload) : err({ reason: 'envelope_signature', keyId });
};

const malformed = (detail: string): Result<never, DsseFault> => err({ reason: 'envelope_malformed', detail });

const readEnvelope = (bytes: Uint8Array): Result<{ payload: string; signatures: Uint8Array[] }, DsseFault> => {
  if (bytes.length > MAX_ENVELOPE_BYTES) return malformed(`longer than ${MAX_ENVELOPE_BYTES} bytes`);
  const envelope = parseObject(Buffer.from(bytes).toString('utf8'));
  if (envelope === undefined) return malformed('expected a JSON object');
  if (envelope['payloadType'] !== IN_TOTO_TYPE) return malformed(`expected payloadType ${IN_TOTO_TYPE}`);
  const payload = strictBase64(envelope['payload']);
  const text = payload?.toString('utf8');
  if (payload === undefined || text === undefined || !Buffer.from(text, 'utf8').equals(payload))
    return malformed('expected payload: base64 of UTF-8 text');
  if (payload.length > MAX_PAE_BYTES - 64) return malformed('the payload is longer than KMS signs');
  const signatures = readSignatures(envelope['signatures']);
  if (signatures === undefined) return malformed(`expected signatures: at most ${MAX_SIGNATURES} of {keyid, sig}`);
  return ok({ payload: text, signatures });
};

const readSignatures = (value: unknown): Uint8Array[] | undefined => {
  if (!Array.isArray(value) || value.length > MAX_SIGNATURES) return undefined;
  const signatures = value.map((item: unknown) =>
    typeof item === 'object' && item !== null && 'sig' in item ? strictBase64(item.sig) : undefined,
  );
  return signatures.some((signature) => signature === undefined)
    ? undefined
    : signatures.filter((signature) => signature !== undefined);
};

const parseObject = (text: string): Record<string, unknown> | undefined => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
};

const strictBase64 = (value: unknown): Buffer | undefined => {
  if (typeof value !== 'string') return undefined;
  const bytes = Buffer.from(value, 'base64');
  return bytes.toString('base64') === value ? bytes : undefined;
};
