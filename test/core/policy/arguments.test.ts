import { isAuthorized } from '@cedar-policy/cedar-wasm/nodejs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitArguments } from '../../../lambdas/core/policy/arguments.ts';
import { type CedarRequest, cedarRequest } from '../../../lambdas/core/policy/cedar-request.ts';
import type { ArgumentType, RecordType } from '../../../lambdas/policy-contract.ts';
import { cedarSchema } from '../../../lib/policy/cedar-schema.ts';
import { aCall, aConfig } from '../../support/builders.ts';
import { accepted, refused } from '../../support/result.ts';

const one = (type: ArgumentType, over: Partial<RecordType[string]> = {}): RecordType => ({
  value: { type, required: true, nullable: false, ...over },
});

const decimal = (arg: string) => ({ value: { __extn: { fn: 'decimal', arg } } });

describe('fitArguments', () => {
  it.each<[ArgumentType, unknown, unknown]>([
    ['string', '', { value: '' }],
    ['bool', false, { value: false }],
    ['long', -0, { value: 0 }],
    ['long', Number.MAX_SAFE_INTEGER, { value: Number.MAX_SAFE_INTEGER }],
    ['decimal', 0.1, decimal('0.1000')],
    ['decimal', -12.3456, decimal('-12.3456')],
    ['decimal', 899_999_999_999.25, decimal('899999999999.2500')],
    ['decimal-text', '1250.5', decimal('1250.5')],
    ['decimal-text', '-3', decimal('-3.0')],
    [{ set: 'long' }, [1, 2], { value: [1, 2] }],
    [{ set: 'string' }, [], { value: [] }],
    [{ record: one('bool') }, { value: true, other: 1 }, { value: { value: true } }],
  ])('reads %j from %j', (type, value, expected) => {
    expect(accepted(fitArguments({ value }, one(type)))).toEqual(expected);
  });

  it.each<[ArgumentType, unknown]>([
    ['string', 1],
    ['string', null],
    ['bool', 'true'],
    ['bool', 1],
    ['long', '100'],
    ['long', 1.5],
    ['long', 2 ** 53],
    ['long', 1e300],
    ['long', JSON.parse('10000000000000000001')],
    ['long', JSON.parse('1e400')],
    ['decimal', 0.00001],
    ['decimal', '1.5'],
    ['decimal', 1e15],
    ['decimal-text', 5],
    ['decimal-text', '1e3'],
    ['decimal-text', '1,000'],
    ['decimal-text', '+1'],
    ['decimal-text', ' 1'],
    ['decimal-text', '1.'],
    ['decimal-text', '.5'],
    ['decimal-text', '1.00001'],
    ['decimal-text', '١٢'],
    ['decimal-text', '1'.repeat(15)],
    ['decimal-text', '1\n'],
    [{ set: 'long' }, 1],
    [{ set: 'long' }, [1, '2']],
    [{ set: 'long' }, { 0: 1, length: 1 }],
    [{ record: one('bool') }, []],
    [{ record: one('bool') }, null],
    [{ record: one('bool') }, {}],
    [{ record: one('bool') }, { value: { __entity: { type: 'Mcp::User', id: 'root' } } }],
    ['string', { __extn: { fn: 'decimal', arg: '0.0' } }],
  ])('refuses %j from %j', (type, value) => {
    expect(refused(fitArguments({ value }, one(type))).argument).toMatch(/^value/);
  });

  it('leaves out what may be absent, and null only where the schema allows it', () => {
    expect(accepted(fitArguments({}, one('string', { required: false })))).toEqual({});
    expect(accepted(fitArguments(undefined, one('string', { required: false })))).toEqual({});
    expect(refused(fitArguments({}, one('string'))).argument).toBe('value');
    expect(accepted(fitArguments({ value: null }, one('string', { nullable: true })))).toEqual({});
    expect(refused(fitArguments({ value: null }, one('string', { required: false }))).argument).toBe('value');
  });

  it('does not care for arguments that no policy names', () => {
    expect(accepted(fitArguments({ a: Number.NaN, b: null }, {}))).toEqual({});
    expect(accepted(fitArguments('no object at all', {}))).toEqual({});
    expect(refused(fitArguments('no object at all', one('string')))).toEqual({
      argument: '(arguments)',
      expected: 'an object',
    });
  });

  it.each(['Value', 'VALUE', 'va_lue', 'va-lue', ' value', 'ｖａｌｕｅ', 'va\u200blue', 'va\u00adlue'])(
    'refuses %j beside the name it could be taken for',
    (name) => {
      expect(refused(fitArguments({ value: 'a', [name]: 'b' }, one('string'))).expected).toContain('second spelling');
      expect(refused(fitArguments({ [name]: 'b' }, one('string', { required: false }))).argument).toBe('value');
    },
  );

  it('lets another name pass', () => {
    expect(accepted(fitArguments({ value: 'a', values: 'b' }, one('string')))).toEqual({ value: 'a' });
  });

  it('reads no inherited member', () => {
    const args = JSON.parse('{"__proto__":{"value":"x"}}');
    expect(refused(fitArguments(args, one('string'))).argument).toBe('value');
  });
});

const type: fc.Arbitrary<ArgumentType> = fc.letrec<{ type: ArgumentType }>((tie) => ({
  type: fc.oneof(
    { maxDepth: 3 },
    fc.constantFrom<ArgumentType>('string', 'long', 'bool', 'decimal', 'decimal-text'),
    fc.record({ set: tie('type') }),
    fc.record({ record: recordOf(tie('type')) }),
  ),
})).type;

function recordOf(member: fc.Arbitrary<ArgumentType>): fc.Arbitrary<RecordType> {
  const name = fc.constantFrom('a', 'b', 'c', 'a b', 'ключ', 'context');
  const facts = fc.record({ type: member, required: fc.boolean(), nullable: fc.constant(false) });
  return fc.dictionary(name, facts, { maxKeys: 4 });
}

const junk = fc.anything({
  key: fc.constantFrom('a', 'b', 'c', 'a b', 'ключ', '__entity', '__extn', 'type', 'id', 'fn', 'arg'),
  values: [fc.integer(), fc.double(), fc.string(), fc.boolean(), fc.constantFrom('1.5', '12', null)],
  maxDepth: 3,
});

const PLAIN: Readonly<Record<Extract<ArgumentType, string>, fc.Arbitrary<unknown>>> = {
  string: fc.string({ unit: 'grapheme' }),
  long: fc.maxSafeInteger(),
  bool: fc.boolean(),
  decimal: fc.integer({ min: -(10 ** 9), max: 10 ** 9 }).map((value) => value / 10_000),
  'decimal-text': fc.tuple(fc.maxSafeNat(), fc.nat(9999)).map(([whole, part]) => `${whole % 10 ** 14}.${part}`),
};

/** Values that mostly fit a type, and sometimes are anything. */
const fitting = (of: ArgumentType): fc.Arbitrary<unknown> => {
  if (typeof of === 'string') return fc.oneof({ weight: 12, arbitrary: PLAIN[of] }, { weight: 1, arbitrary: junk });
  return 'set' in of ? fc.array(fitting(of.set), { maxLength: 3 }) : argumentsOf(of.record);
};

const argumentsOf = (types: RecordType): fc.Arbitrary<Record<string, unknown>> =>
  fc.record(Object.fromEntries(Object.entries(types).map(([name, { type: of }]) => [name, fitting(of)])));

/** Cedar takes no member that it does not know. */
const withoutServer = ({ server: _, ...request }: CedarRequest) =>
  request as unknown as Omit<Parameters<typeof isAuthorized>[0], 'policies'>;

describe('what fits', { timeout: 120_000 }, () => {
  it('is always a valid context for the schema that the policies were checked against', () => {
    const policies = { staticPolicies: { all: 'permit(principal, action, resource);' } };
    const config = aConfig({ policy: { ...aConfig().policy, named: null } });
    let fitted = 0;
    const cases = recordOf(type).chain((types) => fc.tuple(fc.constant(types), argumentsOf(types)));
    fc.assert(
      fc.property(cases, ([types, args]) => {
        const fits = fitArguments(args, types);
        if (!fits.ok) return;
        fitted += 1;
        const request = cedarRequest(aCall(), config, { approved: false, args: fits.value });
        const answer = isAuthorized({
          ...withoutServer(request),
          schema: cedarSchema({ tool: types }),
          validateRequest: true,
          policies,
        });
        expect(answer).toMatchObject({ type: 'success', response: { decision: 'allow' } });
      }),
      { numRuns: 100 },
    );
    expect(fitted).toBeGreaterThan(30);
  });
});
