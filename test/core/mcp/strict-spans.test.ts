import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readJson } from '../../../lambdas/core/masking/json/read.ts';
import { finish } from '../../../lambdas/core/masking/work.ts';
import { parseStrictJson } from '../../../lambdas/core/mcp/json.ts';
import { strictFault } from '../../../lambdas/core/mcp/strict-spans.ts';

const faultOf = (text: string): string | undefined => {
  const root = finish(readJson(text));
  if (root === undefined) throw new Error(`not JSON: ${text}`);
  return finish(strictFault(text, root))?.reason;
};
const strict = (text: string): string | undefined => {
  const parsed = parseStrictJson(text);
  return parsed.ok ? undefined : parsed.error.reason;
};
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

describe('strictFault', () => {
  it.each([
    ['a name twice', '{"a":1,"a":2}', 'duplicate_member'],
    ['a name twice, once in escapes', '{"a":1,"\\u0061":2}', 'duplicate_member'],
    ['a name twice, far below', '[1,{"b":[{"a":1,"c":{},"a":2}]}]', 'duplicate_member'],
    ['a lone surrogate', '["\\ud800"]', 'lone_surrogate'],
    ['a lone surrogate as it is', '["\ud800"]', 'lone_surrogate'],
    ['a lone surrogate in a name', '{"\\uDC00":1}', 'lone_surrogate'],
    ['a pair, half of it escaped', '["\ud83d\\ude00"]', undefined],
    ['a pair in escapes', '["\\ud83d\\ude00"]', undefined],
    ['the same name in two objects', '{"a":{"a":1},"b":{"a":[]}}', undefined],
    ['the same name beside a list of objects', '[{"a":1},{"a":2}]', undefined],
    ['the deepest', nested(64), undefined],
    ['one deeper', nested(65), 'too_deep'],
    ['a number', '1', undefined],
  ])('%s', (_what, text, reason) => {
    expect(faultOf(text)).toBe(reason);
    expect(strict(text)).toBe(reason);
  });

  it('refuses what the strict reader of whole texts refuses', () => {
    const value = fc.letrec((tie) => ({
      any: fc.oneof(
        { maxDepth: 4 },
        fc.constantFrom('1', '"a"', '"\\ud83d"', '"\\ud83d\\ude00"', 'null'),
        tie('list'),
        tie('object'),
      ),
      list: fc.array(tie('any'), { maxLength: 3 }).map((items) => `[${items.join(',')}]`),
      object: fc
        .array(fc.tuple(fc.constantFrom('a', '\\u0061', 'b', 'c', '', '\\udc00'), tie('any')), { maxLength: 4 })
        .map((members) => `{${members.map(([name, each]) => `"${name}":${String(each)}`).join(',')}}`),
    }));
    fc.assert(
      fc.property(value.any, (text) => {
        expect(faultOf(String(text)) === undefined).toBe(strict(String(text)) === undefined);
      }),
      { numRuns: 2000 },
    );
  });
});
