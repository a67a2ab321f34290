// Server-sent events, split from bytes without touching them (WHATWG HTML, 9.2.5 and 9.2.6): the raw bytes of an
// event are what the client gets and what is recorded; the parsed data is only for looking. Pure.

const LF = 0x0a;
const CR = 0x0d;

export type SplitResult = { readonly events: readonly Buffer[] } | { readonly tooLong: true };

/** Cuts a byte stream into whole events, each with its closing blank line. Holds at most `maxEventBytes`. */
export class EventSplitter {
  readonly #maxEventBytes: number;
  /** The event that has begun, in the pieces in which it came: joined once, when it is whole. */
  #begun: Buffer[] = [];
  #begunBytes = 0;
  #lineLength = 0;
  #afterCr = false;
  /** Set when a blank line closed an event with CR: a LF that follows still belongs to it. */
  #closing = false;

  constructor(maxEventBytes: number) {
    this.#maxEventBytes = maxEventBytes;
  }

  push(chunk: Uint8Array): SplitResult {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    const events: Buffer[] = [];
    let start = 0;
    for (let at = 0; at < bytes.length; at += 1) {
      const end = this.#step(bytes.readUInt8(at), at);
      if (end === undefined) continue;
      // However it was chunked: one event over the limit is too long even if it came whole.
      if (this.#begunBytes + end - start > this.#maxEventBytes) return { tooLong: true };
      events.push(this.#join(bytes.subarray(start, end)));
      start = end;
      // The byte that only showed that the event before it had ended begins the next one.
      if (end === at) at -= 1;
    }
    this.#keep(bytes.subarray(start));
    return this.#begunBytes > this.#maxEventBytes ? { tooLong: true } : { events };
  }

  /** At the end of the stream: the last event, if only the end could show that it is whole (closed by a lone CR). */
  end(): Buffer | undefined {
    if (!this.#closing) return undefined;
    this.#closing = false;
    return this.#join(Buffer.alloc(0));
  }

  /** What came after the last whole event: an unfinished event, when the stream broke off. */
  rest(): Buffer {
    return Buffer.concat(this.#begun);
  }

  /** Reads the byte at `at`; returns the end of an event (exclusive) once one is complete. */
  #step(byte: number, at: number): number | undefined {
    if (this.#closing) {
      this.#closing = false;
      this.#afterCr = false;
      return byte === LF ? at + 1 : at;
    }
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
    if (byte === LF) {
      this.#afterCr = false;
      return at + 1;
    }
    this.#closing = true;
    return undefined;
  }

  #keep(piece: Buffer): void {
    if (piece.length === 0) return;
    this.#begun.push(piece);
    this.#begunBytes += piece.length;
  }

  #join(last: Buffer): Buffer {
    const event = this.#begun.length === 0 ? last : Buffer.concat([...this.#begun, last]);
    this.#begun = [];
    this.#begunBytes = 0;
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

/** The event with other data in the place of its own: its id, name and comments stay. */
export const withData = (event: Buffer, data: string): Buffer => {
  const lines = event.toString('utf8').split(/\r\n|\n|\r/);
  const others = lines.filter((line) => line !== '' && line.replace(/^\uFEFF/, '').split(':', 1)[0] !== 'data');
  const written = data.split(/\r\n|\n|\r/).map((line) => `data: ${line}`);
  return Buffer.from(`${[...others, ...written].join('\n')}\n\n`);
};

/** One event that carries a JSON-RPC message, as the gateway itself writes it. */
export const formatEvent = (data: string): string => `event: message\ndata: ${data}\n\n`;
