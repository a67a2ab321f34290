import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { EventSplitter, eventData, formatEvent } from '../../../lambdas/core/mcp/sse.ts';
import { wellFormedText } from '../any-text.ts';

const UNLIMITED = 1_000_000;

/** Feeds the chunks to one splitter; fails when one is too long. */
const split = (chunks: readonly Uint8Array[], maxEventBytes = UNLIMITED) => {
  const splitter = new EventSplitter(maxEventBytes);
  const events = chunks.flatMap((chunk) => {
    const result = splitter.push(chunk);
    if ('tooLong' in result) throw new Error('too long');
    return result.events.map(String);
  });
  return { events, rest: String(splitter.rest()) };
};

/** The same, with the event that only the end of the stream completes. */
const splitToEnd = (chunks: readonly Uint8Array[]) => {
  const splitter = new EventSplitter(UNLIMITED);
  const events = chunks.flatMap((chunk) => {
    const result = splitter.push(chunk);
    if ('tooLong' in result) throw new Error('too long');
    return result.events.map(String);
  });
  const last = splitter.end();
  return { events: last === undefined ? events : [...events, String(last)], rest: String(splitter.rest()) };
};

const cut = (bytes: Uint8Array, at: readonly number[]): Uint8Array[] => {
  const edges = [0, ...at.map((edge) => edge % (bytes.length + 1)), bytes.length].toSorted((a, b) => a - b);
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

describe('EventSplitter', () => {
  const EVENTS = [
    'data: 1\n\n',
    ': comment\n\n',
    'event: message\nid: 2\ndata: {"é":"😀"}\ndata: b\n\n',
    '\n',
    'data\n\n',
  ];

  it.each([
    ['LF', '\n'],
    ['CRLF', '\r\n'],
  ])('cuts events that end in %s, wherever the chunks end', (_name, lineEnd) => {
    const events = EVENTS.map((event) => event.replaceAll('\n', lineEnd));
    const bytes = Buffer.from(events.join(''));
    for (let at = 0; at <= bytes.length; at += 1)
      expect(split([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ events, rest: '' });
    expect(split([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual({ events, rest: '' });
  });

  it('cuts events that end in CR, once the next byte shows that no LF belongs to them', () => {
    const events = EVENTS.map((event) => event.replaceAll('\n', '\r'));
    const { events: whole, rest } = split([Buffer.from(events.join(''))]);
    expect(whole).toEqual(events.slice(0, -1));
    expect(rest).toBe('data\r\r');
  });

  it.each(['\r\r', '\n\r', '\r\n\r'])('cuts the last event at the end of the stream when it closes with %j', (ends) => {
    expect(splitToEnd([Buffer.from(`data: 1\n\ndata: 2${ends}`)])).toEqual({
      events: ['data: 1\n\n', `data: 2${ends}`],
      rest: '',
    });
  });

  it.each(['data: 2', 'data: 2\r', 'data: 2\n', 'data: 2\r\n', ''])('makes no event at the end out of %j', (rest) => {
    expect(splitToEnd([Buffer.from(`data: 1\n\n${rest}`)])).toEqual({ events: ['data: 1\n\n'], rest });
  });

  it('ends once', () => {
    const splitter = new EventSplitter(UNLIMITED);
    splitter.push(Buffer.from('data: 1\r\r'));
    expect([splitter.end(), splitter.end()].map(String)).toEqual(['data: 1\r\r', 'undefined']);
  });

  it('copies each byte a bounded number of times, however small the chunks are', () => {
    const event = Buffer.from(`data: ${'x'.repeat(1024 * 1024)}\n\n`);
    const copied = (chunkBytes: number): number => {
      const concat = vi.spyOn(Buffer, 'concat');
      const splitter = new EventSplitter(2 * event.length);
      const events: Buffer[] = [];
      for (let at = 0; at < event.length; at += chunkBytes) {
        const result = splitter.push(event.subarray(at, at + chunkBytes));
        if ('events' in result) events.push(...result.events);
      }
      const bytes = concat.mock.calls.flatMap(([list]) => list).reduce((sum, { length }) => sum + length, 0);
      concat.mockRestore();
      expect(events).toEqual([event]);
      return bytes;
    };
    expect(copied(200)).toBeLessThanOrEqual(2 * event.length);
    expect(copied(16 * 1024)).toBeLessThanOrEqual(2 * event.length);
  });

  it('reads each byte a bounded number of times, whatever the line ends', () => {
    const bytes = Buffer.from(`data: 1\r\r${'\r'.repeat(5000)}\r\n\n${'data: 2\n\r'.repeat(500)}`);
    const read = vi.spyOn(Buffer.prototype, 'readUInt8');
    splitToEnd([bytes]);
    const steps = read.mock.calls.length;
    read.mockRestore();
    expect(steps).toBeLessThanOrEqual(2 * bytes.length);
  });

  it('leaves the chunks that it was given as they were', () => {
    const whole = Buffer.from('..data: 1\n\ndata: 2\n\n..');
    const view = new Uint8Array(whole.buffer, whole.byteOffset + 2, whole.length - 4);
    expect(split([view])).toEqual({ events: ['data: 1\n\n', 'data: 2\n\n'], rest: '' });
    expect(String(whole)).toBe('..data: 1\n\ndata: 2\n\n..');
  });

  it.each([
    ['\n\r', ['data: a\n\r', 'b\n\n']],
    ['\n\r\n', ['data: a\n\r\n', 'b\n\n']],
    ['\r\r', ['data: a\r\r', 'b\n\n']],
    ['\r\n\n', ['data: a\r\n\n', 'b\n\n']],
    ['\r\n\r', ['data: a\r\n\r', 'b\n\n']],
    ['\r\r\n', ['data: a\r\r\n', 'b\n\n']],
  ])('takes the mixed line ends %j for the end of an event', (ends, events) => {
    expect(split([Buffer.from(`data: a${ends}b\n\n`)])).toEqual({ events, rest: '' });
  });

  it.each(['\r\n', '\n', '\r'])('does not end an event at one line end %j', (end) => {
    expect(split([Buffer.from(`data: a${end}b`)])).toEqual({ events: [], rest: `data: a${end}b` });
  });

  it('keeps what came after the last event', () => {
    expect(split([Buffer.from('data: 1\n\ndata: 2\n')])).toEqual({ events: ['data: 1\n\n'], rest: 'data: 2\n' });
    expect(split([])).toEqual({ events: [], rest: '' });
  });

  it('gives back every byte of any stream, however it is chunked', () => {
    const line = fc.oneof(fc.constantFrom('data: x', ': c', '', 'id: 1', 'é😀'), fc.string());
    const stream = fc.array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n', '\n\n', '\r\n\r\n', '\r\r')));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (lines, at) => {
        const bytes = Buffer.from(lines.flat().join(''));
        const whole = split([bytes]);
        expect(split(cut(bytes, at))).toEqual(whole);
        expect(whole.events.join('') + whole.rest).toBe(String(bytes));
        const ended = splitToEnd([bytes]);
        expect(splitToEnd(cut(bytes, at))).toEqual(ended);
        expect(splitToEnd([...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(ended);
        expect(ended.events.join('') + ended.rest).toBe(String(bytes));
      }),
    );
  });

  it('returns any list of events as it was put in', () => {
    const text = wellFormedText.filter((line) => line !== '' && !/[\r\n]/.test(line));
    const event = fc.tuple(fc.array(text, { minLength: 1, maxLength: 4 }), fc.constantFrom('\n', '\r\n'));
    fc.assert(
      fc.property(fc.array(event), fc.array(fc.nat(), { maxLength: 12 }), (list, at) => {
        const events = list.map(([lines, end]) => lines.map((line) => line + end).join('') + end);
        const bytes = Buffer.from(events.join(''));
        expect(split(cut(bytes, at))).toEqual({ events: events.map((one) => String(Buffer.from(one))), rest: '' });
      }),
    );
  });

  describe('with a limit', () => {
    const push = (limit: number, ...chunks: string[]) => {
      const splitter = new EventSplitter(limit);
      return chunks.map((chunk) => splitter.push(Buffer.from(chunk))).at(-1);
    };

    it('takes an event of exactly the limit, whole or in pieces', () => {
      expect(push(10, 'data: 12\n\n')).toMatchObject({ events: [Buffer.from('data: 12\n\n')] });
      expect(push(10, 'data: 12', '\n\n')).toHaveProperty('events.length', 1);
      expect(push(10, 'data: 12\n\ndata: 34\n\n')).toHaveProperty('events.length', 2);
    });

    it('gives up on one byte more, whole or in pieces', () => {
      expect(push(10, 'data: 123\n\n')).toEqual({ tooLong: true });
      expect(push(10, 'data: 123\n', '\n')).toEqual({ tooLong: true });
      expect(push(10, 'data: 1\n\ndata: 123\n\n')).toEqual({ tooLong: true });
      expect(push(10, 'data: 1\n\ndata: 123456')).toEqual({ tooLong: true });
    });
  });
});

describe('eventData', () => {
  it.each([
    ['data: a\n\n', 'a'],
    ['data:a\n\n', 'a'],
    ['data:  a\n\n', ' a'],
    ['data: a\ndata: b\n\n', 'a\nb'],
    ['data: a\r\ndata: b\r\n\r\n', 'a\nb'],
    ['data: a\rdata: b\r\r', 'a\nb'],
    ['event: message\nid: 1\ndata: a\nretry: 5\n\n', 'a'],
    ['data\n\n', ''],
    ['data:\n\n', ''],
    ['data: \n\n', ''],
    ['data\ndata: a\n\n', '\na'],
    ['data: é😀\n\n', 'é😀'],
    ['data: : b\n\n', ': b'],
    ['\ufeffdata: a\n\n', 'a'],
  ])('reads %j as %j', (event, data) => {
    expect(eventData(Buffer.from(event))).toBe(data);
  });

  it.each([': comment\n\n', '\n', 'event: ping\n\n', 'id: 1\n\n', 'dataset: a\n\n', ' data: a\n\n', 'Data: a\n\n'])(
    'reads no data from %j',
    (event) => {
      expect(eventData(Buffer.from(event))).toBeUndefined();
    },
  );
});

describe('formatEvent', () => {
  it('makes one whole event, out of which the data comes back', () => {
    const event = formatEvent('{"jsonrpc":"2.0"}');
    expect(split([Buffer.from(event)])).toEqual({ events: [event], rest: '' });
    expect(eventData(Buffer.from(event))).toBe('{"jsonrpc":"2.0"}');
  });
});
