import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decomposeUnverifiedToken } from '../../../lambdas/core/identity/unverified.ts';
import { canonicalLine } from '../../../lambdas/core/ledger/line.ts';
import { deniedEntry } from '../../support/builders.ts';
import { anyText } from '../any-text.ts';

const token = (payload: string) => `e30.${Buffer.from(payload).toString('base64url')}.sig`;
const read = (claims: unknown) => decomposeUnverifiedToken(token(JSON.stringify(claims)));
const CLAIMS = ['iss', 'sub', 'aud', 'client_id', 'azp'] as const;

describe('decomposeUnverifiedToken', () => {
  it('shows the identifying claims and no others', () => {
    const claims = { iss: 'i', sub: 's', aud: ['a', 'b'], client_id: 'c', azp: 'z', email: 'e', exp: 1, groups: ['g'] };
    expect(read(claims)).toEqual({ iss: 'i', sub: 's', aud: 'a b', client_id: 'c', azp: 'z' });
  });

  it('shows who is said to have issued it and for whom, without the rest of an address', () => {
    expect(read({ iss: 'https://login.bank.example', aud: 'https://mcp.bank.example/mcp/core-banking' })).toEqual({
      iss: 'https://login.bank.example',
      aud: 'https://mcp.bank.example/‹17›',
    });
  });

  it('shows of other kinds of values their kind', () => {
    expect(read({ sub: 7, aud: [1, 'a', null, {}, ['b']], iss: { a: 'b' }, azp: null, client_id: false })).toEqual({
      sub: '‹number›',
      aud: '‹number› a ‹object› ‹object› ‹1 more›',
      iss: '‹object›',
      azp: '‹object›',
      client_id: '‹boolean›',
    });
  });

  it('shows four audiences and counts the others', () => {
    expect(read({ aud: ['a', 'b', 'c', 'd'] })?.['aud']).toBe('a b c d');
    expect(read({ aud: ['a', 'b', 'c', 'd', 'e', 'f'] })?.['aud']).toBe('a b c d ‹2 more›');
    expect(read({ aud: [['4111111111111111']] })?.['aud']).toBe('‹array›');
  });

  it.each([128, 129])('shows an identifier of up to 128 characters, and of a longer one the size: %i', (length) => {
    expect(read({ sub: 's'.repeat(length) })?.['sub']).toBe(length === 128 ? 's'.repeat(128) : '‹name 129›');
  });

  it.each([
    '4111111111111111',
    '4111-1111-1111-1111',
    'card-4111 1111 1111 1111',
    'GB29NWBK60161331926819',
    'https://4111111111111111.evil.example/',
    'https://evil.example/4111111111111111',
    'https://evil.example?q=4111111111111111',
    'https://4111111111111111@evil.example/',
    '4111111111111111://evil.example/',
    'ghp_16C7e42F292c6912E7710c838347Ae178B4a',
    'my password is hunter2',
    'Ana Silva, born 1984-02-11',
    'ana@4111111111111111',
    '\u202e4111\u200b1111\u200b1111\u200b1111',
  ])('shows nothing of a claim that may be data or a secret: %s', (planted) => {
    for (const claim of CLAIMS) {
      for (const value of [planted, [planted], [planted, 'x']]) {
        const shown = JSON.stringify(read({ [claim]: value }));
        expect(shown).not.toMatch(/4111|NWBK|ghp_|hunter2|Silva/);
        expect(shown).toContain('‹');
      }
    }
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
      aud: '‹array›',
      sub: '‹object›',
    });
  });

  it('says nothing that could not stand in an entry', () => {
    const half = fc.constantFrom('\ud83d', '\ude00', `${'a'.repeat(199)}😀`);
    const claims = fc.record({ sub: fc.oneof(half, anyText), aud: fc.array(half), iss: anyText });
    fc.assert(
      fc.property(claims, (some) => {
        const entry = { ...deniedEntry(), unverified: read(some) };
        expect(() => canonicalLine(entry as never)).not.toThrow();
      }),
    );
  });
});
