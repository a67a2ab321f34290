// Masks the events of one stream as they come. An event whose end may be the beginning of something waits for the next,
// for at most as long as the configuration allows.

import type { MaskedEvent, StreamMasker, StreamResult } from '../core/masking/stream/stream-masker.ts';
import type { Work } from '../core/masking/work.ts';
import type { Clock } from '../core/time.ts';
import { type CallMasking, fault, withheld } from './masking.ts';
import { BodyFailure } from './read-body.ts';

export class EventMasking {
  readonly #masking: CallMasking | null;
  readonly #clock: Clock;
  #stream: StreamMasker | undefined;
  /** Received and not yet released. */
  #waiting: Buffer[] = [];
  #waitsSince = 0;

  constructor(masking: CallMasking | null, clock: Clock) {
    this.#masking = masking;
    this.#clock = clock;
  }

  /** Milliseconds until waiting events must go; without any, never. */
  get left(): number {
    if (this.#masking === null || this.#waiting.length === 0) return Number.POSITIVE_INFINITY;
    return Math.max(0, this.#waitsSince + this.#masking.holdMs - this.#clock.now());
  }

  /** Received events that nobody was handed: they are evidence all the same. */
  takeWaiting(): readonly Buffer[] {
    const waiting = this.#waiting;
    this.#waiting = [];
    return waiting;
  }

  /** Takes an event; returns those that go on now. Throws a {@link BodyFailure} when one cannot be masked. */
  async push(raw: Buffer): Promise<readonly MaskedEvent[]> {
    if (this.#masking === null) return [{ raw, event: raw, findings: [], shown: [] }];
    this.#stream ??= await this.#open(this.#masking);
    if (this.#waiting.length === 0) this.#waitsSince = this.#clock.now();
    this.#waiting.push(raw);
    return this.#release(this.#masking, this.#stream.push(raw));
  }

  /** What has waited long enough goes, without the ends that would tell something. */
  expire(): Promise<readonly MaskedEvent[]> {
    return this.#releaseAll((stream) => stream.expire());
  }

  /** Nothing follows: what waits goes. */
  end(): Promise<readonly MaskedEvent[]> {
    return this.#releaseAll((stream) => stream.end());
  }

  async #open(masking: CallMasking): Promise<StreamMasker> {
    try {
      return await masking.events();
    } catch (cause) {
      throw new BodyFailure(withheld(fault(cause)), cause);
    }
  }

  #releaseAll(work: (stream: StreamMasker) => Work<StreamResult>): Promise<readonly MaskedEvent[]> {
    if (this.#masking === null || this.#stream === undefined) return Promise.resolve([]);
    return this.#release(this.#masking, work(this.#stream));
  }

  async #release(masking: CallMasking, work: Work<StreamResult>): Promise<readonly MaskedEvent[]> {
    const released = await masking.work(work).catch((cause: unknown) => {
      throw new BodyFailure(withheld(fault(cause)), cause);
    });
    if (!released.ok) throw new BodyFailure(withheld(released.error));
    this.#waiting = this.#waiting.slice(released.value.length);
    if (released.value.length > 0) this.#waitsSince = this.#clock.now();
    return released.value;
  }
}
