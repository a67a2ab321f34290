// An event stream: handed on event by event, masked on the way, recorded in segments as it goes.
//
// Every event that answers a request is held until an entry with its bytes is durable: in answer to a POST that entry
// is the outcome, on a GET stream (which may carry answers of earlier requests) a segment. Other events, such as
// progress, go out at once and are recorded at the latest with the next segment or the outcome.

import { Readable } from 'node:stream';
import type { UpstreamResponse } from '../adapters/upstream-http.ts';
import type { OutcomeRecord } from '../core/ledger/entry.ts';
import type { MaskedEvent } from '../core/masking/stream/stream-masker.ts';
import { type Answer, asAnswer, messageFault, readEnvelope, shownCode } from '../core/mcp/answer.ts';
import type { JsonObject } from '../core/mcp/json.ts';
import { errorBody, refusalToWire } from '../core/mcp/refusal.ts';
import { EventSplitter, formatEvent, readEventData } from '../core/mcp/sse.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import { type Cut, cutEvent } from './cut.ts';
import { afterEffect, type Exchange, failureMessage, type Reply, relayedHeaders, requestIdOf } from './exchange.ts';
import { EventMasking } from './mask-events.ts';
import { answerView } from './masking.ts';
import type { McpPorts } from './ports.ts';
import { BodyFailure, BodyReader, whyAborted } from './read-body.ts';
import { readableOf } from './readable.ts';
import { slowly } from './slowly.ts';
import { Unrecorded } from './unrecorded.ts';

const SEGMENT_BYTES = 64 * 1024;
const SEGMENT_MS = 2000;

/** A standing stream ends by any of these; silence is its normal state. */
const ENDS_A_STANDING_STREAM: ReadonlySet<string> = new Set(['client_closed', 'stream_limit', 'idle_timeout']);
/** After these a client can fetch the rest with `Last-Event-ID` (SEP-1699); an error would tell it not to. */
const ENDS_RESUMABLY: ReadonlySet<string> = new Set(['broken_off', 'stream_limit', 'idle_timeout']);

type RelayPorts = Pick<McpPorts, 'clock' | 'diagnostics'>;

export const relayEvents = (ports: RelayPorts, exchange: Exchange, response: UpstreamResponse): Reply => ({
  statusCode: response.status,
  headers: { ...relayedHeaders(exchange, response.headers), 'cache-control': 'no-cache, no-transform' },
  body: readableOf(new EventRelay(ports, exchange, response).run(), exchange.abort),
});

class EventRelay {
  readonly #ports: RelayPorts;
  readonly #exchange: Exchange;
  readonly #response: UpstreamResponse;
  readonly #masking: EventMasking;
  readonly #unrecorded: Unrecorded;
  /** The answers among events that masking may still hold. */
  readonly #answers = new Map<Buffer, Answer>();
  #totalBytes = 0;
  /** Whether an event carried an id: then a stream that ends without the answer can be resumed (SEP-1699). */
  #resumable = false;
  #filtered: Cut['filtered'] = {};
  #settled = false;
  /** Whether this stream answers one request, so that the answer ends it. */
  readonly #answersRequest: boolean;
  /** Whether the stream is held open for notifications: a GET, or `subscriptions/listen` in the modern era. */
  readonly #isStanding: boolean;
  readonly #maxBytes: number;

  constructor(ports: RelayPorts, exchange: Exchange, response: UpstreamResponse) {
    this.#ports = ports;
    this.#exchange = exchange;
    this.#response = response;
    this.#masking = new EventMasking(exchange.recorder.masking, ports.clock);
    this.#unrecorded = new Unrecorded(exchange.recorder.masking !== null);
    const { message } = exchange.admitted;
    this.#answersRequest = message?.kind === 'request';
    this.#isStanding = message === null || (message.kind === 'request' && message.method === 'subscriptions/listen');
    this.#maxBytes = exchange.admitted.server.limits.responseBytes;
  }

  async *run(): AsyncGenerator<Buffer> {
    try {
      yield* this.#relay();
    } catch (cause) {
      const said = await this.#fail(cause);
      if (said !== undefined) yield said;
    } finally {
      // The reader went away between two events: what was handed on is recorded all the same.
      if (!this.#settled) await this.#settleUnread();
      this.#exchange.abort.abort({ reason: 'client_closed' });
    }
  }

  async *#relay(): AsyncGenerator<Buffer> {
    const splitter = new EventSplitter(this.#maxBytes);
    for await (const chunk of this.#chunks()) {
      if (chunk === null) yield* this.#releaseAll(await this.#masking.expire());
      else yield* this.#handOnAll(this.#split(splitter, chunk));
      if (this.#settled) return;
    }
    const last = splitter.end();
    if (last !== undefined) yield* this.#handOn(last);
    yield* this.#releaseAll(await this.#masking.end());
    if (this.#settled) return;
    if (splitter.rest().length > 0) throw new BodyFailure({ reason: 'broken_off', detail: 'inside an event' });
    await this.#end();
  }

  async *#handOnAll(events: readonly Buffer[]): AsyncGenerator<Buffer> {
    for (const event of events) {
      yield* this.#handOn(event);
      if (this.#settled) return;
    }
  }

  /** Takes one event in, and hands on what may go now. */
  async *#handOn(received: Buffer): AsyncGenerator<Buffer> {
    const event = await this.#cut(received);
    await this.#check(event);
    yield* this.#releaseAll(await this.#masking.push(event));
  }

  async *#releaseAll(events: readonly MaskedEvent[]): AsyncGenerator<Buffer> {
    for (const event of events) yield* this.#release(event);
  }

  /** Hands one event on, behind the entry that holds it where it must be. Settles with the answer of the request. */
  async *#release(masked: MaskedEvent): AsyncGenerator<Buffer> {
    const answer = this.#answers.get(masked.raw);
    this.#answers.delete(masked.raw);
    this.#unrecorded.add(masked, this.#ports.clock.now());
    if (answer !== undefined && this.#answersRequest) {
      await this.#settle(answer, null, await answerView(this.#exchange.recorder.masking, masked));
    } else if (answer !== undefined || this.#unrecorded.bytes >= SEGMENT_BYTES) await this.#flush();
    yield masked.event;
  }

  /** The event with its answer cut to what the principal could use. */
  async #cut(event: Buffer): Promise<Buffer> {
    const cut = await cutEvent(this.#exchange, event);
    if (!cut.ok) throw new BodyFailure(cut.error);
    this.#filtered = { ...this.#filtered, ...cut.value.filtered };
    return cut.value.bytes;
  }

  #split(splitter: EventSplitter, chunk: Uint8Array): readonly Buffer[] {
    const split = splitter.push(chunk);
    if ('tooLong' in split) throw this.#tooLarge();
    return split.events;
  }

  /**
   * Chunks of the upstream, with a segment written whenever bytes have waited long enough for one; `null` whenever events
   * have waited long enough for what may follow them.
   */
  async *#chunks(): AsyncGenerator<Uint8Array | null> {
    const reader = new BodyReader(this.#response.body ?? Readable.from([]), this.#exchange.abort.signal);
    let quietSince = this.#ports.clock.now();
    for (;;) {
      const idleLeft = this.#idleLeft(quietSince);
      if (this.#segmentLeft() === 0) await this.#flush();
      if (this.#masking.left === 0) yield null;
      const result = await reader.read(Math.min(idleLeft, this.#segmentLeft(), this.#masking.left));
      if ('end' in result) return;
      if ('late' in result) continue;
      yield result.chunk;
      // Counted from when the next read begins: a client that takes its time is no silence of the upstream.
      quietSince = this.#ports.clock.now();
    }
  }

  #idleLeft(quietSince: number): number {
    const { idleSeconds } = this.#exchange.admitted.server.limits;
    const left = quietSince + idleSeconds * 1000 - this.#ports.clock.now();
    if (left <= 0) throw new BodyFailure({ reason: 'idle_timeout', seconds: idleSeconds });
    return left;
  }

  /** Milliseconds until unrecorded bytes are due for a segment; none waiting, never. */
  #segmentLeft(): number {
    if (this.#unrecorded.bytes === 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#unrecorded.since + SEGMENT_MS - this.#ports.clock.now());
  }

  /** Checks one event, and remembers the answer it carries. */
  async #check(event: Buffer): Promise<void> {
    this.#totalBytes += event.length;
    // A stream that answers one request is one response; a standing stream is bounded by its events and its time.
    if (!this.#isStanding && this.#totalBytes > this.#maxBytes) throw this.#tooLarge();
    const data = await slowly(readEventData(event));
    const message = data === undefined || data === '' ? undefined : (await slowly(readEnvelope(data)))?.message;
    if (data !== undefined && data !== '') this.#requireSound(message);
    this.#resumable ||= /^id:/m.test(event.toString('latin1'));
    const answer = message === undefined ? undefined : asAnswer(message);
    if (answer !== undefined) this.#answers.set(event, answer);
  }

  #requireSound(message: JsonObject | undefined): void {
    const request = this.#exchange.admitted.message;
    const requestId = request?.kind === 'request' ? request.id : undefined;
    const fault = message === undefined ? 'an event that is not one JSON object' : messageFault(message, requestId);
    if (fault !== undefined) throw new BodyFailure({ reason: 'garbage', detail: fault });
  }

  async #flush(): Promise<void> {
    if (this.#unrecorded.bytes > 0) await this.#exchange.recorder.segment(this.#unrecorded.take());
  }

  /** The upstream closed the stream without an answer: fine on a GET or when the client can resume, else broken. */
  async #end(): Promise<void> {
    if (this.#answersRequest && !this.#resumable)
      throw new BodyFailure({ reason: 'broken_off', detail: 'no answer came' });
    await this.#settle(null, null);
  }

  async #settle(answer: Answer | null, failure: UpstreamFailure | null, view: unknown = null): Promise<void> {
    this.#settled = true;
    this.#unrecorded.addWithheld(this.#masking.takeWaiting(), this.#ports.clock.now());
    await this.#exchange.recorder.outcome(
      {
        status: this.#status(answer, failure),
        http: String(this.#response.status),
        sent: String(this.#response.status),
        rpcCode: shownCode(answer?.code ?? null),
        failure,
        complete: failure === null,
        masked: view,
        ...this.#filtered,
      },
      this.#unrecorded.take(),
      afterEffect(this.#exchange, this.#response.status, this.#response.headers),
    );
  }

  /** Nobody is left to be told that this could not be recorded, so only the diagnostics say so. */
  async #settleUnread(): Promise<void> {
    try {
      await this.#settle(null, whyAborted(this.#exchange.abort.signal) ?? { reason: 'client_closed' });
    } catch (cause) {
      this.#unrecordable(cause, () => undefined);
    }
  }

  /** A standing stream has no other end than that somebody closes it. */
  #status(answer: Answer | null, failure: UpstreamFailure | null): OutcomeRecord['status'] {
    if (failure === null) return answer?.status ?? 'stream';
    return this.#isStanding && ENDS_A_STANDING_STREAM.has(failure.reason) ? 'stream' : 'failed';
  }

  /** Records the failure and returns the error event for the client; a client that left gets none. */
  async #fail(cause: unknown): Promise<Buffer | undefined> {
    const id = requestIdOf(this.#exchange.admitted);
    const event = (body: string) => (id === null ? undefined : Buffer.from(formatEvent(body)));
    if (cause instanceof BodyFailure && !this.#settled) {
      try {
        await this.#settle(null, cause.failure);
        const silent =
          cause.failure.reason === 'client_closed' || (this.#resumable && ENDS_RESUMABLY.has(cause.failure.reason));
        return silent ? undefined : event(failureMessage(this.#exchange, cause.failure).body);
      } catch (recording) {
        return this.#unrecordable(recording, event);
      }
    }
    return this.#unrecordable(cause, event);
  }

  #unrecordable(cause: unknown, event: (body: string) => Buffer | undefined): Buffer | undefined {
    this.#settled = true;
    this.#ports.diagnostics.error(`Call ${this.#exchange.callId} ended without a recorded outcome`, cause);
    const wire = refusalToWire({ reason: 'outcome_not_recorded' });
    return event(errorBody(wire, requestIdOf(this.#exchange.admitted), this.#exchange.callId));
  }

  #tooLarge(): BodyFailure {
    return new BodyFailure({ reason: 'response_too_large', maxBytes: this.#maxBytes });
  }
}
