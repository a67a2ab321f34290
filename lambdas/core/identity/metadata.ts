// OAuth 2.0 Protected Resource Metadata (RFC 9728 section 2). Pure.

import { resourceUrl } from '../../contract.ts';
import type { GatewayConfig } from '../../gateway-config.ts';
import { announcedScopes } from './announced-scopes.ts';

/** The document of one server, or of the whole gateway; `undefined` for a server that is not configured. */
export const protectedResourceMetadata = (
  config: GatewayConfig,
  publicUrl: string,
  server: string | undefined,
): Readonly<Record<string, unknown>> | undefined => {
  if (server !== undefined && !Object.hasOwn(config.servers, server)) return undefined;
  const resource = resourceUrl(publicUrl, server);
  return {
    resource,
    authorization_servers: [config.identity.issuer],
    scopes_supported: announcedScopes(config.identity, resource),
    bearer_methods_supported: ['header'],
    resource_name: server === undefined ? 'Countersign' : config.servers[server]?.title,
  };
};
