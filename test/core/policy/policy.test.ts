import { describe, expect, it } from 'vitest';
import { type Decision, decisionRecord } from '../../../lambdas/core/policy/decision.ts';
import { type Evaluate, makePolicy } from '../../../lambdas/core/policy/policy.ts';
import { refusalOf } from '../../../lambdas/core/policy/refuse.ts';
import type { GatewayConfig } from '../../../lambdas/gateway-config.ts';
import type { PolicyInput } from '../../../lib/policy/compile.ts';
import { aCall, aConfig, aPrincipal, aServer } from '../../support/builders.ts';
import { aCatalog, compiledPolicy, policyOf } from '../../support/policy.ts';

const TOOLS = new Map([
  [
    'core-banking',
    aCatalog({
      look: { type: 'object', properties: { limit: { type: 'integer' } } },
      pay: { type: 'object', properties: { amount: { type: 'integer' } }, required: ['amount'] },
    }),
  ],
  ['reports', null],
]);

const configWith = (text: string, input: Partial<PolicyInput> = {}): GatewayConfig => {
  const { policy, catalogs } = compiledPolicy(text, { catalogs: TOOLS, ...input });
  return aConfig({
    policy,
    servers: {
      'core-banking': aServer({ catalog: catalogs.get('core-banking') ?? null }),
      reports: aServer(),
    },
  });
};

const PERMIT =
  '@id("use") permit (principal in Mcp::Group::"analysts", action, resource in Mcp::Server::"core-banking");';
const TOOL = 'action == Mcp::Action::"tools/call", resource == Mcp::Tool::"core-banking/pay"';
const held = (id: string, annotations: string, condition = '') =>
  `@id("${id}") ${annotations} forbid (principal, ${TOOL}) ${condition} unless { context.approved };`;

const decide = (text: string, call = aCall(), approved = false): Decision =>
  policyOf(configWith(text)).decide(call, approved);

const pay = (amount: unknown = 5) => aCall({ resource: { kind: 'Tool', name: 'pay' }, args: { amount } });

describe('decide', () => {
  it('forbids what nothing permits', () => {
    expect(decide('@id("no") forbid (principal, action == Mcp::Action::"ping", resource);')).toMatchObject({
      effect: 'forbid',
      reasons: [],
    });
  });

  it('permits by the permits that apply, and names the policies it decided by', () => {
    const config = configWith(PERMIT);
    expect(policyOf(config).decide(pay())).toEqual({
      effect: 'permit',
      reasons: ['use'],
      policy: config.policy.digest,
    });
  });

  it('lets a forbid win over any permit', () => {
    const decision = decide(`${PERMIT} @id("no") forbid (principal, ${TOOL});`, pay());
    expect(decision).toMatchObject({ effect: 'forbid', reasons: ['no'] });
  });

  it('asks for an approval where that alone is missing', () => {
    const text = `${PERMIT} ${held('two', '@approval("approvers") @quorum("2")')}`;
    expect(decide(text, pay())).toMatchObject({
      effect: 'needs-approval',
      reasons: ['two'],
      demand: { policies: ['two'], approvers: [{ groups: ['approvers'], quorum: 2 }] },
    });
    expect(decide(text, pay(), true)).toMatchObject({ effect: 'permit', reasons: ['use'] });
  });

  it('asks for none where nothing permits the call', () => {
    const decision = decide(held('two', '@approval("approvers")'), pay());
    expect(decision).toMatchObject({ effect: 'forbid', reasons: ['two'] });
    expect(decision).not.toHaveProperty('demand');
  });

  it('asks for none where another forbid stands', () => {
    const text = `${PERMIT} ${held('two', '@approval("approvers")')} @id("no") forbid (principal, ${TOOL}) when { context.args.amount > 100 };`;
    expect(decide(text, pay(101))).toMatchObject({ effect: 'forbid', reasons: ['no', 'two'] });
    expect(decide(text, pay(100))).toMatchObject({ effect: 'needs-approval' });
  });

  it('asks for the union of what each forbid demands', () => {
    const text = [
      PERMIT,
      held('a', '@approval("approvers") @quorum("2") @expires("PT30M") @window("PT15M") @step_up("PT1H")'),
      held('b', '@approval("approvers") @quorum("3") @expires("PT10M") @justification("required") @acr("mfa")'),
      held('c', '@approval("risk, approvers") @escalate("auditors")', 'when { context.args.amount > 10 }'),
    ].join('\n');
    expect(decide(text, pay(11)).demand).toEqual({
      policies: ['a', 'b', 'c'],
      approvers: [
        { groups: ['approvers'], quorum: 3 },
        { groups: ['approvers', 'risk'], quorum: 1 },
      ],
      expiresSeconds: 600,
      windowSeconds: null,
      justification: true,
      stepUpSeconds: 3600,
      acr: ['mfa'],
      escalate: ['auditors'],
      glass: null,
    });
    const record = decisionRecord(decide(text, pay(1)));
    expect(record.demand).toMatchObject({ expiresSeconds: '600', windowSeconds: null, stepUpSeconds: '3600' });
    expect(record.demand?.approvers).toEqual([{ groups: ['approvers'], quorum: '3' }]);
  });

  it('lets the glass be broken only where every forbid does, by people of each, for the shortest review', () => {
    const glassOf = (...demands: string[]) =>
      decide(
        [PERMIT, ...demands.map((demand, at) => held(`p${at}`, `@approval("approvers") ${demand}`))].join('\n'),
        pay(),
      ).demand?.glass;
    expect(glassOf('')).toBe(null);
    expect(glassOf('@break_glass("risk, analysts")')).toEqual({
      groups: [['analysts', 'risk']],
      reviewSeconds: 86_400,
    });
    expect(glassOf('@break_glass("risk")', '')).toBe(null);
    const both = glassOf('@break_glass("risk") @review("PT2H")', '@break_glass("auditors") @review("P2D")');
    expect(both).toEqual({ groups: [['risk'], ['auditors']], reviewSeconds: 7200 });
    expect(glassOf('@break_glass("risk")', '@break_glass("risk")')?.groups).toEqual([['risk']]);
    const text = [PERMIT, held('a', '@approval("approvers") @break_glass("risk")')].join('\n');
    expect(decisionRecord(decide(text, pay())).demand?.glass).toEqual({ groups: [['risk']], reviewSeconds: '86400' });
  });

  it('opens a window only where every forbid allows one, the shortest', () => {
    const text = [
      PERMIT,
      held('a', '@approval("approvers") @window("PT15M")'),
      held('b', '@approval("risk") @window("PT5M")'),
    ];
    expect(decide(text.join('\n'), pay()).demand?.windowSeconds).toBe(300);
  });

  it('refuses a tool that nobody reviewed, where there is a catalogue', () => {
    const unknown = (server: string) => aCall({ server, resource: { kind: 'Tool', name: 'other' } });
    const text = `${PERMIT} @id("reports") permit (principal, action, resource in Mcp::Server::"reports");`;
    expect(decide(text, unknown('core-banking'))).toMatchObject({ effect: 'forbid', fault: 'not_catalogued' });
    expect(decide(text, unknown('reports'))).toMatchObject({ effect: 'permit' });
    for (const name of ['__proto__', 'constructor', 'toString']) {
      const call = aCall({ resource: { kind: 'Tool', name } });
      expect(decide(text, call)).toMatchObject({ effect: 'forbid', fault: 'not_catalogued' });
    }
  });

  it('refuses arguments that it cannot decide on, but only those that a policy names', () => {
    const text = `${PERMIT} @id("no") forbid (principal, ${TOOL}) when { context.args.amount > 100 };`;
    expect(decide(text, pay('5'))).toMatchObject({ effect: 'forbid', reasons: [], fault: 'arguments' });
    expect(decide(text, pay(5))).toMatchObject({ effect: 'permit' });
    const look = aCall({ resource: { kind: 'Tool', name: 'look' }, args: { limit: 'many' } });
    expect(decide(text, look)).toMatchObject({ effect: 'permit' });
  });

  describe('with a policy that cannot be evaluated', () => {
    // Whole numbers overflow: such a policy passes every check at synth and errs at run time.
    const overflow = 'when { context.args.amount * 9223372036854775807 > 0 }';

    it('forbids when it is a forbid, since Cedar would leave it out', () => {
      const text = `${PERMIT} @id("boom") forbid (principal, ${TOOL}) ${overflow};`;
      expect(decide(text, pay(2))).toMatchObject({
        effect: 'forbid',
        reasons: ['boom'],
        fault: 'policy_error',
        errors: ['boom'],
      });
      expect(decide(text, pay(0))).toMatchObject({ effect: 'permit' });
    });

    it('forbids when an approval could lift it, and asks for none', () => {
      const text = `${PERMIT} ${held('boom', '@approval("approvers")', overflow)}`;
      expect(decide(text, pay(2))).toMatchObject({ effect: 'forbid', fault: 'policy_error' });
      expect(decide(text, pay(1))).toMatchObject({ effect: 'needs-approval' });
    });

    it('does not permit when it is a permit, and says so', () => {
      const text = `@id("boom") permit (principal, ${TOOL}) ${overflow};`;
      expect(decide(text, pay(2))).toMatchObject({ effect: 'forbid', reasons: [], errors: ['boom'] });
      expect(decide(`${text} ${PERMIT}`, pay(2))).toMatchObject({
        effect: 'permit',
        reasons: ['use'],
        errors: ['boom'],
      });
    });

    it('forbids when the engine has no answer', () => {
      const config = configWith(PERMIT);
      const silent: Evaluate = () => undefined;
      const policy = makePolicy(config, silent);
      expect(policy.decide(pay())).toMatchObject({ effect: 'forbid', fault: 'policy_error' });
      expect(policy.couldUse(pay())).toBe(false);
    });
  });

  describe('with log-only policies', () => {
    const trial = `@id("strict") @mode("log-only") forbid (principal, ${TOOL}) when { context.args.amount > 10 };`;

    it('records what they would have decided, and decides without them', () => {
      expect(decide(`${PERMIT} ${trial}`, pay(11))).toMatchObject({
        effect: 'permit',
        reasons: ['use'],
        trial: { effect: 'forbid', reasons: ['strict'] },
      });
      expect(decide(`${PERMIT} ${trial}`, pay(10))).not.toHaveProperty('trial');
    });

    it('never lets them permit', () => {
      const decision = decide('@id("new") @mode("log-only") permit (principal, action, resource);', pay());
      expect(decision).toMatchObject({ effect: 'forbid', trial: { effect: 'permit', reasons: ['new'] } });
    });

    it('never lets them refuse, not even for arguments that they alone look at', () => {
      expect(decide(`${PERMIT} ${trial}`, pay('many'))).toMatchObject({
        effect: 'permit',
        trial: { effect: 'forbid', reasons: [] },
      });
    });
  });
});

describe('couldUse', () => {
  const could = (text: string, call = pay()) => policyOf(configWith(text)).couldUse(call);

  it('shows what some arguments, or an approval, would permit', () => {
    expect(could(`${PERMIT} @id("no") forbid (principal, ${TOOL}) when { context.args.amount > 1 };`)).toBe(true);
    expect(could(`${PERMIT} ${held('two', '@approval("approvers")')}`)).toBe(true);
    expect(could(`@id("small") permit (principal, ${TOOL}) when { context.args.amount < 5 };`)).toBe(true);
  });

  it('keeps the conditions that have nothing to do with arguments', () => {
    const small = (group: string) =>
      `@id("small") permit (principal, ${TOOL}) when { context.args.amount < 5 && principal in Mcp::Group::"${group}" };`;
    expect(could(small('analysts'))).toBe(true);
    expect(could(small('auditors'))).toBe(false);
    const unless = `@id("small") permit (principal, ${TOOL}) unless { context.args.amount > 5 || context.client.id == "ide" };`;
    expect(could(unless)).toBe(false);
  });

  it('hides what is forbidden in any case, and what nobody reviewed', () => {
    expect(could(`${PERMIT} @id("no") forbid (principal, ${TOOL});`)).toBe(false);
    expect(could('@id("ping") permit (principal, action == Mcp::Action::"ping", resource);')).toBe(false);
    expect(could(PERMIT, aCall({ resource: { kind: 'Tool', name: 'other' } }))).toBe(false);
  });
});

describe('refusalOf', () => {
  const advised = `@id("no") @advice("Ask the desk.") forbid (principal, ${TOOL}) when { context.args.amount > 1 };`;
  const refuse = (text: string, call = pay()) => {
    const policy = policyOf(configWith(text));
    return refusalOf(policy.decide(call), call, policy, false);
  };

  it('has nothing to say of a permit', () => {
    expect(refuse(PERMIT)).toBeUndefined();
  });

  it('advises whoever could use the tool, and hides it from everybody else', () => {
    expect(refuse(`${PERMIT} ${advised}`)).toEqual({
      reason: 'access_denied',
      server: 'core-banking',
      policies: ['no'],
      advice: 'Ask the desk.',
      hidden: false,
    });
    const stranger = { ...pay(), principal: aPrincipal({ groups: [] }) };
    expect(refuse(`${PERMIT} ${advised}`, stranger)).toMatchObject({ advice: null, hidden: true });
    expect(refuse(`${PERMIT} ${advised}`, { ...stranger, args: { amount: 'x' } })).toMatchObject({ hidden: true });
  });

  it('names the argument that cannot be decided on', () => {
    expect(refuse(`${PERMIT} ${advised}`, pay('5'))).toMatchObject({
      reason: 'arguments_refused',
      argument: 'amount',
      expected: 'a whole number below 2^53',
    });
  });

  it('says that an approval is missing', () => {
    expect(refuse(`${PERMIT} ${held('two', '@approval("approvers, risk")')}`)).toEqual({
      reason: 'approval_required',
      server: 'core-banking',
      policies: ['two'],
      groups: ['approvers', 'risk'],
    });
  });
});
