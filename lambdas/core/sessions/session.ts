// A recording session: one principal's use of one server through one client. Pure.
//
// Legacy clients name their session by the `Mcp-Session-Id` that the gateway issued; modern ones, which have no
// sessions, share a rolling window. Both end when idle too long or too old, and neither can be used by anyone else.

import { createHash } from 'node:crypto';
import type { GatewayConfig } from '../../gateway-config.ts';
import type { Principal } from '../identity/principal.ts';
import type { EndReason } from '../ledger/entry.ts';
import type { Refusal } from '../mcp/refusal.ts';

/** Whose session it is; all four must agree on every use. */
export interface SessionOwner {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
  readonly server: string;
}

export interface Session extends SessionOwner {
  readonly sid: string;
  readonly status: 'open' | 'closed';
  /** Number of exchanges so far; the last one's sequence number. */
  readonly seq: number;
  /** Epoch seconds. */
  readonly openedAt: number;
  readonly lastSeenAt: number;
  /** Epoch seconds after which the session ends however busy it is. */
  readonly endsAt: number;
  /** `Mcp-Session-Id` of the upstream, when it issued one. */
  readonly upstreamSession: string | null;
  /** Why it is closed; `null` while it is open. */
  readonly ended: EndReason | null;
}

export const sessionOwner = (principal: Principal, server: string): SessionOwner => ({
  issuer: principal.issuer,
  subject: principal.subject,
  client: principal.client,
  server,
});

/** Key of the rolling window: a digest, since issuers and subjects can hold any character. */
export const windowKey = (owner: SessionOwner): string =>
  createHash('sha256')
    .update(JSON.stringify([owner.issuer, owner.subject, owner.client, owner.server]))
    .digest('hex');

/** A new session at `now` (epoch seconds), with its first exchange already counted. */
export const newSession = (
  owner: SessionOwner,
  sid: string,
  now: number,
  limits: GatewayConfig['sessions'],
): Session => ({
  ...owner,
  sid,
  status: 'open',
  seq: 1,
  openedAt: now,
  lastSeenAt: now,
  endsAt: now + limits.maxSeconds,
  upstreamSession: null,
  ended: null,
});

/** The end of a session in the words of a refusal. */
const refusedAs = (ended: EndReason | null): 'closed' | 'idle' | 'too_old' => {
  if (ended === 'idle') return 'idle';
  return ended === 'max_age' ? 'too_old' : 'closed';
};

/** Why a session cannot be used by this owner at `now` (epoch seconds); `undefined` when it can. */
export const sessionRefusal = (
  session: Session | undefined,
  claimed: string,
  owner: SessionOwner,
  now: number,
  limits: GatewayConfig['sessions'],
): Refusal | undefined => {
  if (session === undefined) return { reason: 'session_unknown', claimed };
  if (session.issuer !== owner.issuer || session.subject !== owner.subject) {
    return { reason: 'session_foreign', claimed, difference: 'principal' };
  }
  if (session.client !== owner.client) return { reason: 'session_foreign', claimed, difference: 'client' };
  if (session.server !== owner.server) return { reason: 'session_foreign', claimed, difference: 'server' };
  if (session.ended === 'revoked') return { reason: 'session_revoked', claimed };
  if (session.status !== 'open') return { reason: 'session_ended', claimed, why: refusedAs(session.ended) };
  if (session.endsAt <= now) return { reason: 'session_ended', claimed, why: 'too_old' };
  if (session.lastSeenAt + limits.idleSeconds <= now) return { reason: 'session_ended', claimed, why: 'idle' };
  return undefined;
};
