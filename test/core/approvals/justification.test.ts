// The argument that is meant for the approvers: read, and taken out without touching another byte.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { paramsDigest } from '../../../lambdas/core/approvals/exact-call.ts';
import {
  glassReasonOf,
  JUSTIFICATION_ARGUMENT,
  justificationOf,
  OWN_ARGUMENTS,
  withoutJustification,
} from '../../../lambdas/core/approvals/justification.ts';

const call = (args: string): string => `{"jsonrpc":"2.0","id":1,"params":{"name":"wire","arguments":${args}}}`;

describe('justificationOf', () => {
  it.each<[unknown, string | null]>([
    [{ arguments: { approval_reason: ' invoice 7 ' } }, 'invoice 7'],
    [{ _meta: { 'countersign.dev/approval-reason': 'invoice 8' } }, 'invoice 8'],
    [{ arguments: { approval_reason: '' }, _meta: { 'countersign.dev/approval-reason': 'invoice 9' } }, 'invoice 9'],
    [{ arguments: { break_glass_reason: 'fire' } }, 'fire'],
    [{ arguments: { approval_reason: 'invoice 7', break_glass_reason: 'fire' } }, 'invoice 7'],
    [{ _meta: { 'countersign.dev/break-glass-reason': 'fire' } }, 'fire'],
    [{ arguments: { approval_reason: 7 } }, null],
    [{ arguments: ['approval_reason'] }, null],
    [{}, null],
  ])('reads %j', (params, expected) => {
    expect(justificationOf(params as Record<string, unknown>)).toBe(expected);
  });
});

describe('glassReasonOf', () => {
  it.each<[unknown, string | null]>([
    [{ arguments: { break_glass_reason: ' fire ' } }, 'fire'],
    [{ _meta: { 'countersign.dev/break-glass-reason': 'fire' } }, 'fire'],
    [{ arguments: { approval_reason: 'fire' }, _meta: { 'countersign.dev/approval-reason': 'fire' } }, null],
    [{ arguments: { break_glass_reason: ' ' } }, null],
  ])('reads %j', (params, expected) => {
    expect(glassReasonOf(params as Record<string, unknown>)).toBe(expected);
  });
});

describe('withoutJustification', () => {
  it.each([
    ['{"approval_reason":"x"}', '{}'],
    ['{"approval_reason":"x", "a":1}', '{"a":1}'],
    ['{ "a":1 , "approval_reason" : "x" }', '{ "a":1 }'],
    ['{"a":1,"approval_reason":"a,b}","b":2}', '{"a":1,"b":2}'],
    ['{"a":{"approval_reason":"inner"}}', '{"a":{"approval_reason":"inner"}}'],
    ['{"break_glass_reason":"x","approval_reason":"y"}', '{}'],
    ['{"approval_reason":"y","a":1,"break_glass_reason":"x"}', '{"a":1}'],
    ['{"a":1}', '{"a":1}'],
    ['[1]', '[1]'],
  ])('makes of %s %s', (args, expected) => {
    expect(withoutJustification(call(args))).toBe(call(expected));
  });

  it('leaves valid JSON with every other member as it was, and the same digest', () => {
    const member = fc.string({ minLength: 1, maxLength: 8 }).filter((name) => !OWN_ARGUMENTS.includes(name));
    fc.assert(
      fc.property(
        fc.dictionary(member, fc.jsonValue({ maxDepth: 2 })),
        fc.string(),
        fc.nat(8),
        (args, reason, place) => {
          const entries = Object.entries(args);
          entries.splice(Math.min(place, entries.length), 0, [JUSTIFICATION_ARGUMENT, reason]);
          const text = call(
            `{${entries.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`,
          );
          const stripped = withoutJustification(text);
          expect(JSON.parse(stripped)).toEqual(JSON.parse(call(JSON.stringify(args))));
          expect(paramsDigest(stripped)).toBe(paramsDigest(text, [JUSTIFICATION_ARGUMENT]));
        },
      ),
    );
  });
});
