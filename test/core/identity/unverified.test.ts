import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decomposeUnverifiedToken } from '../../../lambdas/core/identity/unverified.ts';
import { canonicalLine } from '../../../lambdas/core/ledger/line.ts';
import { deniedEntry } from '../../support/builders.ts';
import { anyText } from '../any-text.ts';

const token = (payload: string) => `e30.${Buffer.from(payload).toString('base64url')}.sig`;
const read = (claims: unknown) => decomposeUnverifiedToken(token(JSON.stringify(claims)));

describe('decomposeUnverifiedToken', () => {
  it('shows the identifying claims and no others', () => {
    const claims = { iss: 'i', sub: 's', aud: ['a', 'b'], client_id: 'c', azp: 'z', email: 'e', exp: 1, groups: ['g'] };
    expect(read(claims)).toEqual({ iss: 'i', sub: 's', aud: '["a","b"]', client_id: 'c', azp: 'z' });
  });

  it('shows of other kinds of values what can be shown', () => {
    expect(read({ sub: 7, aud: [1, 'a'], iss: { a: 'b' }, azp: null, client_id: false })).toEqual({
      sub: '7',
      aud: '["a"]',
      iss: '‹object›',
      azp: '‹object›',
      client_id: 'false',
    });
  });

  it('cuts long claims short', () => {
    expect(read({ sub: 's'.repeat(300) })?.['sub']).toBe('s'.repeat(200));
  });

  it.each(['', 'abc', 'a.b.c', token('[]'), token('"a"'), token('{'), 'a..b'])('reads nothing from %j', (text) => {
    expect(decomposeUnverifiedToken(text)).toBeNull();
  });

  it('reads a token that claims nothing', () => {
    expect(read({})).toEqual({});
  });

  it('survives claims nested as deep as a token can hold', () => {
    const deep = '['.repeat(6000) + ']'.repeat(6000);
    expect(decomposeUnverifiedToken(token(`{"aud":${deep},"sub":{"a":${deep}}}`))).toEqual({
      aud: '[]',
      sub: '‹object›',
    });
  });

  it('says nothing that could not stand in an entry', () => {
    const half = fc.constantFrom('\ud83d', '\ude00', `${'a'.repeat(199)}😀`);
    const claims = fc.record({ sub: fc.oneof(half, anyText), aud: fc.array(half) });
    fc.assert(
      fc.property(claims, (some) => {
        const entry = { ...deniedEntry(), unverified: read(some) };
        expect(() => canonicalLine(entry as never)).not.toThrow();
      }),
    );
  });
});
