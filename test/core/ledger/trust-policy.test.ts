// Policy files: the rules of C2SP tlog-policy one by one, each refusal by its line.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatPolicy, isQuorum, parsePolicy, type TrustPolicy } from '../../../lambdas/core/ledger/trust-policy.ts';
import { logKey, policyOf, witnessKey } from '../../support/sealed-log.ts';

const LOG = logKey().vkey;
const vkeys = [1, 2, 3, 4, 5, 6].map((seed) => witnessKey(20 + seed, `w${seed}.example`).vkey);
const [W1 = '', W2 = '', W3 = ''] = vkeys;

// The example of the specification, with keys.
const EXAMPLE = `log ${LOG}

witness X1 ${vkeys[0]}
witness X2 ${vkeys[1]}
witness X3 ${vkeys[2]}
group X-witnesses 2 X1 X2 X3

witness Y1 ${vkeys[3]}
witness Y2 ${vkeys[4]}
witness Y3 ${vkeys[5]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
`;

const met = ({ quorum }: TrustPolicy, ...names: readonly string[]): boolean => isQuorum(quorum, new Set(names));
const faultOf = (text: string | Uint8Array) => {
  const parsed = parsePolicy(typeof text === 'string' ? Buffer.from(text, 'utf8') : text);
  return parsed.ok ? 'ok' : `${parsed.error.line}: ${parsed.error.detail}`;
};

describe('the example of the specification', () => {
  const policy = policyOf(EXAMPLE);

  it.each([
    ['X1 X2 Y3', true],
    ['X1 X2 X3 Y1 Y2 Y3', true],
    ['X1 Y1 Y2 Y3', false],
    ['X1 X2 X3', false],
    ['', false],
  ])('%j: %s', (names, enough) => {
    expect(met(policy, ...names.split(' '))).toBe(enough);
  });

  it('names the log and all witnesses', () => {
    expect(policy.logs.map(({ name }) => name)).toEqual([logKey().verifier.name]);
    expect(policy.witnesses.map(({ name }) => name)).toEqual(['X1', 'X2', 'X3', 'Y1', 'Y2', 'Y3']);
  });
});

describe('parsePolicy', () => {
  it('takes comments, tabs, empty lines, urls, and a file without its last newline', () => {
    const text = `\t# a comment\n\n  log\t${LOG}  https://log.example/ \n witness  w ${W1} https://w.example/\nquorum w`;
    expect(met(policyOf(text), 'w')).toBe(true);
    expect(met(policyOf(text))).toBe(false);
  });

  it('takes a policy without witnesses, and one without logs', () => {
    expect(met(policyOf(`log ${LOG}\nquorum none\n`))).toBe(true);
    expect(policyOf(`witness w ${W1}\nquorum w\n`).logs).toEqual([]);
  });

  it('compares names octet by octet', () => {
    const kelvin = '\u212a';
    expect(met(policyOf(`witness ${kelvin} ${W1}\nwitness K ${W2}\nquorum ${kelvin}\n`), kelvin)).toBe(true);
    expect(met(policyOf(`witness ${kelvin} ${W1}\nwitness K ${W2}\nquorum ${kelvin}\n`), 'K')).toBe(false);
  });

  it.each([
    ['no quorum', `log ${LOG}\n`, /^2: there is no line "quorum/],
    ['an empty file', '', /^1: there is no line "quorum/],
    ['two quorums', 'quorum none\nquorum none\n', /^2: a policy has one quorum/],
    ['a quorum of nobody', 'quorum w\n', /^1: no witness or group "w"/],
    ['a quorum before its witness', `quorum w\nwitness w ${W1}\n`, /^1: no witness or group/],
    ['another keyword', `witnes w ${W1}\nquorum none\n`, /^1: "witnes" is none of log, witness/],
    ['a comment behind a line', 'quorum none # no\n', /^1: expected "quorum <name>"/],
    ['a log without key', 'log\nquorum none\n', /^1: expected "log/],
    ['a log with the key of a witness', `log ${W1}\nquorum none\n`, /^1: the log's key: .*0x01/],
    ['a witness with the key of a log', `witness w ${LOG}\nquorum w\n`, /^1: the key of witness "w": .*0x04/],
    ['a log twice', `log ${LOG}\nlog ${LOG}\nquorum none\n`, /^2: this log key is listed twice/],
    [
      'one log key under two names',
      `log ${LOG}\nlog ${logKey(1, 'other.example').vkey}\nquorum none\n`,
      /^2: this log key/,
    ],
    ['a witness key twice', `witness a ${W1}\nwitness b ${W1}\nquorum a\n`, /^2: this witness key is listed twice/],
    ['a name twice', `witness a ${W1}\nwitness a ${W2}\nquorum a\n`, /^2: the name "a" is defined already/],
    ['a group of a name taken', `witness a ${W1}\ngroup a any a\nquorum a\n`, /^2: the name "a" is defined/],
    ['a witness called none', `witness none ${W1}\nquorum none\n`, /^1: the name "none" is taken/],
    ['none as a member', 'group g any none\nquorum g\n', /^1: no witness or group "none"/],
    ['a group without members', 'group g any\nquorum g\n', /^1: expected "group/],
    [
      'a threshold of zero',
      `witness a ${W1}\ngroup g 0 a\nquorum g\n`,
      /^2: expected all, any or a number from 1 to 1/,
    ],
    ['a threshold over its members', `witness a ${W1}\ngroup g 2 a\nquorum g\n`, /^2: expected all, any/],
    ['a threshold with a zero before it', `witness a ${W1}\ngroup g 01 a\nquorum g\n`, /^2: expected all, any/],
    ['a member twice in a group', `witness a ${W1}\ngroup g any a a\nquorum g\n`, /^2: "a" is a member already/],
    [
      'a member of two groups',
      `witness a ${W1}\ngroup g any a\ngroup h any a g\nquorum h\n`,
      /^3: "a" is a member already/,
    ],
    ['a group of itself', 'group g any g\nquorum g\n', /^1: no witness or group "g"/],
    ['a carriage return', 'quorum none\r\n', /^1: control characters/],
    ['more than 64 KiB', `#${'x'.repeat(65_536)}\nquorum none\n`, /^1: the file is longer/],
  ])('refuses %s', (_, text, fault) => {
    expect(faultOf(text)).toMatch(fault);
  });

  it('never throws', () => {
    const words = fc.constantFrom(
      'log',
      'witness',
      'group',
      'quorum',
      'any',
      'all',
      'none',
      '1',
      'a',
      'b',
      W1,
      LOG,
      '#',
    );
    const line = fc.array(words, { maxLength: 6 }).map((items) => items.join(' '));
    fc.assert(fc.property(fc.array(line, { maxLength: 8 }), (lines) => void faultOf(lines.join('\n'))));
    fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void faultOf(bytes)));
  });
});

describe('isQuorum', () => {
  it('counts k of n, whatever the order', () => {
    const names = fc.subarray(['a', 'b', 'c']);
    fc.assert(
      fc.property(names, fc.integer({ min: 1, max: 3 }), (cosigned, k) => {
        const policy = policyOf(`witness a ${W1}\nwitness b ${W2}\nwitness c ${W3}\ngroup g ${k} c a b\nquorum g\n`);
        expect(met(policy, ...cosigned)).toBe(cosigned.length >= k);
      }),
    );
  });
});

describe('formatPolicy', () => {
  it.each([0, 1, 3])('asks for all of %i witnesses', (count) => {
    const listed = vkeys.slice(0, count).map((vkey) => ({ vkey, url: 'https://w.example/' }));
    const policy = policyOf(formatPolicy([LOG], listed));
    const names = policy.witnesses.map(({ name }) => name);
    expect(names).toHaveLength(count);
    expect(met(policy, ...names)).toBe(true);
    if (count > 0) expect(met(policy, ...names.slice(1))).toBe(false);
  });
});
