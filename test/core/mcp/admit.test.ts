import { describe, expect, it } from 'vitest';
import { admit as admitBy } from '../../../lambdas/core/mcp/admit.ts';
import type { McpRequest } from '../../../lambdas/core/mcp/http.ts';
import type { GatewayConfig } from '../../../lambdas/gateway-config.ts';
import { aConfig, aMessage, aPrincipal, aRequest, aServer, VERSION_KEY } from '../../support/builders.ts';
import { policyOf } from '../../support/policy.ts';
import { accepted, refused } from '../../support/result.ts';

const MODERN = { 'mcp-protocol-version': '2026-07-28' };
const config = aConfig();
const admit = (request: McpRequest, by: GatewayConfig) => admitBy(request, by, policyOf(by));
const relaying = aConfig({ servers: { 'core-banking': aServer({ standaloneStream: 'relay' }) } });

const get = (headers: McpRequest['headers'] = {}) => aRequest({ httpMethod: 'GET', body: '', headers });

describe('admit', () => {
  it('admits a permitted call with all that was learnt of it', () => {
    const request = aRequest();
    expect(accepted(admit(request, config))).toEqual({
      request,
      server: config.servers['core-banking'],
      strict: false,
      decision: { effect: 'permit', reasons: ['analysts-use-core-banking'], policy: config.policy.digest },
      call: expect.objectContaining({
        action: 'tools/call',
        resource: { kind: 'Tool', name: 'get_balance' },
        args: { account: 'x' },
      }),
      message: expect.objectContaining({ kind: 'request', method: 'tools/call' }),
      classification: { era: 'legacy', protocolVersion: null },
    });
  });

  it('refuses in a fixed order, the first reason winning', () => {
    // Everything is wrong with this request; each step mends the first thing.
    const steps: [string, Partial<McpRequest>][] = [
      ['unknown_server', { server: 'core-banking' }],
      ['origin_refused', { headers: { origin: undefined } }],
      ['unsupported_media_type', { headers: { 'content-type': 'application/json' } }],
      ['request_too_large', { body: '{"a":1,"a":2' }],
      ['invalid_json', { body: '{"a":1,"a":2}' }],
      ['duplicate_member', { body: '[]' }],
      ['batch', { body: '{}' }],
      ['invalid_message', { body: aMessage('ping', { _meta: { [VERSION_KEY]: '2026-07-28' } }) }],
      ['header_mismatch', { headers: { 'mcp-protocol-version': '2026-12-01' }, body: aMessage('ping') }],
      ['unsupported_version', { headers: MODERN }],
      ['access_denied', { principal: aPrincipal() }],
    ];
    let request = aRequest({
      server: 'nope',
      principal: aPrincipal({ groups: [] }),
      headers: { origin: 'https://evil.example', 'content-type': 'text/plain', 'mcp-protocol-version': '2025-11-25' },
      body: 'x'.repeat(1001),
    });
    for (const [reason, mended] of steps) {
      expect(refused(admit(request, config)).refusal.reason).toBe(reason);
      request = { ...request, ...mended, headers: { ...request.headers, ...mended.headers } };
    }
    expect(accepted(admit(request, config)).classification.era).toBe('modern');
  });

  it.each(['nope', '', '__proto__', 'constructor', 'toString'])('knows no server named %j', (server) => {
    expect(refused(admit(aRequest({ server }), config))).toEqual({
      refusal: { reason: 'unknown_server', server },
      message: null,
      classification: null,
      decision: null,
    });
  });

  it('says of a denied request what was asked for', () => {
    expect(refused(admit(aRequest({ server: 'reports' }), config))).toEqual({
      refusal: { reason: 'access_denied', server: 'reports', policies: [], advice: null, hidden: true },
      decision: { effect: 'forbid', reasons: [], policy: config.policy.digest },
      message: expect.objectContaining({ method: 'tools/call' }),
      classification: { era: 'legacy', protocolVersion: null },
    });
  });

  it('decides nothing about a request that it cannot read', () => {
    const unreadable = refused(admit(aRequest({ body: '{' }), config));
    expect(unreadable).toMatchObject({ decision: null, message: null, classification: null });
  });

  it('keeps the message with a refusal of its era', () => {
    const headers = { 'mcp-protocol-version': '2099-01-01' };
    expect(refused(admit(aRequest({ headers }), config))).toMatchObject({
      refusal: { reason: 'unsupported_version' },
      message: { method: 'tools/call' },
      classification: null,
      decision: null,
    });
  });

  describe('of GET and DELETE', () => {
    it('reads no body and wants no content type', () => {
      const request = aRequest({ httpMethod: 'DELETE', body: '{', headers: { 'content-type': undefined } });
      expect(accepted(admit(request, config))).toMatchObject({ message: null, classification: { era: 'legacy' } });
    });

    it.each(['GET', 'DELETE'] as const)(
      'refuses %s in the modern era, even where streams are relayed',
      (httpMethod) => {
        const refusal = refused(admit(aRequest({ httpMethod, body: '', headers: MODERN }), relaying));
        expect(refusal).toMatchObject({
          refusal: { reason: 'method_not_allowed', httpMethod },
          classification: { era: 'modern' },
        });
      },
    );

    it('refuses one of an unknown modern revision', () => {
      const refusal = refused(admit(get({ 'mcp-protocol-version': '2026-09-09' }), relaying));
      expect(refusal).toMatchObject({ refusal: { reason: 'unsupported_version' }, message: null });
    });

    it('refuses a stream that resumes nothing, unless the server relays it', () => {
      expect(refused(admit(get(), config)).refusal).toMatchObject({ reason: 'method_not_allowed', httpMethod: 'GET' });
      expect(accepted(admit(get(), relaying)).message).toBeNull();
    });

    it('admits a stream that resumes', () => {
      expect(accepted(admit(get({ 'last-event-id': '7' }), config)).message).toBeNull();
    });

    it('is refused to those who may not use the server', () => {
      const request = { ...get({ 'last-event-id': '7' }), principal: aPrincipal({ groups: ['auditors'] }) };
      expect(refused(admit(request, config)).refusal.reason).toBe('access_denied');
    });
  });
});
