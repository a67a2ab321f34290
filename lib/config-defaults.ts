// What a configuration says when it says nothing.
import type { ResponseTransfer } from '../lambdas/contract.ts';
import type { ServerConfig } from '../lambdas/gateway-config.ts';

const RESPONSE_BYTES = 4 * 1024 * 1024;

export const DEFAULT_LIMITS: Readonly<Record<ResponseTransfer, ServerConfig['limits']>> = {
  // API Gateway (Regional) ends a streamed answer after 900 s, a silent one after 300 s; the rest is ours, to record.
  stream: { responseBytes: RESPONSE_BYTES, headersSeconds: 120, idleSeconds: 240, streamSeconds: 840 },
  // API Gateway gives up on a buffered answer after 29 s; the function keeps 5 of them back to record the outcome.
  buffered: { responseBytes: RESPONSE_BYTES, headersSeconds: 20, idleSeconds: 20, streamSeconds: 23 },
};

export const DEFAULT_TRANSFER: ResponseTransfer = 'stream';
export const DEFAULT_APPROVALS = { holdSeconds: 20, escalateAfterPercent: 50 } as const;
export const DEFAULT_CONSOLE = {
  clientId: 'countersign-console',
  scopes: ['openid', 'profile'],
  maxSignInSeconds: 300,
} as const;
export const DEFAULT_SESSIONS = { idleMinutes: 30, maxHours: 12 } as const;
/** Three runs of the schedule, and the time they take: what a healthy sealer never needs. */
export const DEFAULT_STRICT_LAG_SECONDS = 900;
export const DEFAULT_REQUEST_BYTES = 1024 * 1024;
/** Seven years, the longest of the periods banks keep such records for (BSA 5, SEC 17a-4 6, by policy 7). */
export const DEFAULT_RETENTION = { mode: 'COMPLIANCE', days: 2557 } as const;
/** A key a year for a lifetime; each is a KMS key that stays. */
export const MAX_KEY_GENERATIONS = 50;
export const DEFAULT_THROTTLE = { rate: 100, burst: 200 } as const;
