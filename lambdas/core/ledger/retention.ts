// How long an object of the log stays locked, by its class. The bucket's default is that of the log, so only a PUT of
// recorded content may have to say something else. Pure.

import type { GatewayConfig } from '../../gateway-config.ts';
import { BODIES_PREFIX, OBJECT_BODY_PREFIX } from './log-layout.ts';

/** A lock that a PUT names. */
export interface NamedLock {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  /** Epoch milliseconds. */
  readonly until: number;
}

const DAY_MS = 86_400_000;

/** The lock to name for an object; `null` when the bucket's default is right. */
export const lockOf = (name: string, { log, content }: GatewayConfig['retention'], now: number): NamedLock | null => {
  const isContent = name.startsWith(OBJECT_BODY_PREFIX) || name.startsWith(BODIES_PREFIX);
  if (!isContent || (log.mode === content.mode && log.days === content.days)) return null;
  return { mode: content.mode, until: now + content.days * DAY_MS };
};
