import { describe, expect, it } from 'vitest';
import { readAccessLine } from '../../../../lambdas/core/ledger/reconcile/read-access-line.ts';
import { type AccessFacts, accessLine } from '../../../../local/api-gateway/access-log.ts';

const read = (facts: AccessFacts) =>
  readAccessLine(accessLine({ requestId: 'r-1', time: '1795341600000', method: 'POST', ...facts }))?.kind;
const MCP = { resourcePath: '/mcp/{server}' } as const;
const AUTHORIZED = { ...MCP, authorizerStatus: '200' } as const;

describe('readAccessLine', () => {
  it('reads id and time', () => {
    expect(readAccessLine(accessLine({ requestId: 'r-1', time: '1795341600000' }))).toMatchObject({
      id: 'r-1',
      at: 1_795_341_600_000,
    });
  });

  it.each([
    ['a call that was answered', { ...AUTHORIZED, integrationStatus: '200', status: '200' }],
    ['a call whose client left before the answer', { ...AUTHORIZED, integrationRequestId: 'i-1' }],
    ['a token that was refused', { ...AUTHORIZED, errorType: 'ACCESS_DENIED', status: '401' }],
    ['a scope that was missing', { ...MCP, authorizerError: 'Unauthorized', errorType: 'UNAUTHORIZED', status: '403' }],
    ['a route that we do not know and that reached something', { resourcePath: '/door', integrationStatus: '200' }],
    [
      'an open path by another method, which reached something',
      { resourcePath: '/.well-known/oauth-protected-resource', integrationStatus: '200' },
    ],
    ['an error type that we do not know', { ...MCP, errorType: 'SOMETHING_NEW', status: '400' }],
    ['a line that says little', {}],
    ['an error of API Gateway after the authorizer ran', { ...AUTHORIZED, errorType: 'THROTTLED', status: '429' }],
  ] as const)('wants an entry for %s', (_name, facts) => {
    expect(read(facts)).toBe('recorded');
  });

  it.each([
    ['no such route', { errorType: 'MISSING_AUTHENTICATION_TOKEN', status: '404' }],
    ['a request over the throttle', { ...MCP, errorType: 'THROTTLED', status: '429' }],
    ['a request that was too large', { ...MCP, errorType: 'REQUEST_TOO_LARGE', status: '413' }],
    ['a request that the firewall stopped', { ...MCP, errorType: 'WAF_FILTERED', status: '403' }],
    [
      'an open route',
      {
        method: 'GET',
        resourcePath: '/.well-known/oauth-protected-resource/mcp',
        integrationStatus: '200',
        status: '200',
      },
    ],
  ] as const)('wants none for %s', (_name, facts) => {
    expect(read(facts)).toBe('alone');
  });

  it.each([
    ['an authorizer that failed', { ...MCP, authorizerError: 'x', errorType: 'AUTHORIZER_FAILURE', status: '503' }],
    [
      'a call that the gateway refused because it could not record',
      { ...AUTHORIZED, integrationStatus: '200', status: '503' },
    ],
  ] as const)('keeps %s apart', (_name, facts) => {
    expect(read(facts)).toBe('failed');
  });

  it.each(['', 'x', '[]', '"r"', '{"requestId":"-","time":"1"}', '{"requestId":"r"}', '{"requestId":7,"time":"1"}'])(
    'reads nothing from %j',
    (line) => {
      expect(readAccessLine(line)).toBeUndefined();
    },
  );
});
