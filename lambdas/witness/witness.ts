// A witness (C2SP tlog-witness): cosigns a log's checkpoint when it continues the last one that was cosigned.
//
//     POST /add-checkpoint           read -> decide -> REMEMBER -> sign -> publish -> answer
//     GET /<origin hash>/checkpoint  the last cosigned checkpoint of a log, for monitors
//     GET /vkey                      this witness's verifier key
//
// What was decided is remembered before it is signed. Died in between: the log asks again with the size it is told (409),
// and gets its signature for the very tree that was remembered.

import { createHash } from 'node:crypto';
import type { Diagnostics } from '../adapters/diagnostics.ts';
import type { WitnessStates } from '../adapters/dynamo-witness-states.ts';
import type { Signer } from '../adapters/kms-signer.ts';
import { formatSizeBody } from '../core/ledger/add-checkpoint.ts';
import { cosignedMessage, cosignerKeyId, formatCosignature, formatCosignerKey } from '../core/ledger/cosignature.ts';
import { formatSignature, type Note, rawPublicKey } from '../core/ledger/note.ts';
import {
  decideSubmission,
  type KnownLogs,
  readSubmission,
  type Submission,
  type WitnessRefusal,
} from '../core/ledger/witness.ts';
import type { Clock } from '../core/time.ts';

export interface WitnessPorts {
  /** Name of the witness's key: a URL without scheme. */
  readonly name: string;
  readonly logs: KnownLogs;
  readonly states: WitnessStates;
  readonly signer: Signer;
  readonly clock: Clock;
  readonly diagnostics: Diagnostics;
}

export interface WitnessRequest {
  readonly method: string;
  readonly path: string;
  readonly body: Uint8Array;
}

export interface WitnessReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

class WitnessError extends Error {
  readonly code = 'KEY_UNUSABLE';
}

export const makeWitness =
  (ports: WitnessPorts) =>
  async ({ method, path, body }: WitnessRequest): Promise<WitnessReply> => {
    if (path === '/add-checkpoint') return method === 'POST' ? addCheckpoint(ports, body) : notAllowed('POST');
    const originHash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1];
    if (originHash === undefined && path !== '/vkey') return text(404, 'No such path');
    if (method !== 'GET') return notAllowed('GET');
    return originHash === undefined
      ? text(200, formatCosignerKey(ports.name, await publicKey(ports)))
      : checkpointOf(ports, originHash);
  };

const addCheckpoint = async (ports: WitnessPorts, body: Uint8Array): Promise<WitnessReply> => {
  const submission = readSubmission(body, ports.logs);
  if (!submission.ok) return refuse(submission.error);
  const { origin, head } = submission.value;
  const last = await ports.states.load(origin);
  const decided = decideSubmission(submission.value, last);
  if (!decided.ok) {
    if (decided.error.reason === 'inconsistent') report(ports, submission.value, decided.error.detail);
    return refuse(decided.error);
  }
  if (!(await ports.states.advance(origin, last, head))) {
    const size = (await ports.states.load(origin))?.size ?? 0;
    return refuse({ reason: 'size_conflict', size });
  }
  return cosign(ports, submission.value);
};

const cosign = async (ports: WitnessPorts, { origin, head, note }: Submission): Promise<WitnessReply> => {
  const { name, signer, clock } = ports;
  const keyId = cosignerKeyId(name, await publicKey(ports));
  const seconds = Math.floor(clock.now() / 1000);
  const signature = await signer.sign(cosignedMessage(seconds, note.text));
  const line = formatCosignature({ name, keyId }, seconds, signature);
  await ports.states.publish(origin, head, `${signedText(note)}${line}`);
  return text(200, line);
};

const signedText = ({ text: signed, signatures }: Note): string =>
  `${signed}\n${signatures.map(formatSignature).join('')}`;

const publicKey = async ({ signer }: WitnessPorts): Promise<Uint8Array> => {
  const raw = rawPublicKey(await signer.publicKey());
  if (raw === undefined) throw new WitnessError('The key of the witness is not an Ed25519 key');
  return raw;
};

const checkpointOf = async ({ logs, states }: WitnessPorts, originHash: string): Promise<WitnessReply> => {
  const origin = [...logs.keys()].find((one) => createHash('sha256').update(one).digest('hex') === originHash);
  const note = origin === undefined ? undefined : await states.published(origin);
  return note === undefined ? text(404, 'No checkpoint of such a log was cosigned') : text(200, note);
};

/** An alarm counts these lines (lib/witness-stack.ts). A checkpoint is public, and its signature is proof of the fork. */
const report = ({ diagnostics }: WitnessPorts, { oldSize, note }: Submission, detail: string): void => {
  const cause = new Error(`${detail}, from ${oldSize} entries: ${signedText(note)}`);
  diagnostics.error('A log showed a history that does not continue the cosigned one', cause);
};

const refuse = (refusal: WitnessRefusal): WitnessReply => {
  switch (refusal.reason) {
    case 'request_malformed':
      return text(400, refusal.detail);
    case 'old_size_above':
      return text(400, `the old size ${refusal.oldSize} is above the size ${refusal.size} of the checkpoint`);
    case 'signature_untrusted':
      return text(403, refusal.detail);
    case 'origin_unknown':
      return text(404, 'this witness does not know a log of this origin');
    case 'size_conflict':
      return { ...text(409, ''), headers: { 'content-type': 'text/x.tlog.size' }, body: formatSizeBody(refusal.size) };
    case 'inconsistent':
      return text(422, refusal.detail);
  }
};

const notAllowed = (allowed: string): WitnessReply => ({
  ...text(405, `Use ${allowed}`),
  headers: { 'content-type': 'text/plain; charset=utf-8', allow: allowed },
});

const text = (statusCode: number, body: string): WitnessReply => ({
  statusCode,
  headers: { 'content-type': 'text/plain; charset=utf-8' },
  body: body.endsWith('\n') ? body : `${body}\n`,
});
