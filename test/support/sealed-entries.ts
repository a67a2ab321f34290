// Entries of a day at a bank, in the order of the log, made with the product's own types and line function: sessions
// that run side by side, calls with and without streams, refusals, heartbeats. Deterministic.

import { createHash } from 'node:crypto';
import { formatEnvelope, preAuthEncoding } from '../../lambdas/core/ledger/dsse.ts';
import type { ActorRecord, ContentRecord, Entry, EntryStamp, Intent } from '../../lambdas/core/ledger/entry.ts';
import { leafHash, toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { intentName } from '../../lambdas/core/ledger/log-layout.ts';
import { intentPayload, strictIntentOf } from '../../lambdas/core/ledger/strict-intent.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { closeEntry, deniedEntry, intentEntry, NOW_MS, openEntry, outcomeEntry, segmentEntry } from './builders.ts';

export const ORIGIN = 'mcp.bank.example/countersign';

export interface SealedEntry {
  readonly entry: Entry;
  readonly line: string;
  /** The ciphertext that the entry names. */
  readonly body: { readonly ct: string; readonly jwe: string; readonly at: 'inline' | 'object' } | null;
  /** The signed intent that was locked before a strict call. */
  readonly locked?: { readonly name: string; readonly envelope: string };
}

/** Signs the intents of strict calls. */
export interface IntentKey {
  readonly vkey: string;
  sign(text: string): Uint8Array;
}

const INTENT_KEY_ID = 'arn:aws:kms:::key/intent';

export const lockedIntent = (key: IntentKey, intent: Intent, leaf: string): NonNullable<SealedEntry['locked']> => {
  const payload = intentPayload(strictIntentOf(intent), leaf);
  const envelope = formatEnvelope(payload, INTENT_KEY_ID, key.sign(preAuthEncoding(payload)));
  return { name: intentName(intent.callId), envelope };
};

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

/** A UUIDv7 whose order is that of `count`. */
export const idOf = (count: number, kind = '7000'): string =>
  `019a7d10-0000-${kind}-8000-${count.toString(16).padStart(12, '0')}`;

interface SealedBody {
  readonly jwe: string;
  readonly kid: string;
  readonly pt: string;
}

/** Seals a body of so many bytes of a session. */
export type BodySealer = (sid: string, bytes: number, name: string) => SealedBody;

/** Looks like a body and opens with no key: most tests look at its digest only. */
const sealNothing: BodySealer = (_sid, _bytes, name) => ({
  jwe: `eyJhbGciOiJkaXIifQ..${hex(name)}.${hex(`${name}#`)}`,
  kid: `sha256:${hex('kid')}`,
  pt: `hmac-sha256:${hex(name)}`,
});

interface Recorded {
  readonly content: ContentRecord;
  readonly body: NonNullable<SealedEntry['body']>;
}

const record = ({ jwe, kid, pt }: SealedBody, bytes: number, at: 'inline' | 'object'): Recorded => {
  const ct = `sha256:${hex(jwe)}`;
  return { content: { bytes: String(bytes), kid, ct, pt, at }, body: { ct, jwe, at } };
};

/** Makes entries one after the other, each a few milliseconds after the one before. */
class EntryMaker {
  #count = 0;
  readonly #stepMs: number;

  constructor(stepMs = 7) {
    this.#stepMs = stepMs;
  }

  /** Nothing is written for this long. */
  pause(ms: number): void {
    this.#count += Math.ceil(ms / this.#stepMs);
  }

  stamp(): Pick<EntryStamp, 'id' | 'ts' | 'log'> {
    this.#count += 1;
    return { id: idOf(this.#count), ts: toTimestamp(NOW_MS + this.#count * this.#stepMs), log: ORIGIN };
  }

  of(entry: Entry, body: SealedEntry['body'] = null): SealedEntry {
    return { entry, line: toWalEntry(entry).line, body };
  }
}

interface Caller {
  readonly sid: string;
  readonly actor: ActorRecord;
  readonly sealBody: BodySealer;
}

const callerOf = (session: number, sealBody: BodySealer): Caller => ({
  sealBody,
  sid: idOf(session, '7001'),
  actor: {
    iss: 'https://login.bank.example',
    sub: `user-${session % 17}`,
    kind: 'person',
    name: null,
    client: 'ide',
    groups: ['analysts'],
    ...{ jti: null, authTime: null, acr: null, amr: [] },
  },
});

/** One call: an intent, strict on every eighth, the parts of a stream on every tenth, and the outcome. */
function* callOf(
  maker: EntryMaker,
  { sid, actor, sealBody }: Caller,
  seq: number,
  key: IntentKey,
): Generator<SealedEntry> {
  const name = `${sid}/${seq}`;
  const recorded = (part: string, bytes: number, at: 'inline' | 'object' = 'inline') =>
    record(sealBody(sid, bytes, `${name}/${part}`), bytes, at);
  const call = { sid, seq: String(seq), callId: idOf(seq, sid.slice(-4).replace(/^./, '7')) };
  const args = recorded('args', 117);
  const masked = { name: 'get_balance', arguments: { account: '‹string 8›', note: '‹string 32›' } };
  const content = { ...args.content, masked };
  const strict = seq % 8 === 7 ? ({ strict: true } as const) : {};
  const entry = intentEntry({ ...maker.stamp(), ...call, actor, args: content, ...strict });
  const intent = maker.of(entry, args.body);
  yield entry.strict === undefined ? intent : { ...intent, locked: lockedIntent(key, entry, leafHash(intent.line)) };
  const parts = seq % 10 === 0 ? 2 : 0;
  for (let part = 1; part <= parts; part += 1) {
    const sent = recorded(String(part), 700);
    const where = { part: String(part), offset: String((part - 1) * 700) };
    yield maker.of(segmentEntry({ ...maker.stamp(), ...call, ...where, content: sent.content }), sent.body);
  }
  const last = recorded('last', 692, seq % 25 === 1 ? 'object' : 'inline');
  const outcome = outcomeEntry({ ...maker.stamp(), ...call, intent: leafHash(intent.line) });
  const bytes = String(parts * 700 + 692);
  const result = { ...outcome.result, content: last.content, parts: String(parts), bytes };
  yield maker.of({ ...outcome, result: { ...result, masked: { ok: '‹string 2›' } } }, last.body);
}

export interface DayShape {
  readonly sessions: number;
  readonly callsPerSession: number;
  /** Sessions open at one time. @default all */
  readonly sideBySide?: number;
  readonly stepMs?: number;
  /** @default bodies that open with no key */
  readonly sealBody?: BodySealer;
  /** Silence with heartbeats at the end, so that what was due by then is missing. @default none */
  readonly quietMs?: number;
}

const HEARTBEAT_MS = 15 * 60 * 1000;

/** A whole day after the genesis entry, which is the caller's. */
export function* entriesOf(shape: DayShape, vkey: string, intentKey: IntentKey): Generator<SealedEntry> {
  const maker = new EntryMaker(shape.stepMs);
  const { config, gw, v } = openEntry();
  const stamp = () => ({ v, config, gw, ...maker.stamp() });
  yield maker.of({ ...stamp(), type: 'key.genesis', checkpointKey: vkey, keyId: 'arn:aws:kms:::key/test' });
  const registered = { type: 'key.registered', use: 'intent', vkey: intentKey.vkey, keyId: INTENT_KEY_ID } as const;
  yield maker.of({ ...stamp(), ...registered });
  const together = shape.sideBySide ?? shape.sessions;
  for (let first = 0; first < shape.sessions; first += together) {
    const callers = Array.from({ length: Math.min(together, shape.sessions - first) }, (_, n) =>
      callerOf(first + n, shape.sealBody ?? sealNothing),
    );
    for (const { sid, actor } of callers) {
      yield maker.of({ ...openEntry(maker.stamp()), sid, actor } as Entry);
    }
    for (let seq = 1; seq <= shape.callsPerSession; seq += 1) {
      for (const caller of callers) yield* callOf(maker, caller, seq, intentKey);
      yield maker.of(deniedEntry(maker.stamp()));
    }
    const calls = String(shape.callsPerSession);
    for (const { sid } of callers) yield maker.of({ ...closeEntry(maker.stamp()), sid, calls } as Entry);
    yield maker.of({ ...stamp(), type: 'heartbeat', sealed: '0' });
  }
  if (shape.quietMs === undefined) return;
  for (let quiet = 0; quiet < shape.quietMs; quiet += HEARTBEAT_MS) {
    maker.pause(HEARTBEAT_MS);
    yield maker.of({ ...stamp(), type: 'heartbeat', sealed: '0' });
  }
}
