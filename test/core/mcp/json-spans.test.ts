import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, itemSpans, memberSpans, rootStart, textAt } from '../../../lambdas/core/mcp/json-spans.ts';

/** JSON texts with whitespace where JSON allows it. */
const spaced = fc.tuple(fc.json(), fc.constantFrom(undefined, 1, '\t', '\n \r')).map(([json, space]) => {
  const text = JSON.stringify(JSON.parse(json), null, space);
  return space === undefined ? text : ` \n${text}\t`;
});

describe('memberSpans', () => {
  it('finds every member of any object, and its value', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const value: unknown = JSON.parse(text);
        const members = memberSpans(text, rootStart(text));
        const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
        expect(members.map(({ name, value: span }) => [name, JSON.parse(textAt(text, span))])).toEqual(
          isObject ? Object.keys(value).map((name) => [name, (value as Record<string, unknown>)[name]]) : [],
        );
        for (const { whole } of members) expect(JSON.parse(`{${textAt(text, whole)}}`)).toBeTypeOf('object');
      }),
    );
  });

  it('reads escaped names as what they say', () => {
    expect(memberSpans('{"re\\u0073ult" : [ ] }', 0)).toMatchObject([
      { name: 'result', value: { start: 17, end: 20 } },
    ]);
  });
});

describe('itemSpans', () => {
  it('finds every item of any list', () => {
    fc.assert(
      fc.property(spaced, (text) => {
        const value: unknown = JSON.parse(text);
        const items = itemSpans(text, rootStart(text)).map((span) => JSON.parse(textAt(text, span)));
        expect(items).toEqual(Array.isArray(value) ? value : []);
      }),
    );
  });
});

describe('applyEdits', () => {
  it('changes the spans and nothing else, in whatever order they are given', () => {
    const edits = [
      { span: { start: 4, end: 5 }, text: 'four' },
      { span: { start: 1, end: 1 }, text: '+' },
    ];
    expect(applyEdits('0123456', edits)).toBe('0+123four56');
    expect(applyEdits('0123456', [])).toBe('0123456');
  });
});
