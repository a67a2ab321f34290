import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isObject, MAX_JSON_DEPTH, parseStrictJson } from '../../../lambdas/core/mcp/json.ts';
import { accepted, refused, verdict } from '../../support/result.ts';
import { wellFormedText } from '../any-text.ts';

const parse = parseStrictJson;
const nested = (depth: number, open = '[', close = ']'): string => open.repeat(depth) + close.repeat(depth);

describe('isObject', () => {
  it.each([[null], [[]], ['{}'], [1], [undefined]])('does not take %j for an object', (value) => {
    expect(isObject(value)).toBe(false);
  });

  it('takes an object for an object', () => {
    expect(isObject({})).toBe(true);
  });
});

describe('parseStrictJson', () => {
  it.each(['null', '0', '"a"', '[]', '{}', ' { "a" : [ 1 , { } ] } ', '-0.5e-3', '"\\u0041\\n"'])(
    'takes %s',
    (text) => {
      expect(accepted(parse(text))).toEqual(JSON.parse(text));
    },
  );

  describe('member names', () => {
    it.each([
      ['twice in one object', '{"a":1,"a":1}', 'a'],
      ['through an escape', '{"a":1,"\\u0061":2}', 'a'],
      ['through two different escapes', '{"\\u002f":1,"\\/":2}', '/'],
      ['in a nested object', '{"x":{"b":1,"b":2}}', 'b'],
      ['in an object inside an array', '[0,[{"c":1,"c":2}]]', 'c'],
      ['after a nested object of the same member', '{"d":{"d":1},"d":2}', 'd'],
      ['after a nested array', '{"e":[1,2],"e":3}', 'e'],
      ['named by the empty string', '{"":1,"":2}', ''],
      ['named __proto__', '{"__proto__":1,"__proto__":2}', '__proto__'],
      ['with a quote in the name', '{"\\"":1,"\\"":2}', '"'],
      ['with a backslash at its end', '{"\\\\":1,"\\\\":2}', '\\'],
      ['apart by white space and other members', '{ "f" : 1 ,\n"g":{},"f":2}', 'f'],
    ])('refuses one that appears %s', (_how, text, member) => {
      expect(refused(parse(text))).toEqual({ reason: 'duplicate_member', member });
    });

    it.each([
      ['in sibling objects', '[{"a":1},{"a":1}]'],
      ['in an object and the object around it', '{"a":{"a":{"a":1}}}'],
      ['as a value', '{"a":"a","b":"a"}'],
      ['as a value in an array, before and after the member', '{"x":["a","a"],"a":["a"]}'],
      ['that differ in case only', '{"a":1,"A":2}'],
      ['that differ in normalisation only', '{"é":1,"e\u0301":2}'],
      ['inside a string that looks like JSON', '{"a":"{\\"a\\":1,\\"a\\":2}","b":1}'],
    ])('takes equal names %s', (_how, text) => {
      expect(accepted(parse(text))).toEqual(JSON.parse(text));
    });

    it('cuts a long duplicate name short', () => {
      const name = 'n'.repeat(200);
      expect(refused(parse(`{"${name}":1,"${name}":2}`))).toEqual({
        reason: 'duplicate_member',
        member: 'n'.repeat(100),
      });
    });

    it('keeps a member called __proto__ a member', () => {
      const value = accepted(parse('{"__proto__":{"polluted":true}}'));
      expect(Object.keys(value as object)).toEqual(['__proto__']);
      expect({}).not.toHaveProperty('polluted');
    });
  });

  describe('surrogates', () => {
    it.each([
      ['escaped high half', '"\\ud83d"'],
      ['escaped low half', '"\\ude00"'],
      ['escaped halves in the wrong order', '"\\ude00\\ud83d"'],
      ['raw high half', '"\ud83d"'],
      ['raw low half', '["\ude00"]'],
      ['upper-case escape', '"\\uD83D!"'],
      ['half in a member name', '{"\\ud83d":1}'],
      ['half deep inside', '{"a":[{"b":["\\udc00"]}]}'],
      ['half in a member that a later one hides', '{"a":"\\ud800","a":"b"}'],
    ])('refuses an %s', (_what, text) => {
      expect(verdict(parse(text))).toMatch(/lone_surrogate|duplicate_member/);
    });

    it.each([
      ['raw pair', '"😀"'],
      ['escaped pair', '"\\ud83d\\ude00"'],
      ['pair in a name', '{"\\ud83d\\ude00":1}'],
      ['pair half raw', '"\ud83d\\ude00"'],
      ['escaped backslash before a u', '"\\\\ud83d"'],
    ])('takes a %s', (_what, text) => {
      expect(accepted(parse(text))).toEqual(JSON.parse(text));
    });

    it('looks through an array of a million items', () => {
      expect(verdict(parse(`["\\ud83d\\ude00"${',0'.repeat(1_000_000)}]`))).toBe('accepted');
    });
  });

  describe('depth', () => {
    it.each([
      ['arrays', '[', ']'],
      ['objects', '{"a":', '}'],
    ])('takes %s at the limit and refuses one level more', (_what, open, close) => {
      const at = (depth: number) => (open === '[' ? nested(depth) : `${open.repeat(depth)}1${close.repeat(depth)}`);
      expect(verdict(parse(at(MAX_JSON_DEPTH)))).toBe('accepted');
      expect(refused(parse(at(MAX_JSON_DEPTH + 1)))).toEqual({ reason: 'too_deep', limit: 64 });
    });

    it('does not count brackets inside strings or siblings', () => {
      expect(verdict(parse(`["${'['.repeat(100)}"${',[]'.repeat(100)}]`))).toBe('accepted');
    });

    it('refuses a million levels without overflowing', () => {
      expect(verdict(parse(nested(1_000_000)))).toBe('too_deep');
    });
  });

  describe('what is not JSON', () => {
    it.each(['', ' ', '{', '{"a":1,}', "{'a':1}", '[1 2]', 'NaN', '01', '"\u0001"', '{"a":1} x', '\ufeff{}', '/**/1'])(
      'refuses %j',
      (text) => {
        expect(verdict(parse(text))).toBe('invalid_json');
      },
    );

    it('names the position where it is known', () => {
      expect(refused(parse('{"account":1,}'))).toEqual({ reason: 'invalid_json', detail: 'not JSON at position 13' });
    });

    it('takes no position from the text itself', () => {
      expect(refused(parse('at position 41111111'))).toEqual({ reason: 'invalid_json', detail: 'not JSON' });
    });

    it('never quotes the text', () => {
      fc.assert(
        fc.property(fc.string(), fc.string(), (before, after) => {
          const result = parse(`${before}SECRET${after}`);
          if (!result.ok) expect(JSON.stringify(result.error)).not.toContain('SECRET');
        }),
      );
    });
  });

  it('reads any JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.nat(3), (value, space) => {
        const text = JSON.stringify(value, null, space);
        fc.pre(text.isWellFormed() && !/\\ud[89a-f]/i.test(text));
        expect(accepted(parse(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('refuses a duplicate wherever it is put', () => {
    const name = wellFormedText.map((text) => JSON.stringify(text));
    fc.assert(
      fc.property(fc.array(fc.nat(2), { maxLength: 20 }), name, fc.jsonValue(), (path, member, value) => {
        const inner = JSON.stringify(value);
        fc.pre(!/\\ud[89a-f]/i.test(inner));
        let text = `{${member}:${inner},"other":[],${member}:1}`;
        for (const step of path) text = [`[${text}]`, `{"a":${text},"b":{}}`, `[{}, "x", ${text}, 1]`][step] ?? '';
        expect(refused(parse(text))).toEqual({ reason: 'duplicate_member', member: JSON.parse(member).slice(0, 100) });
      }),
    );
  });
});
