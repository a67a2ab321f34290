import { describe, expect, it } from 'vitest';
import { protectedResourceMetadata } from '../../../lambdas/core/identity/metadata.ts';
import { aConfig, anIdentity, ISSUER, PUBLIC_URL } from '../../support/builders.ts';

const metadata = (server: string | undefined) => protectedResourceMetadata(aConfig(), PUBLIC_URL, server);

describe('protectedResourceMetadata', () => {
  it('describes one server under its own resource URL', () => {
    expect(metadata('core-banking')).toEqual({
      resource: 'https://mcp.bank.example/mcp/core-banking',
      authorization_servers: [ISSUER],
      scopes_supported: ['mcp'],
      bearer_methods_supported: ['header'],
      resource_name: 'Core banking',
    });
  });

  it('announces the scopes to ask for, of this resource, and not those in the token', () => {
    const config = aConfig({ identity: anIdentity({ announcedScopes: ['{resource}/mcp', 'offline_access'] }) });
    expect(protectedResourceMetadata(config, PUBLIC_URL, 'core-banking')).toMatchObject({
      scopes_supported: ['https://mcp.bank.example/mcp/core-banking/mcp', 'offline_access'],
    });
    expect(protectedResourceMetadata(config, PUBLIC_URL, undefined)).toMatchObject({
      scopes_supported: ['https://mcp.bank.example/mcp/mcp', 'offline_access'],
    });
  });

  it('describes the whole gateway', () => {
    expect(metadata(undefined)).toMatchObject({
      resource: 'https://mcp.bank.example/mcp',
      resource_name: 'Countersign',
    });
  });

  it.each(['nope', '', '__proto__', 'toString'])('describes no server named %j', (server) => {
    expect(metadata(server)).toBeUndefined();
  });
});
