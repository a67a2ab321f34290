// Decides who is calling: bearer -> verify -> principal. Every refusal is an entry before it is an answer.

import type { EntryAppender } from '../adapters/dynamo-records.ts';
import type { TokenVerifier } from '../adapters/token-verifier.ts';
import { resourceUrl } from '../contract.ts';
import { readBearer } from '../core/identity/bearer.ts';
import { type KnownGroups, type TokenRefusal, toPrincipal } from '../core/identity/claims.ts';
import type { Principal } from '../core/identity/principal.ts';
import { decomposeUnverifiedToken } from '../core/identity/unverified.ts';
import type { AuthDenial, GatewayRecord } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { denialRecord, requestRecord } from '../core/ledger/records.ts';
import { outlineName } from '../core/masking/outline.ts';
import { err, ok, type Result } from '../core/result.ts';
import { type Clock, toTimestamp } from '../core/time.ts';
import type { GatewayConfig } from '../gateway-config.ts';

export interface AuthorizerPorts {
  readonly config: GatewayConfig;
  readonly configDigest: string;
  readonly publicUrl: string;
  readonly gateway: GatewayRecord;
  readonly knownGroups: KnownGroups;
  readonly verifier: TokenVerifier;
  readonly ledger: EntryAppender;
  readonly clock: Clock;
  readonly newId: () => string;
}

export interface AuthorizerRequest {
  readonly authorization: string | undefined;
  readonly server: string;
  readonly requestId: string;
  readonly sourceIp: string;
}

export const makeAuthorizer =
  (ports: AuthorizerPorts) =>
  async (request: AuthorizerRequest): Promise<Result<Principal, TokenRefusal>> => {
    const bearer = readBearer(request.authorization);
    if (!bearer.ok) return deny(ports, request, bearer.error, null);
    const verified = await ports.verifier.verify(bearer.value);
    if (!verified.ok) return deny(ports, request, verified.error, bearer.value);
    const principal = toPrincipal(verified.value, {
      identity: ports.config.identity,
      resources: [resourceUrl(ports.publicUrl, request.server), resourceUrl(ports.publicUrl)],
      knownGroups: ports.knownGroups,
    });
    return principal.ok ? ok(principal.value) : deny(ports, request, principal.error, bearer.value);
  };

const deny = async (
  ports: AuthorizerPorts,
  request: AuthorizerRequest,
  refusal: TokenRefusal,
  token: string | null,
): Promise<Result<never, TokenRefusal>> => {
  const entry: AuthDenial = {
    v: 1,
    log: ports.config.log.origin,
    id: ports.newId(),
    ts: toTimestamp(ports.clock.now()),
    config: ports.configDigest,
    gw: ports.gateway,
    type: 'auth.denied',
    req: requestRecord(request),
    server: outlineName(request.server),
    denial: denialRecord(refusal),
    unverified: token === null ? null : decomposeUnverifiedToken(token),
    sent: refusal.reason === 'scope_missing' ? '403' : '401',
  };
  await ports.ledger.append({ entry: toWalEntry(entry), body: null });
  return err(refusal);
};
