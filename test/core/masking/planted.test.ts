// Whatever is planted, wherever and however it is written, does not come out; whatever was not planted does, byte for byte.

import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { finishSlowly } from '../../../lambdas/core/masking/work.ts';
import { CONTEXT, maskerOf, packMasker } from '../../support/masking/maskers.ts';
import { cardNumber, encode, encoding, leaks, secret } from '../../support/masking/plant.ts';

const masker = packMasker();
const RUNS = 1000;
/** Thousands of messages, also on a machine that does other things. */
const TIMEOUT_MS = 120_000;

vi.setConfig({ testTimeout: TIMEOUT_MS });

/** Places of the protocol where a server can say something: `@` is the planted text, quoted. */
const PLACES = [
  '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"text","text":@}]}}',
  '{"jsonrpc":"2.0", "id":7,\n "result":{"structuredContent":{"a":{"b":[1, @ ,true]}},"content":[]}}',
  '{"jsonrpc":"2.0","id":"x","result":{"structuredContent":{@:{"nested":null}}}}',
  '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"resource","resource":{"uri":"a://b","mimeType":"text/plain","text":@}}]}}',
  '{"jsonrpc":"2.0","id":7,"result":{"content":[{"type":"resource_link","uri":"a://b","name":"n","description":@}]}}',
  '{"jsonrpc":"2.0","id":7,"result":{"contents":[{"uri":"a://b","text":@}]}}',
  '{"jsonrpc":"2.0","id":7,"result":{"messages":[{"role":"user","content":{"type":"text","text":@}}],"description":"d"}}',
  '{"jsonrpc":"2.0","id":7,"result":{"completion":{"values":["a",@],"hasMore":false}}}',
  '{"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"t","description":@,"inputSchema":{"type":"object"}}]}}',
  '{"jsonrpc":"2.0","id":7,"result":{"tools":[{"name":"t","inputSchema":{"type":"object","properties":{"q":{"description":@}}}}]}}',
  '{"jsonrpc":"2.0","id":7,"result":{"task":{"taskId":"t1","statusMessage":@},"_meta":{"note":@}}}',
  '{"jsonrpc":"2.0","id":7,"result":{"unheardOf":{"deeper":[[@]]}}}',
  '{"jsonrpc":"2.0","id":7,"error":{"code":-32000,"message":@,"data":{"detail":@}}}',
  '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":3,"message":@}}',
  '{"jsonrpc":"2.0","method":"notifications/message","params":{"level":"info","logger":"l","data":{"x":@}}}',
  '{"jsonrpc":"2.0","id":8,"method":"elicitation/create","params":{"message":@,"requestedSchema":{"type":"object","properties":{}}}}',
];

const filler = fc.constantFrom(
  '',
  'Here it is: ',
  'über ',
  '日本語 ',
  'line\n',
  '"quoted" ',
  'tab\t',
  '/slash/ ',
  '😀 ',
);
/** JSON has many ways to write a character; what is not masked keeps the one it came in. */
const writings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => JSON.stringify(text),
  ascii: (text) =>
    JSON.stringify(text).replace(
      /[\u0080-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  slashes: (text) => JSON.stringify(text).replaceAll('/', '\\/'),
};

const planted = fc.record({
  place: fc.constantFrom(...PLACES),
  before: filler,
  after: fc.constantFrom('', ' and so on', '\n', ' "x"'),
  value: secret,
  how: encoding,
  writing: fc.constantFrom(...Object.keys(writings)),
});

const MASK = String.raw`[^‹›"]{0,4}‹[a-z-]+(?: …[A-Za-z0-9]{1,4})?(?: #\d+)?›|masked-[a-z-]+`;
const escaped = (text: string): string => text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');

describe('a planted secret', () => {
  it('comes out nowhere, and nothing else changes', () => {
    fc.assert(
      fc.property(planted, ({ place, before, after, value, how, writing }) => {
        const write = writings[writing] ?? JSON.stringify;
        const text = encode(how, value);
        const json = place.replaceAll('@', () => write(before + text + after));
        const result = masker.maskMessage(json, CONTEXT);
        if (!result.ok) throw new Error(`${result.error.reason} ${json}`);
        expect(leaks(result.value.text, value)).toBe(false);
        // Wrapped in JSON, the text around the secret is the wrapper's; its test is that it still parses.
        JSON.parse(result.value.text);
        if (how === 'json' || how === 'twiceJson') return;
        const [head, tail] = [write(before).slice(0, -1), write(after).slice(1)];
        const shape = place
          .split('@')
          .map(escaped)
          .join(`${escaped(head)}(?:${MASK})${escaped(tail)}`);
        expect(result.value.text).toMatch(new RegExp(`^${shape}$`));
      }),
      { numRuns: RUNS },
    );
  });

  it('stays masked the same when masked again, also in slices', async () => {
    await fc.assert(
      fc.asyncProperty(planted, async ({ place, before, after, value, how }) => {
        const json = place.replaceAll('@', () => JSON.stringify(before + encode(how, value) + after));
        const once = masker.maskMessage(json, CONTEXT);
        if (!once.ok) throw new Error(once.error.reason);
        const twice = masker.maskMessage(once.value.text, CONTEXT);
        expect(twice).toMatchObject({ ok: true, value: { text: once.value.text, findings: [] } });
        const sliced = await finishSlowly(masker.maskingMessage(json, CONTEXT), () => Promise.resolve());
        expect(sliced.ok && sliced.value.text).toBe(once.value.text);
      }),
      { numRuns: 300 },
    );
  });

  it('is found as a number, in any notation that keeps its digits', () => {
    fc.assert(
      fc.property(cardNumber, fc.constantFrom('', '.0', 'e0'), (value, notation) => {
        const digits = value.replace(/\D/g, '');
        const result = masker.maskMessage(
          `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"n":${digits}${notation}}}}`,
          CONTEXT,
        );
        expect(result.ok && result.value.text).toBe(
          `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":{"n":"‹card …${digits.slice(-4)}›"}}}`,
        );
      }),
      { numRuns: 300 },
    );
  });
});

describe('any JSON', () => {
  it('without rules comes out byte for byte', () => {
    const bare = maskerOf({});
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), fc.nat(3), (value, spaces) => {
        const json = JSON.stringify(
          { jsonrpc: '2.0', id: 1, result: { structuredContent: JSON.parse(value) } },
          null,
          spaces,
        );
        expect(bare.maskMessage(json, CONTEXT)).toMatchObject({ ok: true, value: { text: json, findings: [] } });
      }),
    );
  });

  it('with all packs is still JSON, and masking it again changes nothing', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (value) => {
        const json = JSON.stringify({ jsonrpc: '2.0', id: 1, result: { structuredContent: JSON.parse(value) } });
        const once = masker.maskMessage(json, CONTEXT);
        if (!once.ok) throw new Error(once.error.reason);
        expect(Object.keys(JSON.parse(once.value.text))).toEqual(['jsonrpc', 'id', 'result']);
        const twice = masker.maskMessage(once.value.text, CONTEXT);
        expect(twice.ok && twice.value.text).toBe(once.value.text);
      }),
      { numRuns: 500 },
    );
  });
});
