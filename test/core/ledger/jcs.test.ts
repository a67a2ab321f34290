// RFC 8785 without a package: against the vectors of the RFC and against the package.

import canonicalize from 'canonicalize';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../../lambdas/core/ledger/jcs.ts';
import { isCanonical } from '../../../lambdas/core/ledger/verify/canonical.ts';

describe('canonicalJson', () => {
  it('writes the example of RFC 8785 section 3.2.2', () => {
    const value = {
      numbers: [Number('333333333.33333329'), 1e30, 4.5, 2e-3, 0.000000000000000000000000001],
      string: '\u20ac$\u000F\u000aA\'\u0042\u0022\u005c\\"/',
      literals: [null, true, false],
    };
    expect(canonicalJson(value)).toBe(
      '{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}',
    );
  });

  it('sorts members by UTF-16 code units (RFC 8785 section 3.2.3)', () => {
    const value = { '\u20ac': 1, '\r': 2, '\ufb33': 3, '1': 4, '\ud83d\ude00': 5, '\u0080': 6, '\u00f6': 7 };
    expect(Object.values(JSON.parse(canonicalJson(value)))).toHaveLength(7);
    expect(canonicalJson(value)).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  // RFC 8785 appendix B, by the bits of the double.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
  ])('writes the double %s as %s', (bits, text) => {
    expect(canonicalJson(Buffer.from(bits, 'hex').readDoubleBE())).toBe(text);
  });

  it.each([
    ['a lone surrogate', '\ud800'],
    ['one in a name', { '\udead': 1 }],
    ['NaN', Number.NaN],
    ['undefined', undefined],
    ['a big integer', 1n],
  ])('refuses %s', (_, value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError);
  });

  it('is what the package writes, for any JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        expect(canonicalJson(value)).toBe(canonicalize(value));
      }),
    );
  });
});

/** JSON with the members that make trouble: names like indices, `__proto__`, escapes, numbers in other forms. */
const awkward = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      '""',
      '"a"',
      '"\\u0041"',
      '"\\/"',
      '"\\n"',
      '"é"',
      '"\\ud83d\\ude00"',
      '"\\ud800"',
      'true',
      'false',
      'null',
    ),
    fc.constantFrom('0', '-0', '1', '1.0', '1e3', '1E3', '10', '1e21', '1e+21', '0.1', '123456789012345678'),
    fc.array(tie('value'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
    fc
      .array(fc.tuple(fc.constantFrom('"a"', '"b"', '"ab"', '""', '"9"', '"10"', '"__proto__"', '"é"'), tie('value')), {
        maxLength: 4,
      })
      .map((members) => `{${members.map(([name, value]) => `${name}:${value}`).join(',')}}`),
  ),
})).value as fc.Arbitrary<string>;

describe('isCanonical', () => {
  it('says what writing anew says, for any JSON text', () => {
    const spaced = fc.tuple(awkward, fc.nat(), fc.boolean()).map(([text, at, insert]) => {
      const place = at % (text.length + 1);
      return insert ? `${text.slice(0, place)} ${text.slice(place)}` : text;
    });
    fc.assert(
      fc.property(spaced, (text) => {
        fc.pre(isJson(text));
        const value: unknown = JSON.parse(text);
        expect(isCanonical(text, value)).toBe(rewritten(value) === text);
      }),
      { numRuns: 3000 },
    );
  });

  it('accepts what the package writes', () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: 'binary' }), (value) => {
        const text = canonicalize(value) ?? '';
        expect(isCanonical(text, JSON.parse(text))).toBe(true);
      }),
    );
  });

  it.each([40, 63, 64, 65, 200])('knows arrays %i deep', (depth) => {
    const text = `${'['.repeat(depth)}{"b":1,"c":2}${']'.repeat(depth)}`;
    expect(isCanonical(text, JSON.parse(text))).toBe(true);
    const swapped = text.replace('"b":1,"c":2', '"c":2,"b":1');
    expect(isCanonical(swapped, JSON.parse(swapped))).toBe(false);
  });
});

const rewritten = (value: unknown): string | undefined => {
  try {
    return canonicalJson(value);
  } catch {
    return undefined;
  }
};

/** A space inside a token makes it no JSON at all. */
const isJson = (text: string): boolean => {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
};
