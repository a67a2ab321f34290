import { describe, expect, it } from 'vitest';
import { compile } from '../../../lambdas/core/masking/compile.ts';
import { PACKS } from '../../../lambdas/core/masking/packs.ts';
import { NO_RULES, type Rule, type RuleSet } from '../../../lambdas/core/masking/rules.ts';
import {
  answer,
  CONTEXT,
  masked,
  maskedResult,
  maskedText,
  maskerOf,
  packMasker,
  textAnswer,
  withheld,
} from '../../support/masking/maskers.ts';

const rule = (over: Partial<Rule> & object): Rule =>
  ({ id: 'r', version: 1, action: 'redact', keys: ['salary'], ...over }) as Rule;

const structured = (rules: Partial<RuleSet>, value: unknown): unknown =>
  (maskedResult(maskerOf(rules), { structuredContent: value }) as { structuredContent: unknown }).structuredContent;

describe('an action', () => {
  it.each([
    ['redact', '‹account›'],
    ['partial', '‹account …5678›'],
  ] as const)('%s leaves %j', (action, expected) => {
    expect(
      structured({ rules: [rule({ keys: ['account'], label: 'account', action })] }, { account: '12345678' }),
    ).toEqual({ account: expected });
  });

  it('partial leaves nothing of a short value, and of a secret never anything', () => {
    expect(structured({ rules: [rule({ action: 'partial', label: 'pay' })] }, { salary: '1234567' })).toEqual({
      salary: '‹pay›',
    });
    const masker = maskerOf({ rules: [{ id: 's', version: 1, detectors: ['token'], action: 'partial' }] });
    expect(maskedText(masker, `key AKIA${'Q'.repeat(16)}`)).toBe('key ‹token›');
  });

  it('tokenise gives the same value the same token under one key, and another under another', () => {
    const masker = maskerOf({ rules: [{ id: 't', version: 1, detectors: ['card'], action: 'tokenise' }] });
    const [first, second] = maskedText(masker, '4111111111111111, 4111 1111 1111 1111').split(', ');
    expect(first).toMatch(/^‹card ~[bcdfghjkmnpqrtvw]{24}›$/);
    expect(second).toBe(first);
    expect(maskedText(masker, '4012888888881881')).not.toBe(first);
    expect(maskedText(masker, '4111111111111111', { tokenKey: Buffer.alloc(32, 8) })).not.toBe(first);
  });

  it.each([
    ['{"a":1,"salary":2,"b":3}', '{"a":1,"b":3}'],
    ['{"salary":2 , "b":3}', '{"b":3}'],
    ['{"a":1 , "salary":2}', '{"a":1}'],
    ['{"salary":{"x":[1]}}', '{}'],
    ['{"salary":1,"Salary":2,"b":3,"SALARY":4}', '{"b":3}'],
  ])('drop takes a member out of %s', (before, after) => {
    const masker = maskerOf({ rules: [rule({ action: 'drop' })] });
    const json = (value: string) => `{"jsonrpc":"2.0","id":1,"result":{"structuredContent":${value}}}`;
    const { text, findings } = masked(masker, json(before));
    expect(text).toBe(json(after));
    expect(findings.length).toBeGreaterThan(0);
  });

  it('refuse withholds the message that holds the value, and no other', () => {
    const masker = maskerOf({ rules: [rule({ action: 'refuse' })] });
    expect(withheld(masker, answer({ structuredContent: { salary: 1 } }))).toEqual({
      reason: 'refused_by_rule',
      rule: 'r',
      path: '/structuredContent/salary',
    });
    expect(maskedResult(masker, { structuredContent: { wage: 1 } })).toEqual({ structuredContent: { wage: 1 } });
  });
});

describe('a rule by name', () => {
  const rules = { rules: [rule({ keys: ['salary', '*Token'], label: 'x' })] };

  it.each(['salary', 'Salary', 'SALARY', 'sal_ary', 'accessToken', 'ACCESS-TOKEN'])('masks %s', (name) => {
    expect(structured(rules, { [name]: 'v' })).toEqual({ [name]: '‹x›' });
  });

  it.each(['salaries', 'tokens', 'my_salary'])('does not mask %s', (name) => {
    expect(structured(rules, { [name]: 'v' })).toEqual({ [name]: 'v' });
  });

  it('masks all that lies below, but no true, false or null', () => {
    expect(structured(rules, { salary: [{ a: 'v', b: 7 }, true, null] })).toEqual({
      salary: [{ a: '‹x›', b: '‹x›' }, true, null],
    });
  });

  it.each([
    [
      'columns and rows',
      {
        columns: ['id', 'salary'],
        rows: [
          [1, 'v'],
          [2, 'w'],
        ],
      },
      {
        columns: ['id', 'salary'],
        rows: [
          [1, '‹x›'],
          [2, '‹x›'],
        ],
      },
    ],
    [
      'named columns',
      { fields: [{ name: 'id' }, { name: 'salary' }], data: [[1, 'v']] },
      { fields: [{ name: 'id' }, { name: 'salary' }], data: [[1, '‹x›']] },
    ],
    [
      'a heading row',
      [
        ['id', 'salary'],
        [1, 'v'],
      ],
      [
        ['id', 'salary'],
        [1, '‹x›'],
      ],
    ],
    [
      'a pair',
      [
        { name: 'salary', value: 'v' },
        { name: 'id', value: 'v' },
      ],
      [
        { name: 'salary', value: '‹x›' },
        { name: 'id', value: 'v' },
      ],
    ],
  ])('decides for %s', (_, before, after) => {
    expect(structured(rules, before)).toEqual(after);
  });

  it.each([
    ['id,salary\n1,v\n2,"w, x"\n\nother,text', 'id,salary\n1,‹x›\n2,"‹x›"\n\nother,text'],
    ['id;salary\n1;v', 'id;salary\n1;‹x›'],
    ['id\tsalary\r\n1\tv\r\n', 'id\tsalary\r\n1\t‹x›\r\n'],
    ['| id | salary |\n|----|:------|\n| 1 | v |\n', '| id | salary |\n|----|:------|\n| 1 | ‹x› |\n'],
    [' id | salary \n----+--------\n  1 | v      \n', ' id | salary \n----+--------\n  1 | ‹x›      \n'],
    ['{"salary":"v"}\n{"salary":"w"}', '{"salary":"‹x›"}\n{"salary":"‹x›"}'],
    ['Result: {"salary":"v"}', 'Result: {"salary":"‹x›"}'],
    ['```json\n{"salary": 7}\n```', '```json\n{"salary": "‹x›"}\n```'],
  ])('decides in text: %j', (before, after) => {
    expect(maskedText(maskerOf(rules), before)).toBe(after);
  });

  it('does not touch schemas', () => {
    const tools = [{ name: 't', inputSchema: { type: 'object', properties: { salary: { type: 'number' } } } }];
    expect(maskedResult(maskerOf(rules), { tools })).toEqual({ tools });
  });
});

describe('a rule by place', () => {
  const value = { rows: [{ pay: 1, x: { pay: 2 } }, { pay: 3 }] };

  it.each([
    ['$.structuredContent.rows[*].pay', { rows: [{ pay: '‹m›', x: { pay: 2 } }, { pay: '‹m›' }] }],
    ['$..pay', { rows: [{ pay: '‹m›', x: { pay: '‹m›' } }, { pay: '‹m›' }] }],
    ['$.structuredContent.rows[1].pay', { rows: [{ pay: 1, x: { pay: 2 } }, { pay: '‹m›' }] }],
    ["$['structuredContent'].*[0].x", { rows: [{ pay: 1, x: { pay: '‹m›' } }, { pay: 3 }] }],
    ['$.rows', value],
  ])('%s', (path, expected) => {
    expect(
      structured({ rules: [{ id: 'p', version: 1, paths: [path], action: 'redact', label: 'm' }] }, value),
    ).toEqual(expected);
  });
});

describe('where a rule applies', () => {
  it.each([
    [{}, true],
    [{ servers: ['core-banking'] }, true],
    [{ servers: ['other'] }, false],
    [{ tools: ['get_customer'] }, true],
    [{ tools: ['other'] }, false],
    [{ groups: ['analysts', 'x'] }, true],
    [{ groups: ['x'] }, false],
  ])('%j: %s', (where, applies) => {
    expect(structured({ rules: [rule({ where, label: 'x' })] }, { salary: 'v' })).toEqual({
      salary: applies ? '‹x›' : 'v',
    });
  });

  it("lets the bank's own rule stand before the pack's", () => {
    const own: Rule = { id: 'own', version: 3, detectors: ['ssn'], action: 'partial' };
    expect(maskedText(packMasker({ rules: [own] }), '078-05-1120')).toBe('‹ssn …1120›');
  });
});

describe('an allowance', () => {
  it('leaves fields, places and values alone', () => {
    const allow = [{ id: 'a', keys: ['support_phone'], paths: ['$.structuredContent.help'], values: ['800-555-0100'] }];
    const value = {
      support_phone: '212-555-0199',
      help: { mail: 'a@b.example' },
      other: '(800) 555-0100',
      mine: '212-555-0199',
    };
    expect(
      (maskedResult(packMasker({ allow }), { structuredContent: value }) as { structuredContent: object })
        .structuredContent,
    ).toEqual({ ...value, mine: '‹phone›' });
  });
});

describe('an exception', () => {
  const exceptions = [{ id: 'fraud-desk', groups: ['fraud'], rules: ['us-bank.ssn'] }];

  it('shows its group what its rules would mask, and says so', () => {
    const { text, findings, shown } = masked(packMasker({ exceptions }), textAnswer('078-05-1120, a@b.example'), {
      groups: ['fraud'],
    });
    expect(text).toBe(textAnswer('078-05-1120, ‹email›'));
    expect(findings.map(({ rule: { id } }) => id)).toEqual(['us-bank.email']);
    expect(shown.map((finding) => [finding.rule.id, finding.rule.shownBy, finding.value])).toEqual([
      ['us-bank.ssn', 'fraud-desk', '078-05-1120'],
    ]);
  });

  it('shows nobody else anything', () => {
    expect(maskedText(packMasker({ exceptions }), '078-05-1120')).toBe('‹ssn›');
  });
});

describe("a bank's own pattern", () => {
  const rules: Rule[] = [{ id: 'case-no', version: 1, pattern: 'CASE-[0-9]{4}', action: 'redact', label: 'case' }];

  it('masks what it matches, also across pieces of a long text, and nothing twice', () => {
    const masker = maskerOf({ rules });
    for (const length of [0, 16_380, 16_384, 17_000]) {
      const before = 'x '.repeat(length / 2);
      const once = maskedText(masker, `${before}CASE-1234 CASE-12`);
      expect(once).toBe(`${before}‹case› CASE-12`);
      expect(maskedText(masker, once)).toBe(once);
    }
  });

  it.each([
    ['(a+)\\1', /RE2/],
    ['a(?=b)', /RE2/],
    ['(', /RE2/],
    ['a*', /empty/],
    ['x'.repeat(1001), /1000/],
  ])('that is not linear or makes no sense is rejected: %s', (pattern, problem) => {
    const compiled = compile({ ...NO_RULES, rules: [{ id: 'p', version: 1, pattern, action: 'redact' }] }, PACKS);
    if (compiled.ok) throw new Error('accepted');
    expect(compiled.error[0]?.problem).toMatch(problem);
  });

  it('that could backtrack elsewhere is linear here', () => {
    const masker = maskerOf({ rules: [{ id: 'p', version: 1, pattern: '(a+)+b', action: 'redact' }] });
    expect(maskedText(masker, 'a'.repeat(20_000))).toHaveLength(20_000);
  });
});

describe('compile', () => {
  it.each<[string, Partial<RuleSet>, RegExp]>([
    ['an unknown pack', { packs: ['uk-bank' as never] }, /us-bank/],
    [
      'an unknown detector',
      { rules: [{ id: 'a', version: 1, detectors: ['snn' as never], action: 'redact' }] },
      /no detector "snn"; there are card/,
    ],
    ['an unknown action', { rules: [rule({ action: 'hide' as never })] }, /redact, partial/],
    ['two rules of one id', { rules: [rule({}), rule({})] }, /two rules/],
    ['two ways in one rule', { rules: [{ ...rule({}), paths: ['$.a'] } as Rule] }, /exactly one/],
    ['an odd label', { rules: [rule({ label: 'SSN 1' })] }, /label/],
    [
      "a pattern under a detector's label",
      { rules: [{ id: 'p', version: 1, pattern: 'a', label: 'ssn', action: 'redact' }] },
      /detector/,
    ],
    ['an odd id', { rules: [rule({ id: 'A b' })] }, /small letters/],
    ['a version that is none', { rules: [rule({ version: 0 })] }, /version/],
    ['a path without $', { rules: [{ id: 'p', version: 1, paths: ['a.b'], action: 'redact' }] }, /begins with \$/],
    ['a path with a filter', { allow: [{ id: 'a', paths: ['$.a[?(@.b)]'] }] }, /not understood from/],
    ['an exception for nobody', { exceptions: [{ id: 'e', groups: [], rules: [] }] }, /at least one group/],
    ['an unknown action for bytes', { binary: [{ where: {}, action: 'blur' as never }] }, /pass, refuse, drop/],
  ])('rejects %s', (_, rules, problem) => {
    const compiled = compile({ ...NO_RULES, ...rules }, PACKS);
    if (compiled.ok) throw new Error('accepted');
    expect(compiled.error.map((fault) => fault.problem).join('\n')).toMatch(problem);
  });

  it('lists all faults at once', () => {
    const compiled = compile({ ...NO_RULES, rules: [rule({ id: 'A' }), rule({ id: 'b', version: 0 })] }, PACKS);
    expect(compiled.ok ? [] : compiled.error.map((fault) => fault.rule)).toEqual(['A', 'b']);
  });
});

it('reads nothing of a context it was not given', () => {
  expect(maskerOf({}).maskJson('{"ssn":"078-05-1120"}', CONTEXT)).toMatchObject({
    ok: true,
    value: { text: '{"ssn":"078-05-1120"}' },
  });
});
