// What `cdk synth` says of policies: every mistake with its line, and what is deployed when there is none.

import { describe, expect, it } from 'vitest';
import type { PolicyInput } from '../../lib/policy/compile.ts';
import { aCatalog, compiledPolicy, policyProblems } from '../support/policy.ts';

const CATALOGS: PolicyInput['catalogs'] = new Map([
  [
    'core-banking',
    aCatalog(
      {
        pay: {
          type: 'object',
          properties: { amount: { type: 'integer' }, note: { type: 'string' }, any: {} },
          required: ['amount'],
        },
        look: { type: 'object', properties: { note: { type: 'integer' }, limit: { type: 'integer' } } },
      },
      [{ name: 'explain', arguments: [{ name: 'id', required: true }] }],
    ),
  ],
  ['reports', null],
]);

const input: Partial<PolicyInput> = { catalogs: CATALOGS };
const PAY = 'action == Mcp::Action::"tools/call", resource == Mcp::Tool::"core-banking/pay"';
const LOOK = 'action == Mcp::Action::"tools/call", resource == Mcp::Tool::"core-banking/look"';
const held = (annotations: string, rest = 'unless { context.approved }') =>
  `@id("held")\n${annotations}\nforbid (principal, ${PAY}) ${rest};`;

/** A mistake, its line, words of what is said, and the nearest policy that is right. */
const MISTAKES: readonly (readonly [string, number, RegExp, string])[] = [
  // Syntax and ids
  [
    '\n@id("a") permit (principal action, resource);',
    2,
    /unexpected token/,
    '@id("a") permit (principal, action, resource);',
  ],
  ['\n\npermit (principal, action, resource);', 3, /@id/, '@id("a") permit (principal, action, resource);'],
  [
    '@id("A b") permit (principal, action, resource);',
    1,
    /@id of a-z/,
    '@id("a-b") permit (principal, action, resource);',
  ],
  [
    '@id("a") permit (principal == ?principal, action, resource);',
    1,
    /template/,
    '@id("a") permit (principal, action, resource);',
  ],
  [
    '@id("a") permit (principal, action, resource);\n// again\n@id("a") forbid (principal, action, resource);',
    3,
    /@id\("a"\) again/,
    '@id("a") permit (principal, action, resource);\n@id("b") forbid (principal, action, resource);',
  ],
  // Annotations
  [held('@approval("approvers")\n@quorom("2")'), 3, /@quorom/, held('@approval("approvers")\n@quorum("2")')],
  [held('@approval("approvers") @quorum("0")'), 2, /from 1 to 10/, held('@approval("approvers") @quorum("1")')],
  [held('@approval("approvers") @quorum("two")'), 2, /from 1 to 10/, held('@approval("approvers") @quorum("10")')],
  [
    held('@approval("approvers") @expires("30 minutes")'),
    2,
    /ISO 8601/,
    held('@approval("approvers") @expires("PT30M")'),
  ],
  [held('@approval("approvers") @expires("PT0S")'), 2, /ISO 8601/, held('@approval("approvers") @expires("PT1S")')],
  [held('@approval("approvers") @expires("P8D")'), 2, /ISO 8601/, held('@approval("approvers") @expires("P7D")')],
  [held('@approval("approvers") @window("PT13H")'), 2, /ISO 8601/, held('@approval("approvers") @window("PT11H60M")')],
  [held('@approval("approvers") @step_up("soon")'), 2, /ISO 8601/, held('@approval("approvers") @step_up("PT5M")')],
  [
    held('@approval("approvers") @justification("yes")'),
    2,
    /required, optional/,
    held('@approval("approvers") @justification("required")'),
  ],
  [held('@approval("aprovers")'), 2, /identity\.groups/, held('@approval("approvers")')],
  [
    held('@approval("approvers") @escalate("nobody")'),
    2,
    /identity\.groups/,
    held('@approval("approvers") @escalate("risk")'),
  ],
  [held('@approval("")'), 2, /with a value/, held('@approval("risk, approvers")')],
  [held('@approval'), 2, /with a value/, held('@approval("approvers")')],
  [held('@quorum("2")'), 1, /without @approval|@quorum beside @approval/, held('@approval("approvers") @quorum("2")')],
  [
    held('@approval("approvers") @mode("trial")'),
    2,
    /enforce, log-only/,
    held('@approval("approvers") @mode("log-only")'),
  ],
  // Breaking glass
  [
    held('@approval("approvers") @break_glass("nobody")'),
    2,
    /identity\.groups/,
    held('@approval("approvers") @break_glass("risk")'),
  ],
  [held('@break_glass("risk")', ''), 2, /beside @approval only/, held('@approval("approvers") @break_glass("risk")')],
  [
    held('@approval("approvers") @review("PT1H")'),
    2,
    /beside @break_glass only/,
    held('@approval("approvers") @break_glass("risk") @review("PT1H")'),
  ],
  [
    held('@approval("approvers") @break_glass("risk") @review("P7DT1S")'),
    2,
    /at most 168 hours/,
    held('@approval("approvers") @break_glass("risk") @review("P7D")'),
  ],
  // What an approval can lift
  [held('@approval("approvers")', ''), 1, /no approval lifts/, held('@approval("approvers")')],
  [
    '@id("a") permit (principal, action, resource) when { context.approved };',
    1,
    /without @approval/,
    '@id("a") permit (principal, action, resource);',
  ],
  [
    '@id("a") @approval("approvers") permit (principal, action, resource) when { context.approved };',
    1,
    /on a forbid only/,
    held('@approval("approvers")'),
  ],
  // Names
  [
    '@id("a") permit (principal in Mcp::Group::"analists", action, resource);',
    1,
    /identity\.groups/,
    '@id("a") permit (principal in Mcp::Group::"analysts", action, resource);',
  ],
  [
    '@id("a") permit (principal, action, resource in Mcp::Server::"core");',
    1,
    /core-banking, reports/,
    '@id("a") permit (principal, action, resource in Mcp::Server::"reports");',
  ],
  [
    '@id("a") permit (principal, action, resource == Mcp::Tool::"core-banking/pey");',
    1,
    /pay, look/,
    '@id("a") permit (principal, action, resource == Mcp::Tool::"core-banking/pay");',
  ],
  [
    '@id("a") permit (principal, action, resource == Mcp::Tool::"pay");',
    1,
    /"server\/name"/,
    '@id("a") permit (principal, action, resource == Mcp::Tool::"reports/anything");',
  ],
  [
    '@id("a") permit (principal, action, resource == Mcp::Prompt::"core-banking/x");',
    1,
    /explain/,
    '@id("a") permit (principal, action, resource == Mcp::Prompt::"core-banking/explain");',
  ],
  [
    '@id("a") permit (principal == Mcp::Service::"bot", action, resource);',
    1,
    /identity\.services/,
    '@id("a") permit (principal == Mcp::Service::"reconciliation-agent", action, resource);',
  ],
  [
    '@id("a") permit (principal, action == Mcp::Action::"tools/cal", resource);',
    1,
    /unrecognized action/,
    '@id("a") permit (principal, action == Mcp::Action::"tools/call", resource);',
  ],
  [
    '@id("a") permit (principal, action, resource)\nwhen { principal in Mcp::Group::"x" };',
    2,
    /identity\.groups/,
    '@id("a") permit (principal, action, resource) when { principal in Mcp::Group::"risk" };',
  ],
  // Types
  [
    `@id("a")\nforbid (principal, ${PAY})\nwhen { context.args.amount > "5" };`,
    3,
    /unexpected type|String/,
    `@id("a") forbid (principal, ${PAY}) when { context.args.amount > 5 };`,
  ],
  [
    `@id("a") forbid (principal, ${PAY}) when { context.args.amout > 5 };`,
    1,
    /context\.args\.amout/,
    `@id("a") forbid (principal, ${PAY}) when { context.args.amount > 5 };`,
  ],
  [
    `@id("a") forbid (principal, ${PAY}) when { context.args.note == "x" };`,
    1,
    /note/,
    `@id("a") forbid (principal, ${PAY}) when { context.args has note && context.args.note == "x" };`,
  ],
  [
    `@id("a") forbid (principal, ${PAY}) when { context.args has any && context.args.any == "x" };`,
    1,
    /context\.args\.any/,
    `@id("a") forbid (principal, ${PAY}) when { context.args.amount == 1 };`,
  ],
  [
    '@id("a") forbid (principal, action == Mcp::Action::"tools/call", resource in Mcp::Server::"core-banking") when { context.args has note && context.args.note == "x" };',
    1,
    /for core-banking\/look/,
    `@id("a") forbid (principal, ${LOOK}) when { context.args has note && context.args.note == 1 };`,
  ],
  [
    '@id("a") forbid (principal, action == Mcp::Action::"tools/call", resource == Mcp::Tool::"reports/x") when { context.args has y };',
    1,
    /context\.args\.y/,
    '@id("a") forbid (principal, action == Mcp::Action::"tools/call", resource == Mcp::Tool::"reports/x");',
  ],
  [
    '@id("a") permit (principal, action == Mcp::Action::"tools/list", resource) when { context.args has x };',
    1,
    /args/,
    '@id("a") permit (principal, action == Mcp::Action::"tools/list", resource);',
  ],
  [
    '@id("a") permit (principal, action, resource) when { context.clock.hour > 5 };',
    1,
    /clock/,
    '@id("a") permit (principal, action, resource) when { context.time.local.hour > 5 };',
  ],
  [
    '@id("a") permit (principal, action == Mcp::Action::"ping", resource is Mcp::Tool);',
    1,
    /never met/,
    '@id("a") permit (principal, action == Mcp::Action::"ping", resource is Mcp::Server);',
  ],
  [
    '@id("a") permit (principal, action, resource) when { context.era == "modern" && context.era == 5 };',
    1,
    /./,
    '@id("a") permit (principal, action, resource) when { context.era == "modern" };',
  ],
  [
    '@id("a") permit (principal in Mcp::Group::"аnalysts", action, resource);',
    1,
    /./,
    '@id("a") permit (principal in Mcp::Group::"analysts", action, resource);',
  ],
];

describe('compilePolicies', () => {
  it.each(MISTAKES)('refuses %j', (wrong, line, words, right) => {
    const problems = policyProblems(wrong, input);
    expect(problems.length).toBeGreaterThan(0);
    const said = problems.map((problem) => `${problem.expected} ${problem.got} ${problem.advice}`).join('\n');
    expect(said).toMatch(words);
    expect(problems.map((problem) => problem.line)).toContain(line);
    for (const problem of problems) expect(problem.file).toBe('policies/test.cedar');
    expect(policyProblems(right, input)).toEqual([]);
  });

  it('counts lines and columns in characters, whatever stands before', () => {
    const [problem] = policyProblems(
      '// é € 😀\n@id("a") permit (principal, action, resource) when { "é😀" == context.x };',
      input,
    );
    expect(problem).toMatchObject({ line: 2 });
  });

  it('lists the problems of all files at once', () => {
    const files = ['a', 'b'].map((name) => ({ file: `${name}.cedar`, text: 'permit (principal, action, resource);' }));
    expect(policyProblems('', { ...input, files }).map(({ file }) => file)).toEqual(['a.cedar', 'b.cedar']);
  });

  it('deploys of each tool the arguments that some policy names, and no others', () => {
    const text = `@id("a") forbid (principal, ${PAY}) when { context.args.amount > 5 };
      @id("b") @mode("log-only") forbid (principal, ${PAY}) when { context.args has note && context.args.note == "" };`;
    const tools = compiledPolicy(text, input).catalogs.get('core-banking')?.tools;
    expect(Object.keys(tools?.['pay']?.args ?? {})).toEqual(['amount']);
    expect(Object.keys(tools?.['pay']?.trialArgs ?? {})).toEqual(['amount', 'note']);
    expect(tools?.['look']).toMatchObject({ args: {}, trialArgs: {}, readOnly: false, destructive: true });
  });

  it('deploys all of them where a policy uses the arguments as a whole', () => {
    const text = `@id("a") forbid (principal, ${LOOK}) when { context.args == context.args };`;
    expect(Object.keys(compiledPolicy(text, input).catalogs.get('core-banking')?.tools['look']?.args ?? {})).toEqual([
      'note',
      'limit',
    ]);
  });

  it('names the attributes of the context that some policy reads', () => {
    const named = (condition: string) =>
      compiledPolicy(`@id("a") permit (principal, action, resource) when { ${condition} };`, input).policy.named;
    expect(named('context.era == "modern"')).toEqual(['era']);
    expect(named('context has client && context.client.id == "x"')).toEqual(['client', 'client.id']);
    expect(named('context.token has acr && ["x"].contains(context.token.acr)')).toEqual(['token.acr']);
    expect(named('context.time.local.hour > 5 && context has time.utc')).toEqual(['time.local', 'time.utc']);
    expect(named('context.client == context.client')).toEqual(['client']);
    const whole = held('@approval("approvers")', 'when { context == context } unless { context.approved }');
    expect(compiledPolicy(whole, input).policy.named).toBeNull();
  });

  it('has another digest for another policy, another tool, or another time zone', () => {
    const text = '@id("a") permit (principal, action, resource);';
    const digest = (over: Partial<PolicyInput> = {}, policies = text) =>
      compiledPolicy(policies, { ...input, ...over }).policy.digest;
    expect(digest()).toBe(digest());
    expect(digest({}, text.replace('permit', 'forbid'))).not.toBe(digest());
    expect(digest({ timeZone: 'UTC' })).not.toBe(digest());
    const tools = { pay: { type: 'object', properties: { amount: { type: 'string' } } } };
    expect(digest({ catalogs: new Map([['core-banking', aCatalog(tools)]]) })).not.toBe(digest());
  });
});
