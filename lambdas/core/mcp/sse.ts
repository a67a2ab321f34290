// Server-sent events, split from bytes without touching them (WHATWG HTML, 9.2.5 and 9.2.6): the raw bytes of an
// event are what the client gets and what is recorded; the parsed data is only for looking. Pure.

import { finish, type Work } from '../masking/work.ts';

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
    const ends = new LineEnds(bytes);
    for (let at = 0; at < bytes.length; at += 1) {
      if (!this.#closing) at = this.#skipTo(ends.from(at), at);
      if (at === bytes.length) break;
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

  /** Takes the bytes of a line before its end as they are. */
  #skipTo(end: number, at: number): number {
    if (end > at) this.#afterCr = false;
    this.#lineLength += end - at;
    return end;
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

/** The line ends of a piece of bytes. Each is looked for again only once it is passed. */
class LineEnds {
  readonly #bytes: Buffer;
  #lf = -1;
  #cr = -1;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  /** The first at or after `at`; the end of the bytes when there is none. */
  from(at: number): number {
    if (this.#lf < at) this.#lf = endOr(this.#bytes.length, this.#bytes.indexOf(LF, at));
    if (this.#cr < at) this.#cr = endOr(this.#bytes.length, this.#bytes.indexOf(CR, at));
    return Math.min(this.#lf, this.#cr);
  }
}

/** A line of an event: where it begins and ends, and where its ending does. */
interface Line {
  readonly start: number;
  readonly end: number;
  readonly next: number;
}

/** The lines of an event, what follows the last ending included. An event of megabytes may be one line, or a million. */
export function* linesOf(text: string): Generator<Line> {
  let [lf, cr] = [-1, -1];
  for (let start = 0; start <= text.length; ) {
    // Looked for again only once it is passed: a text without any is searched through one time.
    if (lf < start) lf = endOr(text.length, text.indexOf('\n', start));
    if (cr < start) cr = endOr(text.length, text.indexOf('\r', start));
    const end = Math.min(lf, cr);
    const next = end + (cr < lf && text.charCodeAt(end + 1) === LF ? 2 : 1);
    yield { start, end, next: Math.min(next, text.length) };
    if (end === text.length) return;
    start = next;
  }
}

const endOr = (end: number, found: number): number => (found === -1 ? end : found);

/** Joins many short texts, and gives way meanwhile. */
export class Joiner {
  readonly #pieces: string[] = [];
  #parts: string[] = [];

  /** Takes the next text; true when it is time for a pause. */
  add(...texts: readonly string[]): boolean {
    for (const text of texts) this.#parts.push(text);
    if (this.#parts.length < PARTS_PER_SLICE) return false;
    this.#pieces.push(this.#parts.join(''));
    this.#parts = [];
    return true;
  }

  finish(): string {
    return this.#pieces.join('') + this.#parts.join('');
  }
}

const PARTS_PER_SLICE = 8192;

/** The `data` of one event, its lines joined; `undefined` for a comment or an event without data. */
export const eventData = (event: Buffer): string | undefined => finish(readEventData(event));

/** The same in slices. */
export function* readEventData(event: Buffer): Work<string | undefined> {
  // A byte order mark may open a stream (9.2.5), and clients strip it: unread, it would hide the first event's data.
  const text = event.toString('utf8').replace(/^\uFEFF/, '');
  const data = new Joiner();
  let lines = 0;
  let only = '';
  for (const line of linesOf(text)) {
    const from = dataStart(text, line);
    if (from === -1) continue;
    only = text.slice(from, line.end);
    lines += 1;
    if (data.add(lines === 1 ? '' : '\n', only)) yield;
  }
  if (lines < 2) return lines === 0 ? undefined : only;
  return data.finish();
}

/** Where a line's data begins; -1 for a line without any. */
const dataStart = (text: string, { start, end }: Line): number => {
  if (!text.startsWith('data', start)) return -1;
  if (end === start + 4) return end;
  if (text[start + 4] !== ':') return -1;
  return text[start + 5] === ' ' ? start + 6 : start + 5;
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
