// What Amazon Comprehend finds is masked, where it was found and nowhere else; what it did not answer is withheld.

import { describe, expect, it } from 'vitest';
import { compile } from '../../../lambdas/core/masking/compile.ts';
import {
  ENTITY_TYPES,
  entityLabel,
  entityRuleId,
  isEntityType,
} from '../../../lambdas/core/masking/comprehend/entity-types.ts';
import type { Answer, DetectedEntity } from '../../../lambdas/core/masking/comprehend/question.ts';
import { holdsWords } from '../../../lambdas/core/masking/comprehend/texts.ts';
import { DETECTORS, isDetectorId } from '../../../lambdas/core/masking/detectors/catalog.ts';
import type { MaskContext, MaskResult } from '../../../lambdas/core/masking/masker.ts';
import { PACKS } from '../../../lambdas/core/masking/packs.ts';
import { NO_RULES, type RuleSet } from '../../../lambdas/core/masking/rules.ts';
import { isLabel } from '../../../lambdas/core/masking/text/masks.ts';
import { err, ok } from '../../../lambdas/core/result.ts';
import { answered, COMPREHEND, type Detector, detectorOf } from '../../support/masking/detector.ts';
import { answer, CONTEXT, packMasker, textAnswer } from '../../support/masking/maskers.ts';

type Comprehend = NonNullable<RuleSet['comprehend']>;

interface Case {
  readonly comprehend?: Partial<Comprehend>;
  readonly rules?: Partial<RuleSet>;
  readonly context?: Partial<MaskContext>;
}

const mask = (json: string, detector: Pick<Detector, 'answer'>, { comprehend, rules, context }: Case = {}) =>
  answered<MaskResult>(
    packMasker({ ...rules, comprehend: { ...COMPREHEND, ...comprehend } }).maskingMessage(json, {
      ...CONTEXT,
      ...context,
    }),
    detector,
  );
const masked = (json: string, detector: Detector, over: Case = {}) => {
  const result = mask(json, detector, over);
  if (!result.ok) throw new Error(`withheld: ${JSON.stringify(result.error)}`);
  return result.value;
};
const textOf = (text: string, detector: Detector, over: Case = {}): string =>
  JSON.parse(masked(textAnswer(text), detector, over).text).result.content[0].text;
const saying =
  (...found: readonly DetectedEntity[]): Detector['answer'] =>
  ({ documents }) =>
    ok(documents.map(() => found));
const whyNot = (answer: Answer | undefined, text = 'Jane Doe called') => {
  const work = packMasker({ comprehend: COMPREHEND }).maskingMessage(textAnswer(text), CONTEXT);
  const result = answered<MaskResult>(work, { answer: () => answer as Answer });
  return result.ok ? result.value.text : result.error;
};
const name = (begin: number, end: number, over: Partial<DetectedEntity> = {}): DetectedEntity => ({
  ...{ type: 'NAME', score: 0.9, begin, end },
  ...over,
});

const JANE = 'Jane Doe';

describe('a name', () => {
  it('is masked in text, reported with a rule and a version, and nothing else changes', () => {
    const json = `{"jsonrpc":"2.0", "id":1,"result":{"content":[{"type":"text","text":"\\u0041sk Jane \\u0044oe \\/ now"}]}}`;
    const { text, findings } = masked(json, detectorOf(JANE));
    expect(text).toBe(json.replace('Jane \\u0044oe', '‹name›'));
    expect(findings).toMatchObject([
      { path: '/content/*/text', value: JANE, kind: 'entity', rule: { id: 'comprehend.NAME', version: 1 } },
    ]);
  });

  it.each([
    ['emoji', '😀👩‍👩‍👧 Jane Doe 😀', '😀👩‍👩‍👧 ‹name› 😀'],
    ['combining characters', 'e\u0301 e\u0301 Jane Doe e\u0301', 'e\u0301 e\u0301 ‹name› e\u0301'],
    ['characters beyond the plane', '𝒳𝒴 Jane Doe 𝒵', '𝒳𝒴 ‹name› 𝒵'],
  ])('is found behind %s', (_what, text, expected) => {
    expect(textOf(text, detectorOf(JANE))).toBe(expected);
  });

  it('is masked where a half of a pair stands before it, which is no UTF-8', () => {
    const detector = detectorOf(JANE);
    const json = textAnswer('@ Jane Doe').replace('@', '\\ud800');
    expect(masked(json, detector).text).toBe(json.replace(JANE, '‹name›'));
    expect(detector.asked[0]?.isWellFormed()).toBe(true);
  });

  it.each([
    ['a member', { structuredContent: { customer: { name: JANE } } }],
    ['the name of a member', { structuredContent: { [JANE]: 1 } }],
    ['an item', { structuredContent: { names: ['x', JANE] } }],
    ['JSON in text', { content: [{ type: 'text', text: JSON.stringify({ a: [{ b: JANE }] }) }] }],
    ['base64', { content: [{ type: 'text', text: Buffer.from(`ask ${JANE} now`).toString('base64') }] }],
    ['a URI', { content: [{ type: 'resource_link', name: 'n', uri: 'bank://customers/Jane%20Doe' }] }],
    ['a blob of text', { contents: [{ uri: 'a:b', blob: Buffer.from(`ask ${JANE} now`).toString('base64') }] }],
  ])('is found in %s', (_what, result) => {
    const { text, findings } = masked(answer(result), detectorOf(JANE));
    expect(text).not.toContain('Jane');
    expect(text).not.toContain(Buffer.from(`ask ${JANE}`).toString('base64').slice(0, 12));
    expect(text).toMatch(new RegExp(`name|${Buffer.from('ask ‹name› now').toString('base64')}`));
    expect(findings).toMatchObject([{ value: JANE, rule: { id: 'comprehend.NAME' } }]);
  });

  it('is asked about as its reader sees it', () => {
    const detector = detectorOf(JANE);
    expect(textOf('ask J\u200bane\u00a0Doe2', detector)).not.toContain('J');
    expect(textOf('ask Jane&#32;Doe', detector)).toBe('ask ‹name›');
  });

  it('is whole in one of the pieces of a long text, wherever it stands', () => {
    for (const at of [32_400, 32_700, 32_990, 32_996, 33_000, 33_200, 65_300]) {
      const text = `${'word '.repeat(at / 5)}${JANE}${' word'.repeat(14_000 - at / 5)}`;
      const detector = detectorOf(JANE);
      const got = masked(textAnswer(text), detector);
      expect(JSON.parse(got.text).result.content[0].text).toBe(text.replace(JANE, '‹name›'));
      expect(got.findings).toHaveLength(1);
      expect(detector.asked.length).toBeGreaterThan(1);
    }
  });

  it('is found in text without any white space near, and no character is cut', () => {
    const text = `a b${'😀'.repeat(40_000)}${JANE}`;
    const detector = detectorOf(JANE);
    expect(textOf(text, detector, { comprehend: { maxBytes: 1_000_000 } })).toBe(text.replace(JANE, '‹name›'));
    for (const document of detector.asked) expect(document.isWellFormed()).toBe(true);
  });
});

describe('what is asked', () => {
  it.each([
    ['a word', 'Jane'],
    ['an id', 'CUS-0001'],
    ['numbers', '12 345 678'],
    ['a date', '2026-11-22 10:00'],
    ['base64 of bytes', Buffer.from([1, 2, 3, 255, 254, 0, 9, 8, 7, 6, 5, 4, 3, 2, 1]).toString('base64')],
    ['nothing', ''],
  ])('is not %s', (_what, text) => {
    const detector = detectorOf('Jane', 'CUS');
    expect(textOf(text, detector)).toBe(text);
    expect(detector.asked).toEqual([]);
  });

  it('is no handle, which a client hands back', () => {
    const detector = detectorOf(JANE);
    const json = answer({ nextCursor: JANE, resources: [] });
    expect(masked(json, detector).text).toBe(json);
    expect(detector.asked).toEqual([]);
  });

  it('is once what stands there twice, all of a message in one document', () => {
    const detector = detectorOf(JANE);
    const rows = [{ note: 'ask Jane Doe' }, { note: 'ask Jane Doe' }, { note: 'or Joe' }, { note: 'x' }];
    masked(answer({ structuredContent: { rows } }), detector);
    expect(detector.asked).toEqual(['ask Jane Doe\n\nor Joe']);
  });

  it('is nothing that a detector found already, which keeps its length and its shape only', () => {
    const detector = detectorOf(JANE, 'Ann Li');
    const text = 'SSN 078-05-1120 of Jane Doe 😀, card 4111 1111 1111 1111, mail to jane.d@example.com or Ann Li';
    expect(textOf(text, detector)).toBe('SSN ‹ssn› of ‹name› 😀, card ‹card …1111›, mail to ‹email› or ‹name›');
    expect(detector.asked).toEqual([
      'SSN 000-00-0000 of Jane Doe 😀, card 0000 0000 0000 0000, mail to XXXX.X@XXXXXXX.XXX or Ann Li',
    ]);
  });

  it('shows what an exception shows, since nothing is masked there', () => {
    const detector = detectorOf(JANE);
    const exceptions = [{ id: 'e', groups: ['analysts'], rules: ['us-bank.ssn'] }];
    expect(textOf('SSN 078-05-1120 of Jane Doe', detector, { rules: { exceptions } })).toContain(
      '078-05-1120 of ‹name›',
    );
    expect(detector.asked[0]).toContain('078-05-1120');
  });

  it('never is a document over the service’s 100,000 bytes', () => {
    const detector = detectorOf(JANE);
    const texts = Array.from({ length: 40 }, (_, index) => `${index} ${'日本 '.repeat(100 * index)}${JANE}`);
    const { findings } = masked(answer({ structuredContent: { texts } }), detector, {
      comprehend: { maxBytes: 1_000_000 },
    });
    expect(findings).toHaveLength(40);
    for (const document of detector.asked) expect(Buffer.byteLength(document)).toBeLessThanOrEqual(100_000);
    expect(detector.asked.length).toBeLessThan(15);
  });

  it('is bounded for one message; one with more is withheld, before anybody is asked', () => {
    const detector = detectorOf(JANE);
    const over = { comprehend: { maxBytes: 1000 } };
    expect(textOf(`é ${'x'.repeat(997)}`, detector, over)).toHaveLength(999);
    expect(mask(textAnswer(`é ${'x'.repeat(998)}`), detector, over)).toEqual({
      ok: false,
      error: { reason: 'too_much_text', maxBytes: 1000 },
    });
    expect(detector.asked).toHaveLength(1);
  });

  it('is nothing where the rule does not apply', () => {
    const where = { servers: ['core-banking'], tools: ['get_customer'] };
    const asks = (context: Partial<MaskContext>) => {
      const detector = detectorOf(JANE);
      const text = textOf('ask Jane Doe', detector, { comprehend: { where }, context });
      expect(text).toBe(detector.asked.length > 0 ? 'ask ‹name›' : 'ask Jane Doe');
      return detector.asked.length > 0;
    };
    expect(asks({})).toBe(true);
    expect(asks({ tool: undefined })).toBe(true);
    expect([asks({ tool: 'query' }), asks({ tool: null }), asks({ server: 'other' })]).toEqual([false, false, false]);
  });
});

describe('what is found', () => {
  it('is masked only where the rules name it, and it is sure enough', () => {
    const found = saying(name(0, 4), name(5, 8, { type: 'AGE' }), name(9, 15, { score: 0.49 }));
    const result = mask(textAnswer('Jane 101 called'), { answer: found }, {});
    expect(result.ok && JSON.parse(result.value.text).result.content[0].text).toBe('‹name› 101 called');
  });

  it('across two texts is masked in both, without what stands between', () => {
    const { text, findings } = masked(
      answer({ structuredContent: { a: 'ask Jane', b: 'Doe now' } }),
      detectorOf('Jane\n\nDoe'),
    );
    expect(JSON.parse(text).result.structuredContent).toEqual({ a: 'ask ‹name›', b: '‹name› now' });
    expect(findings.map(({ value }) => value)).toEqual(['Jane', 'Doe']);
  });

  it('twice is one', () => {
    const result = mask(textAnswer('Jane Mary Doe'), { answer: saying(name(0, 9), name(5, 13)) }, {});
    expect(result).toMatchObject({ ok: true, value: { findings: [{ value: 'Jane Mary Doe' }] } });
  });

  it('gives way to a detector of ours at the same place', () => {
    const at = (begin: number, end: number) => ({ answer: saying(name(begin, end, { type: 'SSN' })) });
    const over: Case = { comprehend: { entities: ['SSN'] } };
    const both = mask(textAnswer('my SSN 078-05-1120 ok'), at(7, 18), over);
    expect(both).toMatchObject({
      ok: true,
      value: { findings: [{ rule: { id: 'us-bank.ssn' }, value: '078-05-1120' }] },
    });
    const alone = mask(textAnswer('the one 078-05-1120 ok'), at(0, 3), over);
    expect(JSON.stringify(alone)).toContain('comprehend.SSN');
  });

  it('is shown to the groups of an exception, once, and on record', () => {
    const exceptions = [{ id: 'names', groups: ['analysts'], rules: ['comprehend.NAME'] }];
    const { text, findings, shown } = masked(textAnswer('ask Jane Doe'), detectorOf(JANE), { rules: { exceptions } });
    expect(text).toBe(textAnswer('ask Jane Doe'));
    expect(findings).toEqual([]);
    expect(shown).toMatchObject([{ value: JANE, rule: { id: 'comprehend.NAME', shownBy: 'names' } }]);
  });

  it('passes when it is known to be safe', () => {
    const allow = [{ id: 'us', values: ['Jane Doe'] }];
    expect(textOf('ask Jane Doe', detectorOf(JANE), { rules: { allow } })).toBe('ask Jane Doe');
  });

  it('is a token, or withholds the message, as the rule says', () => {
    const tokens = ['ask Jane Doe', 'it was JANE DOE'].map((text) =>
      textOf(text, detectorOf(JANE, 'JANE DOE'), { comprehend: { action: 'tokenise' } }),
    );
    const [first, second] = tokens.map((text) => /‹name ~[a-z]{24}›/.exec(text)?.[0]);
    expect(first).toBeDefined();
    expect(second).toBe(first);
    expect(mask(textAnswer('ask Jane Doe'), detectorOf(JANE), { comprehend: { action: 'refuse' } })).toMatchObject({
      ok: false,
      error: { reason: 'refused_by_rule', rule: 'comprehend.NAME' },
    });
  });

  it('is no mask, nor what only looks like one', () => {
    const whole = ({ documents }: { documents: readonly string[] }) =>
      ok(documents.map((text) => [name(0, [...text].length)]));
    const all = (text: string) => {
      const result = mask(textAnswer(text), { answer: whole });
      return result.ok ? JSON.parse(result.value.text).result.content[0].text : result.error;
    };
    expect(all('‹name› and ‹ssn›')).toBe('‹name›‹name›‹ssn›');
    expect(all('‹ssn› ‹ssn›')).toBe('‹ssn› ‹ssn›');
    expect(all('‹Jane Doe›')).toBe('‹name›');
  });
});

describe('an answer that is none', () => {
  const withheld = (fault: string) => ({ reason: 'detector_unavailable', fault });

  it.each([
    ['reversed', [name(5, 4)]],
    ['empty', [name(4, 4)]],
    ['before the text', [name(-1, 4)]],
    ['behind the text', [name(5, 16)]],
    ['between characters', [name(0.5, 4)]],
    ['without a number', [name(Number.NaN, 4)]],
    ['of an unknown type', [name(0, 8, { type: 'PERSON' })]],
    ['with a score over 1', [name(0, 8, { score: 1.1 })]],
    ['without a score', [name(0, 8, { score: Number.NaN })]],
    ['wrong behind what is right', [name(0, 8), name(9, 20)]],
  ])('withholds the message: offsets or words %s', (_what, found) => {
    expect(whyNot(ok([found]))).toEqual(withheld('malformed'));
  });

  it('is told from one that goes to the very ends', () => {
    expect(whyNot(ok([[name(0, 8), name(8, 15)]]))).toContain('‹name›');
  });

  it('has too few documents', () => {
    expect(whyNot(ok([]))).toEqual(withheld('malformed'));
  });

  it('counts code points, so that emoji make a text no longer', () => {
    expect(whyNot(ok([[name(0, 9)]]), '😀 is Jane')).toContain('‹name›');
    expect(whyNot(ok([[name(0, 10)]]), '😀 is Jane')).toEqual(withheld('malformed'));
  });

  it.each(['throttled', 'timeout', 'unreachable', 'refused'] as const)('withholds what is %s', (fault) => {
    expect(whyNot(err(fault))).toEqual(withheld(fault));
  });

  it('withholds where nobody asks, as nothing does that runs at once', () => {
    const masker = packMasker({ comprehend: COMPREHEND });
    expect(masker.maskMessage(textAnswer('ask Jane Doe'), CONTEXT)).toEqual({
      ok: false,
      error: withheld('not_asked'),
    });
    expect(masker.maskText('ask Jane Doe', CONTEXT)).toEqual({ ok: false, error: withheld('not_asked') });
    expect(masker.maskText('Jane', CONTEXT)).toMatchObject({ ok: true });
  });
});

describe('types of entities', () => {
  it('are known by the names of the API, without the word of its batch jobs', () => {
    expect(ENTITY_TYPES).toHaveLength(36);
    expect([isEntityType('NAME'), isEntityType('ALL'), isEntityType('name')]).toEqual([true, false, false]);
  });

  it('have labels of their own that masks can carry, and that tell detectors nothing', () => {
    const labels = ENTITY_TYPES.map(entityLabel);
    expect(new Set(labels).size).toBe(labels.length);
    for (const label of labels) {
      expect(label).toSatisfy(isLabel);
      if (isDetectorId(label)) expect(DETECTORS[label].context).toBeNull();
    }
  });

  it('have rules that no bank can write', () => {
    const rule = (id: string) =>
      compile({ ...NO_RULES, rules: [{ id, version: 1, keys: ['a'], action: 'redact' }] }, PACKS);
    expect(rule(entityRuleId('NAME')).ok).toBe(false);
    expect(rule('comprehend.name').ok).toBe(true);
  });

  it('and actions that are not there do not compile', () => {
    const faults = (over: object) => {
      const compiled = compile({ ...NO_RULES, comprehend: { ...COMPREHEND, ...over } }, PACKS);
      return compiled.ok ? [] : compiled.error.map(({ rule }) => rule);
    };
    expect(faults({})).toEqual([]);
    for (const over of [{ entities: ['ALL'] }, { entities: [] }, { action: 'partial' }, { minScore: Number.NaN }])
      expect(faults(over)).toEqual(['comprehend']);
  });
});

describe('holdsWords', () => {
  it.each(['Jane Doe', 'J. D.', 'ask\nJane', 'a\u00a0b', '日本 語', 'x 1 y', '1 a b'])('is true of %j', (text) => {
    expect(holdsWords(text)).toBe(true);
  });

  it.each(['Jane', ' Jane ', '1 2 3', 'a-b/c', 'a 1', '1 a', '', '\u00a0'])('is false of %j', (text) => {
    expect(holdsWords(text)).toBe(false);
  });

  it('looks at a part of a text', () => {
    expect([holdsWords('Jane Doe', 0, 5), holdsWords('Jane Doe', 0, 6), holdsWords('Jane Doe', 4)]).toEqual([
      ...[false, true, false],
    ]);
  });
});
