// Names planted anywhere in any JSON, and cut anywhere in a stream: none of them comes out, and all else does as it was.

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { StreamMasker, type StreamResult } from '../../../lambdas/core/masking/stream/stream-masker.ts';
import type { Work } from '../../../lambdas/core/masking/work.ts';
import { answered, COMPREHEND, detectorOf } from '../../support/masking/detector.ts';
import { CONTEXT, maskerOf, packMasker } from '../../support/masking/maskers.ts';

const TIMEOUT_MS = 120_000;
vi.setConfig({ testTimeout: TIMEOUT_MS });

/** Letters that nothing else in a test has, so that any part that comes out is seen. */
const NAMES = ['Żaneta Ęgłąb', 'Żaneta', 'Ęgłąb'] as const;
const OF_NAMES = /[ŻĘłą]/u;
const masker = maskerOf({ comprehend: COMPREHEND });
/** The whole name first: what is found in it again is one with it. */
const detector = () => detectorOf(...NAMES);

const filler = fc
  .string({ unit: 'binary', maxLength: 30 })
  .filter((text) => !OF_NAMES.test(text) && !/[‹›%&\\]/.test(text));
const isText = (text: string) => !/^\s*["[{]/.test(text);
const planted = fc.record({ before: filler, after: filler, name: fc.constantFrom(...NAMES) });

/** Any JSON, with `@` where text is planted. */
const json = fc
  .jsonValue({ maxDepth: 3 })
  .map((value) => JSON.stringify({ before: value, '\u0000': '@', after: [value, '@'] }).replace('"\\u0000"', '"note"'))
  .filter((text) => !OF_NAMES.test(text));
const message = (body: string) => `{"jsonrpc":"2.0", "id":1,"result":{"structuredContent":${body}}}`;

describe('a planted name', () => {
  it('comes out nowhere, every other byte does, and masking the masked changes nothing', () => {
    fc.assert(
      fc.property(json, planted, (body, { before, after, name }) => {
        const text = `${before} a ${name} b ${after}`;
        fc.pre(isText(text));
        const raw = message(body.replaceAll('"@"', () => JSON.stringify(text)));
        const once = answered(masker.maskingMessage(raw, { ...CONTEXT, outputSchema: undefined }), detector());
        if (!once.ok) throw new Error(JSON.stringify(once.error));
        const expected = JSON.stringify(`${before} a ‹name› b ${after}`);
        expect(once.value.text).toBe(message(body.replaceAll('"@"', () => expected)));
        const twice = answered(masker.maskingMessage(once.value.text, CONTEXT), detector());
        expect(twice).toMatchObject({ ok: true, value: { text: once.value.text, findings: [] } });
      }),
      { numRuns: 500 },
    );
  });
});

describe('text in any wrapping', () => {
  const pieces = fc.constantFrom(
    ...[
      ...NAMES,
      '%20',
      '%2541',
      '&#x41;',
      '&amp;',
      '\\n',
      '\\u0041',
      '\u200b',
      '\u00a0',
      '\uff21',
      '\ud83d',
      '😀',
      ' a ',
    ],
    ...['SSN 078-05-1120', '4111 1111 1111 1111', '‹ssn›', '‹', '\n| name | ssn |\n|---|---|\n| x y | 078-05-1120 |\n'],
    ...['{"a":"b c"}', ': {"note":"of Żaneta"}', '"', '[1, "x y"]', Buffer.from('see Żaneta Ęgłąb').toString('base64')],
  );
  const text = fc.array(pieces, { maxLength: 12 }).map((parts) => parts.join(''));
  const packs = packMasker({ comprehend: COMPREHEND });

  it('is asked about just as it is masked: no text is left without an answer, no name unmasked', () => {
    fc.assert(
      fc.property(text, text, (one, other) => {
        const mask = (say: (text: string) => string) => {
          const raw = message(JSON.stringify({ [say(one)]: say(other), list: [say(one), { name: say(other) }] }));
          const result = answered(packs.maskingMessage(raw, CONTEXT), detector());
          if (!result.ok) throw new Error(JSON.stringify(result.error));
          return JSON.stringify(JSON.parse(result.value.text));
        };
        // One word alone is not asked about.
        expect(mask((text) => `to ${text}`)).not.toMatch(/Żaneta|Ęgłąb/);
        mask((text) => text);
      }),
      { numRuns: 1000 },
    );
  });
});

const progress = (text: string) =>
  Buffer.from(
    `data: ${JSON.stringify({ jsonrpc: '2.0', method: 'notifications/progress', params: { progressToken: 1, progress: 1, message: text } })}\n\n`,
  );
const messagesOf = (work: Work<StreamResult>, by = detector()): string[] => {
  const released = answered(work, by);
  if (!released.ok) throw new Error(JSON.stringify(released.error));
  return released.value.map(({ event }) => JSON.parse(event.toString('utf8').slice('data: '.length)).params.message);
};

describe('a name over several events', () => {
  it('comes out in no part, wherever it is cut, while events may wait', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { maxLength: 4 }), (cuts) => {
        const text = 'We called Żaneta Ęgłąb about it today.';
        const at = [...new Set(cuts.map((cut) => cut % text.length))].sort((a, b) => a - b);
        const stream = new StreamMasker(masker, CONTEXT);
        const shown = [0, ...at].flatMap((from, index) =>
          messagesOf(stream.push(progress(text.slice(from, at[index])))),
        );
        shown.push(...messagesOf(stream.end()));
        expect(shown.join('')).not.toMatch(OF_NAMES);
        expect(shown.join('').replace(/‹name›(?: ?‹name›)*/g, '@')).toBe('We called @ about it today.');
      }),
      { numRuns: 300 },
    );
  });

  it('has its rest masked even where the first event had to go before', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    const first = messagesOf(stream.push(progress('We called Żaneta ')));
    expect(first).toEqual(['We called ‹name› ']);
    expect(messagesOf(stream.push(progress('Ęgłąb today.')))).toEqual(['‹name› today.']);
  });

  it('is asked about in comments and unknown fields, too', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    const event = Buffer.from(': said Żaneta Ęgłąb\nnote: Żaneta Ęgłąb\n\n');
    const released = answered(stream.push(event), detector());
    expect(released.ok && released.value.map((masked) => masked.event.toString('utf8'))).toEqual([
      ': said ‹name›\nnote: ‹name›\n\n',
    ]);
  });

  it('withholds the stream where nobody answers, and says nothing more', () => {
    const stream = new StreamMasker(masker, CONTEXT);
    const down = { answer: () => ({ ok: false, error: 'throttled' }) as const };
    const why = { ok: false, error: { reason: 'detector_unavailable', fault: 'throttled' } };
    expect(answered(stream.push(progress('We called Żaneta.')), down)).toEqual(why);
    expect(answered(stream.push(progress('Done.')), detector())).toEqual(why);
  });
});
