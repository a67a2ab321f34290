// Protected resource metadata (RFC 9728 section 3.2): public, the same for everyone.

import { protectedResourceMetadata } from '../core/identity/metadata.ts';
import type { GatewayConfig } from '../gateway-config.ts';

export interface MetadataReply {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export const makeWellKnown =
  (config: GatewayConfig, publicUrl: string) =>
  (server: string | undefined): MetadataReply => {
    const metadata = protectedResourceMetadata(config, publicUrl, server);
    return {
      statusCode: metadata === undefined ? 404 : 200,
      headers: {
        'content-type': 'application/json',
        'cache-control': 'public, max-age=300',
        // Browser-based clients read it across origins; there is nothing in it to protect.
        'access-control-allow-origin': '*',
      },
      body: JSON.stringify(metadata ?? { error: 'No MCP server of that name is configured in this gateway' }),
    };
  };
