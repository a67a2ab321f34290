// The scopes that clients are told to ask for. They need not be those in the token: Entra ID is asked for
// `<resource>/mcp` and writes `mcp`. Pure.

import { RESOURCE_PLACEHOLDER } from '../../contract.ts';
import type { IdentityConfig } from '../../gateway-config.ts';

/** The announced scopes of one resource, a server's URL or the whole gateway's. */
export const announcedScopes = (
  { announcedScopes: scopes }: Pick<IdentityConfig, 'announcedScopes'>,
  resource: string,
): readonly string[] => scopes.map((scope) => scope.replaceAll(RESOURCE_PLACEHOLDER, resource));
