import { describe, expect, it } from 'vitest';
import { type ClaimRules, toPrincipal, type VerifiedClaims } from '../../../lambdas/core/identity/claims.ts';
import type { IdentityConfig } from '../../../lambdas/gateway-config.ts';
import { anIdentity, ISSUER, NOW, PUBLIC_URL, someClaims } from '../../support/builders.ts';
import { accepted, refused, verdict } from '../../support/result.ts';

const HERE = `${PUBLIC_URL}/mcp/core-banking`;
const rules = (identity: Partial<IdentityConfig> = {}): ClaimRules => ({
  identity: anIdentity(identity),
  resources: [HERE, `${PUBLIC_URL}/mcp`],
  knownGroups: new Set(['analysts', 'auditors']),
});
const read = (claims: VerifiedClaims, identity?: Partial<IdentityConfig>) =>
  toPrincipal(someClaims(claims), rules(identity));

describe('toPrincipal', () => {
  it('reads all of a person', () => {
    const claims = { jti: 'j', auth_time: NOW - 9, acr: 'mfa', amr: ['pwd', 'otp'] };
    expect(accepted(read(claims))).toEqual({
      issuer: ISSUER,
      subject: 'ana',
      kind: 'person',
      name: 'Ana Analyst',
      groups: ['analysts'],
      client: 'ide',
      scopes: ['mcp'],
      tokenId: 'j',
      authTime: NOW - 9,
      acr: 'mfa',
      amr: ['pwd', 'otp'],
      expiresAt: NOW + 300,
    });
  });

  it('leaves empty what the token does not say', () => {
    const claims = { name: undefined, groups: undefined, auth_time: 'yesterday', acr: '', amr: 7 };
    expect(accepted(read(claims))).toMatchObject({
      name: null,
      groups: [],
      tokenId: null,
      authTime: null,
      acr: null,
      amr: [],
    });
  });

  describe('expiry', () => {
    it.each([undefined, null, String(NOW + 300)])('refuses a token whose exp is %j', (exp) => {
      expect(verdict(read({ exp }))).toBe('token_malformed');
    });
  });

  describe('audience', () => {
    it.each([
      ['this server', HERE],
      ['the whole gateway', `${PUBLIC_URL}/mcp`],
      ['a list that names this server', ['https://other.example', HERE]],
      ['one that the configuration adds', 'api://gateway'],
    ])('takes a token for %s', (_what, aud) => {
      expect(verdict(read({ aud }, { audiences: ['api://gateway'] }))).toBe('accepted');
    });

    it.each([
      ['another server of this gateway', `${PUBLIC_URL}/mcp/reports`],
      ['another resource', 'https://other.example'],
      ['this server with a trailing slash', `${HERE}/`],
      ['a path below this server', `${HERE}/x`],
      ['no one', undefined],
      ['null', null],
      ['an empty list', []],
      ['a list of nothing that is text', [1, { aud: HERE }]],
    ])('refuses a token for %s', (_what, aud) => {
      const refusal = refused(read({ aud }, { audiences: ['api://gateway'] }));
      expect(refusal).toMatchObject({
        reason: 'audience_mismatch',
        expected: [HERE, `${PUBLIC_URL}/mcp`, 'api://gateway'],
      });
    });

    it('says which audiences it got', () => {
      expect(refused(read({ aud: ['a', 'b'] }))).toMatchObject({ got: ['a', 'b'] });
    });

    describe('where the issuer sets none', () => {
      const cognito: Partial<IdentityConfig> = { audiences: null, clients: ['ide'], tokenUse: 'access' };
      const claims = { aud: undefined, token_use: 'access' };

      it('takes the token of a pinned client', () => {
        expect(verdict(read(claims, cognito))).toBe('accepted');
      });

      it('refuses the token of another client', () => {
        expect(refused(read({ ...claims, client_id: 'x' }, cognito))).toEqual({ reason: 'client_refused', got: 'x' });
      });

      it('refuses every token while no client is pinned', () => {
        expect(verdict(read(claims, { ...cognito, clients: null }))).toBe('audience_mismatch');
      });

      it('still refuses one that names another audience', () => {
        expect(verdict(read({ ...claims, aud: 'https://other.example' }, cognito))).toBe('audience_mismatch');
        expect(verdict(read({ ...claims, aud: HERE }, cognito))).toBe('accepted');
      });
    });
  });

  describe('token use', () => {
    it.each([
      ['id', 'id'],
      [undefined, ''],
    ])('refuses %j where access is required', (token_use, got) => {
      expect(refused(read({ token_use }, { tokenUse: 'access' }))).toEqual({
        reason: 'token_use_mismatch',
        expected: 'access',
        got,
      });
    });

    it('takes the one required, and any where none is', () => {
      expect(verdict(read({ token_use: 'access' }, { tokenUse: 'access' }))).toBe('accepted');
      expect(verdict(read({ token_use: 'id' }))).toBe('accepted');
    });
  });

  describe('client', () => {
    it('reads the claims in the configured order', () => {
      expect(accepted(read({ client_id: 'first', azp: 'second' })).client).toBe('first');
      expect(accepted(read({ client_id: '', azp: 'second' })).client).toBe('second');
    });

    it.each([undefined, '', 7, '\ud800'])('refuses a token whose client is %j', (client_id) => {
      expect(refused(read({ client_id }))).toEqual({ reason: 'client_missing' });
    });

    it('takes only pinned clients where they are pinned', () => {
      expect(verdict(read({}, { clients: ['ide'] }))).toBe('accepted');
      expect(refused(read({}, { clients: ['other'] }))).toEqual({ reason: 'client_refused', got: 'ide' });
      expect(verdict(read({}, { clients: [] }))).toBe('client_refused');
    });
  });

  describe('subject', () => {
    it.each([undefined, '', 7, null, '\ud800'])('refuses a token whose sub is %j', (sub) => {
      expect(refused(read({ sub }))).toEqual({ reason: 'subject_missing' });
    });

    it('takes a registered service with the groups of its registration, not of its token', () => {
      const claims = { sub: 'reconciliation-agent', preferred_username: undefined, groups: ['auditors'] };
      expect(accepted(read(claims))).toMatchObject({
        kind: 'service',
        name: 'Nightly reconciliation',
        groups: ['reconciliation'],
      });
    });

    it('takes a registered service that is its own client or app-only', () => {
      const claims = { sub: 'reconciliation-agent', client_id: 'reconciliation-agent', idtyp: 'app' };
      expect(accepted(read(claims)).kind).toBe('service');
    });

    it.each([
      ['is its own client', { sub: 'ide' }],
      ['is app-only', { idtyp: 'app' }],
      ['lacks the claim of a person', { preferred_username: undefined }],
      ['has an empty claim of a person', { preferred_username: '' }],
    ])('refuses an unregistered subject that %s', (_what, claims) => {
      expect(verdict(read(claims))).toBe('subject_not_registered');
    });

    it('asks for no claim of a person where the issuer has none', () => {
      const person = { ...anIdentity().claims, person: null };
      expect(verdict(read({ preferred_username: undefined, idtyp: 'user' }, { claims: person }))).toBe('accepted');
    });
  });

  describe('groups', () => {
    it('drops groups that the configuration does not speak of', () => {
      expect(accepted(read({ groups: ['auditors', 'everyone', 7, 'analysts'] })).groups).toEqual([
        'auditors',
        'analysts',
      ]);
    });

    it('takes a single group that is no list', () => {
      expect(accepted(read({ groups: 'auditors' })).groups).toEqual(['auditors']);
    });

    it('reads the configured claim', () => {
      const claims = { ...anIdentity().claims, groups: 'cognito:groups' };
      expect(accepted(read({ 'cognito:groups': ['auditors'] }, { claims })).groups).toEqual(['auditors']);
    });
  });

  describe('scopes', () => {
    it.each([
      ['scope as one string', { scope: 'openid mcp' }, ['openid', 'mcp']],
      ['scp as a string', { scope: undefined, scp: 'mcp' }, ['mcp']],
      ['scp as a list', { scope: undefined, scp: ['mcp', 'other'] }, ['mcp', 'other']],
      ['both, once each', { scope: 'mcp', scp: ['mcp'] }, ['mcp']],
      ['extra spaces', { scope: '  mcp  ' }, ['mcp']],
    ])('reads %s', (_what, claims, scopes) => {
      expect(accepted(read(claims)).scopes).toEqual(scopes);
    });

    it.each([
      [{ scope: 'mcp' }, ['mcp']],
      [{ scope: undefined }, []],
      [{ scope: 'mcp:admin writer' }, ['mcp:admin', 'writer']],
    ])('refuses %j where two scopes are required', (claims, got) => {
      const required = ['mcp', 'write'];
      expect(refused(read(claims, { scopes: required }))).toEqual({ reason: 'scope_missing', required, got });
    });

    it('takes every required scope in any order, and no scope where none is required', () => {
      expect(verdict(read({ scope: 'write mcp' }, { scopes: ['mcp', 'write'] }))).toBe('accepted');
      expect(verdict(read({ scope: undefined }, { scopes: [] }))).toBe('accepted');
    });

    it('speaks of scopes only to those it knows, since that refusal is a 403', () => {
      expect(verdict(read({ scope: '', sub: '' }))).toBe('subject_missing');
      expect(verdict(read({ scope: '', aud: 'x' }))).toBe('audience_mismatch');
    });
  });

  it('takes no text that cannot stand in an entry', () => {
    const claims = { name: 'half \ud83d', jti: '\ude00', amr: ['pwd', '\ud800'] };
    expect(accepted(read(claims))).toMatchObject({ name: null, tokenId: null, amr: ['pwd'] });
  });
});
