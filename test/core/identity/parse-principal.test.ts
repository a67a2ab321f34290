import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PrincipalError, parsePrincipal } from '../../../lambdas/core/identity/parse-principal.ts';
import type { Principal } from '../../../lambdas/core/identity/principal.ts';
import { aPrincipal } from '../../support/builders.ts';
import { anyText } from '../any-text.ts';

const text = anyText.filter((some) => some !== '');
const textOrNull = fc.option(text);
const anyPrincipal: fc.Arbitrary<Principal> = fc.record({
  issuer: text,
  subject: text,
  kind: fc.constantFrom('person', 'service'),
  name: textOrNull,
  groups: fc.array(text),
  client: text,
  scopes: fc.array(text),
  tokenId: textOrNull,
  authTime: fc.option(fc.nat()),
  acr: textOrNull,
  amr: fc.array(text),
  expiresAt: fc.nat(),
});

describe('parsePrincipal', () => {
  it('reads back every principal that the authorizer can have written', () => {
    fc.assert(
      fc.property(anyPrincipal, (principal) => {
        expect(parsePrincipal(JSON.stringify(principal))).toEqual(principal);
      }),
    );
  });

  it.each(Object.keys(aPrincipal()))('stops at a principal without %s', (field) => {
    const principal: Record<string, unknown> = { ...aPrincipal() };
    delete principal[field];
    expect(() => parsePrincipal(JSON.stringify(principal))).toThrow(PrincipalError);
  });

  it.each([
    { issuer: '' },
    { issuer: null },
    { subject: '' },
    { subject: 7 },
    { kind: 'admin' },
    { name: '' },
    { name: 7 },
    { groups: null },
    { groups: 'analysts' },
    { groups: [7] },
    { client: '' },
    { scopes: {} },
    { tokenId: '' },
    { authTime: '1' },
    { acr: '' },
    { amr: [null] },
    { expiresAt: null },
  ])('stops at a principal with %j', (wrong) => {
    expect(() => parsePrincipal(JSON.stringify({ ...aPrincipal(), ...wrong }))).toThrow(PrincipalError);
  });

  it.each([undefined, null, 7, {}, aPrincipal(), '', 'ana', '{', '[]', 'null'])('stops at %j', (json) => {
    expect(() => parsePrincipal(json)).toThrow(expect.objectContaining({ code: 'PRINCIPAL_UNREADABLE' }));
  });
});
