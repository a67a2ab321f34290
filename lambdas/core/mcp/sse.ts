// Server-sent events, split from bytes without touching them (WHATWG HTML, 9.2.5 and 9.2.6): the raw bytes of an
// event are what the client gets and what is recorded; the parsed data is only for looking. Pure.

const LF = 0x0a;
const CR = 0x0d;

export type SplitResult = { readonly events: readonly Buffer[] } | { readonly tooLong: true };

/** Cuts a byte stream into whole events, each with its closing blank line. Holds at most `maxEventBytes`. */
export class EventSplitter {
  readonly #maxEventBytes: number;
  #pending: Buffer = Buffer.alloc(0);
  #scanned = 0;
  #lineLength = 0;
  #afterCr = false;
  /** Set when a blank line closed an event with CR: a LF that follows still belongs to it. */
  #closing = false;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  push(chunk: Uint8Array): SplitResult {
    this.#pending = this.#pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([this.#pending, chunk]);
    const events: Buffer[] = [];
    while (this.#scanned < this.#pending.length) {
      const end = this.#step(this.#pending.readUInt8(this.#scanned));
      if (end === undefined) continue;
      // However it was chunked: one event over the limit is too long even if it came whole.
      if (end > this.#maxEventBytes) return { tooLong: true };
      events.push(this.#cut(end));
    }
    return this.#pending.length > this.#maxEventBytes ? { tooLong: true } : { events };
  }

  /** What came after the last whole event: an unfinished event, when the stream broke off. */
  rest(): Buffer {
    return this.#pending;
  }

  /** Reads one byte; returns the end of an event (exclusive) once one is complete. */
  #step(byte: number): number | undefined {
    if (this.#closing) {
      this.#closing = false;
      if (byte === LF) this.#scanned += 1;
      return this.#scanned;
    }
    this.#scanned += 1;
    const isSecondHalf = byte === LF && this.#afterCr;
    this.#afterCr = byte === CR;
    if (isSecondHalf) return undefined;
    if (byte !== LF && byte !== CR) {
      this.#lineLength += 1;
      return undefined;
    }
    const blank = this.#lineLength === 0;
    this.#lineLength = 0;
    if (!blank) return undefined;
    if (byte === LF) return this.#scanned;
    this.#closing = true;
    return undefined;
  }

  #cut(end: number): Buffer {
    const event = this.#pending.subarray(0, end);
    this.#pending = this.#pending.subarray(end);
    this.#scanned = 0;
    this.#afterCr = false;
    return event;
  }
}

/** The `data` of one event, its lines joined; `undefined` for a comment or an event without data. */
export const eventData = (event: Buffer): string | undefined => {
  const data: string[] = [];
  // A byte order mark may open a stream (9.2.5), and clients strip it: unread, it would hide the first event's data.
  const text = event.toString('utf8').replace(/^\uFEFF/, '');
  for (const line of text.split(/\r\n|\n|\r/)) {
    if (line === 'data') data.push('');
    else if (line.startsWith('data:')) data.push(line.slice(line[5] === ' ' ? 6 : 5));
  }
  return data.length === 0 ? undefined : data.join('\n');
};

/** One event that carries a JSON-RPC message, as the gateway itself writes it. */
export const formatEvent = (data: string): string => `event: message\ndata: ${data}\n\n`;
