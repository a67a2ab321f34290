import { describe, expect, it } from 'vitest';
import { type HeldRequest, readHeldRequest, writeHeldRequest } from '../../../lambdas/core/approvals/held-call.ts';
import { aPrincipal } from '../../support/builders.ts';

const REQUEST: HeldRequest = {
  body: '{}',
  headers: { 'mcp-method': 'tools/call' },
  principal: aPrincipal(),
  sourceIp: '198.51.100.7',
  tool: { name: 'wire' },
  reason: 'invoice 118',
};
const written = (over: object): Buffer => {
  const value = JSON.parse(writeHeldRequest(REQUEST).toString()) as object;
  return Buffer.from(JSON.stringify({ ...value, ...over }));
};

describe('a held request', () => {
  it('is read as it was written', () => {
    expect(readHeldRequest(writeHeldRequest(REQUEST))).toEqual(REQUEST);
    expect(readHeldRequest(writeHeldRequest({ ...REQUEST, reason: null, tool: null })).reason).toBeNull();
  });

  it('of an earlier release has no reason beside it, and still runs', () => {
    expect(readHeldRequest(written({ v: 1, reason: undefined }))).toEqual({ ...REQUEST, reason: null });
  });

  it.each([
    ['another version', { v: 3 }],
    ['no version', { v: undefined }],
    ['no body', { body: undefined }],
    ['no headers', { headers: [] }],
    ['no address', { sourceIp: 7 }],
  ])('of %s is refused', (_, over) => {
    expect(() => readHeldRequest(written(over))).toThrow(TypeError);
  });
});
