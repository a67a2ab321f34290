// The configuration file by itself, validated: what it says before policies and catalogues are read.

import type { GatewayConfig, ServerConfig } from '../lambdas/gateway-config.ts';

/** What the file says by itself; policies and catalogues lie beside it. */
export interface ConfigFile extends Omit<GatewayConfig, 'servers' | 'policy'> {
  readonly servers: Readonly<Record<string, ServerFile>>;
  readonly policy: { readonly timeZone: string };
}

interface ServerFile extends Omit<ServerConfig, 'catalog'> {
  readonly catalog: 'reviewed' | null;
  /** String arguments that hold decimals: `tool.argument`. */
  readonly decimals: readonly string[];
}
