// Reads an upstream's body with every wait bounded. Failures are thrown as `BodyFailure`, values in a box, because an
// iteration has no other way to end early.

import type { UpstreamFailure } from '../core/upstreams/failure.ts';

export class BodyFailure extends Error {
  readonly code = 'UPSTREAM_BODY';
  readonly failure: UpstreamFailure;

  constructor(failure: UpstreamFailure, cause?: unknown) {
    super(failure.reason, { cause });
    this.failure = failure;
  }
}

/** One read: a chunk, the end, or `late` when `ms` passed first (the read goes on and can be awaited again). */
export type ReadResult = { readonly chunk: Uint8Array } | { readonly end: true } | { readonly late: true };

const LATE: ReadResult = { late: true };

export class BodyReader {
  readonly #iterator: AsyncIterator<Uint8Array>;
  readonly #signal: AbortSignal;
  #pending: Promise<ReadResult> | undefined;

  constructor(body: AsyncIterable<Uint8Array>, signal: AbortSignal) {
    this.#iterator = body[Symbol.asyncIterator]();
    this.#signal = signal;
  }

  async read(ms: number): Promise<ReadResult> {
    this.#pending ??= this.#next();
    const { promise: late, resolve } = Promise.withResolvers<ReadResult>();
    const timer = setTimeout(() => resolve(LATE), ms);
    try {
      const result = await Promise.race([this.#pending, late]);
      if (result !== LATE) this.#pending = undefined;
      return result;
    } finally {
      clearTimeout(timer);
    }
  }

  async #next(): Promise<ReadResult> {
    try {
      const { done, value } = await this.#iterator.next();
      return done === true ? { end: true } : { chunk: value };
    } catch (cause) {
      throw new BodyFailure(whyAborted(this.#signal) ?? { reason: 'broken_off', detail: 'connection lost' }, cause);
    }
  }
}

/** The failure that the aborting side put into the signal; `undefined` while nobody aborted. */
export const whyAborted = (signal: AbortSignal): UpstreamFailure | undefined => {
  if (!signal.aborted) return undefined;
  const reason: unknown = signal.reason;
  const isFailure = typeof reason === 'object' && reason !== null && 'reason' in reason;
  return isFailure ? (reason as UpstreamFailure) : { reason: 'client_closed' };
};

export interface BodyLimits {
  readonly idleSeconds: number;
  readonly responseBytes: number;
}

/** The whole body; throws a {@link BodyFailure} when it is too large, falls silent or breaks off. */
export const readWhole = async (
  body: AsyncIterable<Uint8Array>,
  signal: AbortSignal,
  limits: BodyLimits,
): Promise<Buffer> => {
  const reader = new BodyReader(body, signal);
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const result = await reader.read(limits.idleSeconds * 1000);
    if ('late' in result) throw new BodyFailure({ reason: 'idle_timeout', seconds: limits.idleSeconds });
    if ('end' in result) return Buffer.concat(chunks);
    bytes += result.chunk.length;
    if (bytes > limits.responseBytes) {
      throw new BodyFailure({ reason: 'response_too_large', maxBytes: limits.responseBytes });
    }
    chunks.push(result.chunk);
  }
};
