import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type MaskedEvent,
  StreamMasker,
  type StreamResult,
} from '../../../lambdas/core/masking/stream/stream-masker.ts';
import { finish, type Work } from '../../../lambdas/core/masking/work.ts';
import { CONTEXT, packMasker } from '../../support/masking/maskers.ts';
import { cardNumber } from '../../support/masking/plant.ts';

const masker = packMasker();
const progress = (message: string, token: number | string = 1): Buffer =>
  Buffer.from(
    `event: message\ndata: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: token, progress: 1, message } })}\n\n`,
  );
const result = (text: string): Buffer =>
  Buffer.from(`data: ${JSON.stringify({ jsonrpc: '2.0', id: 1, result: { content: [{ type: 'text', text }] } })}\n\n`);

const released = (work: Work<StreamResult>): readonly MaskedEvent[] => {
  const from = finish(work);
  if (!from.ok) throw new Error(`withheld: ${from.error.reason}`);
  return from.value;
};
const messageOf = ({ event }: MaskedEvent): string => {
  const data = /^data: (.*)$/m.exec(event.toString('utf8'))?.[1] ?? '{}';
  const { params, result: body } = JSON.parse(data);
  return params?.message ?? body?.content?.[0]?.text ?? '';
};
const messages = (work: Work<StreamResult>): string[] => released(work).map(messageOf);

describe('a card number over three events', () => {
  const parts = ['card 4111 11', '11 1111', ' 1111 was charged.'];

  it('leaks no part of itself, and later events are not touched', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    expect(parts.slice(0, 2).map((part) => messages(stream.push(progress(part))))).toEqual([[], []]);
    expect(messages(stream.push(progress(parts[2] ?? '')))).toEqual(['card ‹card …1111›', '', ' was charged.']);
    expect(messages(stream.push(progress('Done.')))).toEqual(['Done.']);
  });

  it('leaks no part when each event has to go before the next one comes', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    const shown = parts.flatMap((part) => [...messages(stream.push(progress(part))), ...messages(stream.expire())]);
    expect(shown).toEqual(['card ‹unfinished›', '‹unfinished›', ' was charged.']);
  });

  it('is two texts when two calls say it', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    finish(stream.push(progress('card 4111 1111', 1)));
    finish(stream.push(progress(' 1111 1111', 2)));
    expect(messages(stream.end())).toEqual(['card 4111 1111', ' 1111 1111']);
  });
});

describe('an event', () => {
  it.each(['Loading.', '50%', 'Step 3 of 10:', ''])(
    'that ends with nothing to wait for goes on at once: %j',
    (text) => {
      const stream = new StreamMasker(masker, CONTEXT);
      const event = progress(text);
      expect(released(stream.push(event))[0]?.event).toBe(event);
      expect(stream.isHolding).toBe(false);
    },
  );

  it.each(['Step 3 of 10', 'Loading account', 'mail to mara.oakfield'])(
    'that may go on waits, and then goes unchanged: %j',
    (text) => {
      const stream = new StreamMasker(masker, CONTEXT);
      const event = progress(text);
      expect(released(stream.push(event))).toEqual([]);
      expect(stream.isHolding).toBe(true);
      expect(released(stream.expire())[0]?.event).toBe(event);
    },
  );

  it('waits at most until the answer', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    finish(stream.push(progress('Step 3 of 10')));
    expect(messages(stream.push(result('ok')))).toEqual(['Step 3 of 10', 'ok']);
  });

  it('keeps everything but its data', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    const event = Buffer.from(
      '\uFEFF: hello\r\nid:7\r\ndata:{"jsonrpc":"2.0","id":1,\r\ndata: "result":{"content":[{"type":"text","text":"078-05-1120"}]}}\r\nretry: 3\r\n\r\n',
    );
    expect(released(stream.push(event))[0]?.event.toString()).toBe(event.toString().replace('078-05-1120', '‹ssn›'));
  });

  it('may hide nothing in a comment', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    expect(released(stream.push(Buffer.from(': 078-05-1120\n\n')))[0]?.event.toString()).toBe(': ‹ssn›\n\n');
  });

  it('whose id holds data is withheld, and the stream with it', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    expect(finish(stream.push(Buffer.from('id: 4111111111111111\ndata: {}\n\n')))).toMatchObject({
      ok: false,
      error: { reason: 'handle_holds_data' },
    });
    expect(finish(stream.push(progress('Done.')))).toMatchObject({ ok: false });
    expect(released(new StreamMasker(masker, CONTEXT).push(Buffer.from('id: 41\ndata: {}\n\n')))).toHaveLength(1);
  });

  it('that is no JSON is withheld', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    expect(finish(stream.push(Buffer.from('data: {"a":\n\n')))).toMatchObject({
      ok: false,
      error: { reason: 'invalid_json' },
    });
  });
});

it('a private key over many events is masked to its end', () => {
  const stream = new StreamMasker(masker, CONTEXT);
  const lines = [
    '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg',
    'kqhkiG9w0BAQEFAASC',
    'BKcwggSjAgEAAoIBAQC7',
    '\n-----END PRIVATE KEY-----\nbye.',
  ];
  const shown = lines.flatMap((line) => messages(stream.push(progress(line))));
  expect([...shown, ...messages(stream.end())].join('')).toBe('‹key›\nbye.');
});

/** A card cut into events at any places. */
const cut = fc
  .tuple(cardNumber, fc.array(fc.nat(18), { minLength: 1, maxLength: 6 }), fc.boolean())
  .map(([card, places, expires]) => {
    const text = `charging ${card} now.`;
    const at = [...new Set(places.map((place) => 9 + (place % card.length)))].sort((a, b) => a - b);
    const parts = [0, ...at].map((from, index) => text.slice(from, at[index] ?? text.length));
    return { card, parts, expires };
  });

it('however a card is cut, no part of it comes out', () => {
  fc.assert(
    fc.property(cut, ({ card, parts, expires }) => {
      const stream = new StreamMasker(masker, CONTEXT);
      const shown = parts.flatMap((part) => [
        ...messages(stream.push(progress(part))),
        ...(expires ? messages(stream.expire()) : []),
      ]);
      const all = [...shown, ...messages(stream.end())].join('').replace(/ …\d{4}›/g, '');
      const digits = card.replace(/\D/g, '');
      // In time, nothing at all; out of time, at most three digits that could have been anything.
      expect(all.replace(/\D/g, '').length).toBeLessThanOrEqual(expires ? 3 : 0);
      expect(digits.startsWith(all.replace(/\D/g, ''))).toBe(true);
      expect(all).toMatch(/^charging .* now\.$/s);
    }),
    { numRuns: 500 },
  );
});
