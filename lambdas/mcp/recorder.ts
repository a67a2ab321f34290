// Writes the entries of one exchange. Every method returns only once its entry is durable; a failure is thrown, and
// the caller stops: no call goes out, and no last byte comes back, without its entry.

import { createHmac } from 'node:crypto';
import type { Commitment, StoredEntry } from '../adapters/dynamo-items.ts';
import { RecordsError } from '../adapters/dynamo-records.ts';
import type { RecordedCall } from '../core/approvals/entries.ts';
import type { ContentRecord, Entry, EntryStamp, Intent, MaskRecord, OutcomeRecord } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { actorRecord, callRecord, clientInfo, denialRecord, requestRecord } from '../core/ledger/records.ts';
import { outline, outlineName } from '../core/masking/outline.ts';
import { prove } from '../core/masking/proof.ts';
import type { Admitted, Refused } from '../core/mcp/admit.ts';
import type { McpRequest } from '../core/mcp/http.ts';
import { decisionRecord } from '../core/policy/decision.ts';
import { ok, type Result } from '../core/result.ts';
import { nextVisit } from '../core/sessions/keeping.ts';
import { toTimestamp } from '../core/time.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import type { Entered } from './enter-session.ts';
import type { Held } from './held.ts';
import type { CallMasking, HandedOn, Masking } from './masking.ts';
import type { McpPorts } from './ports.ts';
import type { SessionKeys } from './session-keys.ts';
import { slowly } from './slowly.ts';
import type { StrictTier } from './strict-tier.ts';

/** Larger ciphertexts go to the locked bucket; a ledger item holds two entries' worth of this with room to spare. */
const MAX_INLINE_BYTES = 16 * 1024;

/** What the outcome step learnt; the recorder adds the body's record and what it counted itself. */
export type OutcomeFacts = Omit<OutcomeRecord, 'content' | 'parts' | 'bytes' | 'mask'>;

export interface AfterEffect {
  readonly bind?: string | undefined;
  readonly close?: 'client' | 'initialize_failed' | undefined;
}

/** What the recorders of one process share. */
export interface RecorderParts {
  readonly keys: SessionKeys;
  readonly strict: StrictTier;
  readonly masking: Masking | null;
}

export type RecorderPorts = Pick<
  McpPorts,
  'config' | 'configDigest' | 'gateway' | 'records' | 'bodies' | 'seal' | 'clock' | 'newId'
>;

export const stamp = ({
  config,
  configDigest,
  gateway,
  clock,
  newId,
}: Pick<RecorderPorts, 'config' | 'configDigest' | 'gateway' | 'clock' | 'newId'>): EntryStamp => ({
  v: 1,
  log: config.log.origin,
  id: newId(),
  ts: toTimestamp(clock.now()),
  config: configDigest,
  gw: gateway,
});

export const stored = (entry: Entry, body: string | null = null): StoredEntry => ({ entry: toWalEntry(entry), body });

/** Records a refused request. It belongs to no session: it was refused before one was opened or found. */
export const recordDenial = async (
  ports: RecorderPorts,
  request: McpRequest,
  refused: Refused,
  callId: string,
  status: number,
): Promise<void> => {
  const entry: Entry = {
    ...stamp(ports),
    type: 'call.denied',
    callId,
    actor: actorRecord(request.principal),
    req: requestRecord(request),
    server: outlineName(request.server),
    http: request.httpMethod,
    call: refused.classification === null ? null : callRecord(request, refused.classification, refused.message),
    denial: denialRecord(refused.refusal),
    decision: refused.decision === null ? null : decisionRecord(refused.decision),
    sent: String(status),
  };
  await ports.records.commit({ entries: [stored(entry)] });
};

/** The last part of a body: as it came, and what was handed on in its place (`undefined`: the same). */
export interface LastPart {
  readonly bytes: Uint8Array;
  readonly handed: HandedOn | undefined;
}

export class CallRecorder {
  /** Masks what this exchange answers; `null` when no masking is configured. */
  readonly masking: CallMasking | null;
  readonly #ports: RecorderPorts;
  readonly #parts: RecorderParts;
  readonly #admitted: Admitted;
  readonly #entered: Entered;
  readonly #callId: string;
  #intentLeaf = '';
  /** Envelope of a strict intent; `null` of any other. */
  #signed: Result<string | null, UpstreamFailure> = ok(null);
  /** Whether an outcome was tried; a second one could only fail. */
  outcomeTried = false;
  #segments = 0;
  #bytes = 0;

  constructor(ports: RecorderPorts, parts: RecorderParts, admitted: Admitted, entered: Entered, callId: string) {
    this.#ports = ports;
    this.#parts = parts;
    this.#admitted = admitted;
    this.#entered = entered;
    this.#callId = callId;
    this.masking = parts.masking?.ofCall(admitted, entered.session) ?? null;
  }

  /**
   * The intent, and with it the session when it is new, and the steps of approvals: durable before the upstream hears of
   * the call.
   */
  async intent(approval: Held['step'] = null): Promise<void> {
    const { request, message, classification, decision, strict } = this.#admitted;
    // Stamped first: entries are sealed in the order of their stamps.
    const opening = this.#opening();
    const sealed = request.body === '' ? null : await this.#seal(Buffer.from(request.body, 'utf8'));
    const entry: Intent = {
      ...this.#stamp(),
      type: 'call.intent',
      actor: actorRecord(request.principal),
      req: requestRecord(request),
      call: callRecord(request, classification, message),
      decision: decisionRecord(decision),
      args: sealed === null ? null : { ...sealed.record, masked: await this.#maskedArguments() },
      ...(strict ? { strict } : {}),
    };
    const intent = stored(entry, sealed?.inline ?? null);
    this.#intentLeaf = intent.entry.leafHash;
    const signing = strict ? this.#parts.strict.sign(entry, this.#intentLeaf) : ok(null);
    try {
      const made = await approval?.(this.recordedCall(), (text) => this.#seal(Buffer.from(text, 'utf8')));
      await this.#ports.records.commit({
        ...opening,
        entries: [...opening.entries, intent, ...(made?.entries ?? [])],
        approvals: made?.steps,
      });
    } finally {
      this.#signed = await signing;
    }
  }

  /** Of a strict call: puts the signed intent into the locked bucket. The call is made only when this succeeds. */
  async lockIntent(): Promise<Result<null, UpstreamFailure>> {
    if (!this.#signed.ok) return this.#signed;
    const envelope = this.#signed.value;
    return envelope === null ? ok(null) : await this.#parts.strict.lock(this.#callId, envelope);
  }

  /** The call as other entries name it. */
  recordedCall(): RecordedCall {
    const { sid, seq } = this.#entered.session;
    return { sid, seq: String(seq), callId: this.#callId, intent: this.#intentLeaf };
  }

  /** A part of a stream that was handed on. */
  async segment({ bytes, handed }: LastPart): Promise<void> {
    const sealed = await this.#seal(bytes);
    const entry: Entry = {
      ...this.#stamp(),
      type: 'stream.segment',
      part: String(this.#segments + 1),
      content: sealed.record,
      offset: String(this.#bytes),
      ...(await this.#mask(handed)),
    };
    await this.#ports.records.commit({ entries: [stored(entry, sealed.inline)] });
    this.#segments += 1;
    this.#bytes += bytes.length;
  }

  /** The outcome with the last part of the body: durable before the last byte goes to the client. */
  async outcome(facts: OutcomeFacts, lastPart: LastPart | null, after: AfterEffect = {}): Promise<void> {
    this.outcomeTried = true;
    const sealed = lastPart === null || lastPart.bytes.length === 0 ? null : await this.#seal(lastPart.bytes);
    const entry: Entry = {
      ...this.#stamp(),
      type: 'call.outcome',
      intent: this.#intentLeaf,
      result: {
        ...facts,
        content: sealed?.record ?? null,
        parts: String(this.#segments),
        bytes: String(this.#bytes + (lastPart?.bytes.length ?? 0)),
        ...(sealed === null ? {} : await this.#mask(lastPart?.handed)),
      },
      ms: String(this.#ports.clock.now() - this.#admitted.request.receivedAt),
    };
    await this.#commitOutcome(stored(entry, sealed?.inline ?? null), after);
  }

  async #commitOutcome(outcome: StoredEntry, after: AfterEffect): Promise<void> {
    const { sid } = this.#entered.session;
    const bind = after.bind === undefined ? undefined : { sid, upstreamSession: after.bind };
    if (after.close === undefined) return this.#ports.records.commit({ entries: [outcome], bind });
    try {
      const entries = [outcome, this.#closing(after.close)];
      const at = Math.floor(this.#ports.clock.now() / 1000);
      // Due at once, so that its manifest does not wait for the next visit.
      const close = { sid, why: after.close, at, from: 'open', due: 'keeper', dueAt: at } as const;
      await this.#ports.records.commit({ entries, bind, close });
    } catch (cause) {
      // Closed already (another termination, its limits, an operator): this exchange still has its outcome.
      if (!(cause instanceof RecordsError && cause.code === 'conflict')) throw cause;
      await this.#ports.records.commit({ entries: [outcome], bind });
    }
  }

  #stamp(): EntryStamp & { sid: string; seq: string; callId: string } {
    const { sid, seq } = this.#entered.session;
    return { ...stamp(this.#ports), sid, seq: String(seq), callId: this.#callId };
  }

  #maskedArguments(): Promise<unknown> {
    const { message } = this.#admitted;
    if (message === null || message.kind === 'response') return Promise.resolve(null);
    return this.masking?.argumentsView(message.params) ?? Promise.resolve(outline(message.params));
  }

  /** What was handed on in the place of recorded bytes, and commitments to what was removed from them. */
  async #mask(handed: HandedOn | undefined): Promise<{ mask?: MaskRecord }> {
    if (handed === undefined) return {};
    const { kid, committing, masking } = await this.#parts.keys.obtain(this.#entered.session.sid);
    const pt = `hmac-sha256:${createHmac('sha256', committing).update(handed.bytes).digest('hex')}`;
    const proof = await slowly(prove(masking, handed.removed, handed.shown));
    return { mask: { kid, handed: { bytes: String(handed.bytes.length), pt }, ...proof } };
  }

  /** The session's own first entry, when the session is new. */
  #opening(): Commitment {
    const { open, session } = this.#entered;
    if (open === null) return { entries: [] };
    const { request, classification, message } = this.#admitted;
    const opened: Entry = {
      ...stamp(this.#ports),
      type: 'session.open',
      sid: session.sid,
      actor: actorRecord(request.principal),
      server: request.server,
      era: classification.era,
      clientInfo: clientInfo(message),
      endsAt: toTimestamp(session.endsAt * 1000),
    };
    // Looked after from the first moment on: nobody else would notice that it has come to its end.
    const dueAt = nextVisit(session, session.openedAt, this.#ports.config.sessions);
    return { entries: [stored(opened)], open: { session, window: open.window, dueAt } };
  }

  #closing(why: NonNullable<AfterEffect['close']>): StoredEntry {
    const { sid, seq } = this.#entered.session;
    return stored({ ...stamp(this.#ports), type: 'session.close', sid, why, calls: String(seq) });
  }

  async #seal(plaintext: Uint8Array): Promise<{ record: ContentRecord; inline: string | null }> {
    const key = await this.#parts.keys.obtain(this.#entered.session.sid);
    const { jwe, ct, pt, bytes } = await slowly(this.#ports.seal(key, plaintext));
    const large = jwe.length > MAX_INLINE_BYTES;
    if (large) await this.#ports.bodies.save(ct, jwe);
    return {
      record: { bytes: String(bytes), kid: key.kid, ct, pt, at: large ? 'object' : 'inline' },
      inline: large ? null : jwe,
    };
  }
}
