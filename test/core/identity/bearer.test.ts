import { describe, expect, it } from 'vitest';
import { readBearer } from '../../../lambdas/core/identity/bearer.ts';
import { accepted, verdict } from '../../support/result.ts';

describe('readBearer', () => {
  it.each([
    ['Bearer abc', 'abc'],
    ['bearer abc', 'abc'],
    ['BEARER   abc  ', 'abc'],
    ['Bearer aB3-._~+/==', 'aB3-._~+/=='],
  ])('reads %j', (header, token) => {
    expect(accepted(readBearer(header))).toBe(token);
  });

  it.each([undefined, '', '   ', '\t'])('sees no token in %j', (header) => {
    expect(verdict(readBearer(header))).toBe('token_missing');
  });

  it.each([
    'Bearer',
    'Bearer ',
    'Bearerabc',
    'Basic abc',
    'abc',
    'Bearer a b',
    'Bearer a, Bearer b',
    'Bearer a\nX: y',
    'Bearer é',
    'Bearer "a"',
    ' Bearer abc',
  ])('refuses %j', (header) => {
    expect(verdict(readBearer(header))).toBe('token_malformed');
  });

  it('takes a token of the longest length and refuses one character more', () => {
    expect(verdict(readBearer(`Bearer ${'a'.repeat(16_384)}`))).toBe('accepted');
    expect(verdict(readBearer(`Bearer ${'a'.repeat(16_385)}`))).toBe('token_malformed');
  });
});
