// What is done in slices is what would be done at once, and no slice is longer than a bounded piece of the message: counted
// in pauses, so that a look at a whole message at once is seen without a clock.

import { createSecretKey } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { answerCutter } from '../../../lambdas/core/catalog/cut-answer.ts';
import { compile } from '../../../lambdas/core/masking/compile.ts';
import { excerpt } from '../../../lambdas/core/masking/excerpt.ts';
import { readJson } from '../../../lambdas/core/masking/json/read.ts';
import { PACKS } from '../../../lambdas/core/masking/packs.ts';
import { prove } from '../../../lambdas/core/masking/proof.ts';
import { NO_RULES, PACK_NAMES } from '../../../lambdas/core/masking/rules.ts';
import { sortSlowly } from '../../../lambdas/core/masking/sort-slowly.ts';
import { StreamMasker } from '../../../lambdas/core/masking/stream/stream-masker.ts';
import { DigitGroups } from '../../../lambdas/core/masking/text/digit-groups.ts';
import { WideSet } from '../../../lambdas/core/masking/wide-set.ts';
import { finish, SLICE, type Work } from '../../../lambdas/core/masking/work.ts';
import { readEnvelope } from '../../../lambdas/core/mcp/answer.ts';
import { readEventData } from '../../../lambdas/core/mcp/sse.ts';
import { aCall, aConfig } from '../../support/builders.ts';
import { policyOf } from '../../support/policy.ts';
import { accepted } from '../../support/result.ts';

const MEGABYTE = 1_000_000;
const CONTEXT = { server: 's', tool: 't', groups: [], tokenKey: Buffer.alloc(32, 7) };
const masker = accepted(compile({ ...NO_RULES, packs: PACK_NAMES }, PACKS));

const pausesOf = (work: Work<unknown>): number => {
  let pauses = 0;
  while (work.next().done !== true) pauses += 1;
  return pauses;
};

const answer = (result: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: 1, result });
const times = <T>(count: number, make: (index: number) => T): T[] =>
  Array.from({ length: count }, (_, index) => make(index));

const LARGE: readonly (readonly [name: string, json: string])[] = [
  ['one string', answer({ content: [{ type: 'text', text: 'word '.repeat(MEGABYTE / 5) }] })],
  ['one string of escapes', answer({ content: [{ type: 'text', text: 'a\n'.repeat(MEGABYTE / 3) }] })],
  ['small objects', answer({ structuredContent: { rows: times(MEGABYTE / 20, (id) => ({ id, name: 'row' })) } })],
  [
    'one object of many members',
    answer({ structuredContent: Object.fromEntries(times(MEGABYTE / 15, (id) => [`n${id}`, id])) }),
  ],
  ['values to mask', answer({ structuredContent: { list: times(MEGABYTE / 19, () => '4111111111111111') } })],
  [
    'names to mask',
    answer({ structuredContent: Object.fromEntries(times(MEGABYTE / 27, (id) => [`${id} 4111111111111111`, 1])) }),
  ],
  ['JSON Lines in text', answer({ content: [{ type: 'text', text: '{"ssn":1}\n'.repeat(MEGABYTE / 12) }] })],
  ['a table in text', answer({ content: [{ type: 'text', text: 'ssn,a\n'.repeat(MEGABYTE / 7) }] })],
];
/** A slice costs milliseconds; one that takes in this many characters is still far from what a process may be held up. */
const LONGEST = 8 * SLICE;

describe('a message of a megabyte is looked at in pieces', () => {
  it.each(LARGE)('masked: %s', (_name, json) => {
    expect(pausesOf(masker.maskingMessage(json, CONTEXT))).toBeGreaterThan(json.length / SLICE / 2);
  });

  it.each(LARGE)('its envelope: %s', (_name, json) => {
    expect(pausesOf(readEnvelope(json))).toBeGreaterThan(json.length / LONGEST);
  });

  it.each(LARGE)('masked in an event: %s', (_name, json) => {
    const pauses = pausesOf(new StreamMasker(masker, CONTEXT).push(Buffer.from(`data: ${json}\n\n`)));
    expect(pauses).toBeGreaterThan(json.length / SLICE / 2);
  });

  it('committed to', () => {
    const { findings } = accepted(masker.maskMessage(LARGE[4]?.[1] ?? '', CONTEXT));
    expect(findings.length).toBeGreaterThan(50_000);
    const pauses = pausesOf(prove(createSecretKey(Buffer.alloc(32, 1)), findings, []));
    expect(pauses).toBeGreaterThan(findings.length / 2048);
  });

  it('the data of an event of many lines', () => {
    expect(pausesOf(readEventData(Buffer.from('data:\n'.repeat(MEGABYTE / 6))))).toBeGreaterThan(10);
  });

  it('a list that policy cuts', () => {
    const cutter = answerCutter(policyOf(aConfig()), aCall({ action: 'tools/list', method: 'tools/list' }));
    const json = answer({ tools: times(200, (id) => ({ name: `tool${id}` })) });
    if (cutter === undefined) throw new Error('nothing to cut');
    expect(pausesOf(cutter(json))).toBeGreaterThan(199);
  });

  it('an excerpt reads no further than it shows', () => {
    const text = JSON.stringify(times(100_000, (id) => ({ id })));
    const root = finish(readJson(text));
    if (root === undefined) throw new Error('not JSON');
    expect(finish(excerpt(text, root))).toHaveLength(21);
    expect(JSON.stringify(finish(excerpt(text, root)))).toContain('‹99980 more›');
  });
});

describe('sortSlowly', () => {
  it('is the sort of the language', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { maxLength: 60 }), (values) => {
        const sorted = finish(sortSlowly(values.length, (a, b) => (values[a] ?? 0) - (values[b] ?? 0)));
        const indices = values.map((_, index) => index).sort((a, b) => (values[a] ?? 0) - (values[b] ?? 0));
        expect([...sorted]).toEqual(indices);
      }),
    );
  });
});

describe('WideSet', () => {
  it('is a set', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 3 }), { maxLength: 2000, size: 'max' }), (texts) => {
        const [wide, plain] = [new WideSet(), new Set<string>()];
        for (const text of texts) {
          expect(wide.has(text)).toBe(plain.has(text));
          wide.add(text);
          plain.add(text);
          expect(wide.size).toBe(plain.size);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('DigitGroups', () => {
  it('reads on from the second group what it would read anew', () => {
    const text = fc
      .array(fc.constantFrom('1', '4', '22', '333', '1234567', ' ', '-', '  ', '    ', 'x', '.'), { maxLength: 60 })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(text, (passage) => {
        const sliding = new DigitGroups();
        for (const { index } of passage.matchAll(/\d+/g)) {
          const fresh = new DigitGroups();
          sliding.read(passage, index, passage.length);
          fresh.read(passage, index, passage.length);
          const seen = (groups: DigitGroups) => [
            groups.count,
            groups.total,
            groups.countEven(),
            groups.digits(groups.count),
          ];
          expect(seen(sliding)).toEqual(seen(fresh));
          expect(times(sliding.count, (at) => sliding.startOf(at))).toEqual(
            times(fresh.count, (at) => fresh.startOf(at)),
          );
        }
      }),
      { numRuns: 2000 },
    );
  });
});
