// From the claims of a verified token to a Principal. The signature, issuer and expiry already held; here are the
// rules that need our configuration: audience of this server, client, scopes, person or registered service. Pure.

import type { IdentityConfig } from '../../gateway-config.ts';
import { err, ok, type Result } from '../result.ts';
import type { Principal } from './principal.ts';

/** Claims whose signature, issuer, expiry and not-before were checked. */
export type VerifiedClaims = { readonly [claim: string]: unknown };

export type TokenRefusal =
  | { readonly reason: 'token_missing' }
  | { readonly reason: 'token_malformed'; readonly detail: string }
  | { readonly reason: 'signature_invalid' }
  | { readonly reason: 'algorithm_refused'; readonly got: string }
  | { readonly reason: 'key_unknown' }
  | { readonly reason: 'token_expired' }
  | { readonly reason: 'token_not_yet_valid' }
  | { readonly reason: 'issuer_mismatch'; readonly expected: string; readonly got: string }
  | { readonly reason: 'audience_mismatch'; readonly expected: readonly string[]; readonly got: readonly string[] }
  | { readonly reason: 'token_use_mismatch'; readonly expected: string; readonly got: string }
  | { readonly reason: 'client_missing' }
  | { readonly reason: 'client_refused'; readonly got: string }
  | { readonly reason: 'subject_missing' }
  | { readonly reason: 'subject_not_registered'; readonly detail: string }
  | { readonly reason: 'scope_missing'; readonly required: readonly string[]; readonly got: readonly string[] };

/** Groups that policies may name; others say nothing here and can be hundreds. */
export type KnownGroups = ReadonlySet<string>;

export interface ClaimRules {
  readonly identity: IdentityConfig;
  /** Audiences of this very server: its own URL and the gateway's. */
  readonly resources: readonly string[];
  readonly knownGroups: KnownGroups;
}

/** Maps verified claims to a Principal, or says which rule they break. */
export const toPrincipal = (claims: VerifiedClaims, rules: ClaimRules): Result<Principal, TokenRefusal> => {
  // A token without an end would outlive every decision about its holder.
  const { exp } = claims;
  if (typeof exp !== 'number') return err({ reason: 'token_malformed', detail: 'no exp claim' });
  const refusal = checkAudience(claims, rules) ?? checkTokenUse(claims, rules.identity);
  if (refusal !== undefined) return err(refusal);
  const client = readClient(claims, rules.identity);
  if (!client.ok) return client;
  const identity = readSubject(claims, client.value, rules);
  if (!identity.ok) return identity;
  const scopes = readScopes(claims);
  const required = rules.identity.scopes;
  if (!required.every((scope) => scopes.includes(scope)))
    return err({ reason: 'scope_missing', required, got: scopes });
  return ok({ ...identity.value, client: client.value, scopes, ...readContext(claims), expiresAt: exp });
};

// A lone surrogate has no canonical JSON (RFC 8785 section 3.2.2.2): an entry that names such a value cannot be written.
const isText = (value: unknown): value is string => typeof value === 'string' && value.isWellFormed();

const text = (value: unknown): string | null => (isText(value) && value !== '' ? value : null);

const texts = (value: unknown): readonly string[] => {
  if (isText(value)) return [value];
  return Array.isArray(value) ? value.filter(isText) : [];
};

// A token minted for another resource must not work here (RFC 9068 section 4), and one for another server of this
// gateway not on this one. Without `aud` (Cognito access tokens) the pinned clients stand in; lib/config.ts demands them,
// and where they are missing all the same, nothing stands in.
const checkAudience = (claims: VerifiedClaims, { identity, resources }: ClaimRules): TokenRefusal | undefined => {
  if (identity.audiences === null && identity.clients !== null && claims['aud'] === undefined) return undefined;
  const expected = [...resources, ...(identity.audiences ?? [])];
  const got = texts(claims['aud']);
  return got.some((audience) => expected.includes(audience))
    ? undefined
    : { reason: 'audience_mismatch', expected, got };
};

const checkTokenUse = (claims: VerifiedClaims, identity: IdentityConfig): TokenRefusal | undefined => {
  if (identity.tokenUse === null || claims['token_use'] === identity.tokenUse) return undefined;
  return { reason: 'token_use_mismatch', expected: identity.tokenUse, got: text(claims['token_use']) ?? '' };
};

const readClient = (claims: VerifiedClaims, identity: IdentityConfig): Result<string, TokenRefusal> => {
  const client = identity.claims.client.map((claim) => text(claims[claim])).find((value) => value !== null);
  if (client === undefined || client === null) return err({ reason: 'client_missing' });
  if (identity.clients !== null && !identity.clients.includes(client)) {
    return err({ reason: 'client_refused', got: client });
  }
  return ok(client);
};

type Subject = Pick<Principal, 'issuer' | 'subject' | 'kind' | 'name' | 'groups'>;

const readSubject = (
  claims: VerifiedClaims,
  client: string,
  rules: Pick<ClaimRules, 'identity' | 'knownGroups'>,
): Result<Subject, TokenRefusal> => {
  const { identity, knownGroups } = rules;
  const subject = text(claims['sub']);
  if (subject === null) return err({ reason: 'subject_missing' });
  const base = { issuer: identity.issuer, subject };
  const service = identity.services.find((candidate) => candidate.subject === subject);
  if (service !== undefined) return ok({ ...base, kind: 'service', name: service.name, groups: service.groups });
  const unregistered = whyNotAPerson(claims, subject, client, identity);
  if (unregistered !== undefined) return err({ reason: 'subject_not_registered', detail: unregistered });
  const groups = texts(claims[identity.claims.groups]).filter((group) => knownGroups.has(group));
  return ok({ ...base, kind: 'person', name: text(claims[identity.claims.name]), groups });
};

// Every action is tied to a person or to a service that the bank registered; a bare client credential is neither.
const whyNotAPerson = (
  claims: VerifiedClaims,
  subject: string,
  client: string,
  identity: IdentityConfig,
): string | undefined => {
  if (subject === client) return 'the subject is the client itself and no registered service';
  // Entra ID marks app-only tokens so.
  if (claims['idtyp'] === 'app') return 'an app-only token of no registered service';
  const claim = identity.claims.person;
  return claim !== null && text(claims[claim]) === null ? `a person's token carries the claim ${claim}` : undefined;
};

// RFC 9068 `scope` is one space-separated string; Entra ID and Okta send `scp`.
const readScopes = (claims: VerifiedClaims): readonly string[] => [
  ...new Set([...texts(claims['scope']), ...texts(claims['scp'])].flatMap((value) => value.split(' ')).filter(Boolean)),
];

/** Who signed in to the console, from the claims of a verified ID token (OpenID Connect Core 1.0, section 2). */
export type SignedIn = Subject & Context;

/** Maps the claims of an ID token to a person or service; `groups` are those that count here. */
export const toSignedIn = (
  claims: VerifiedClaims,
  client: string,
  rules: Pick<ClaimRules, 'identity' | 'knownGroups'>,
): Result<SignedIn, TokenRefusal> => {
  const subject = readSubject(claims, client, rules);
  return subject.ok ? ok({ ...subject.value, ...readContext(claims) }) : subject;
};

type Context = Pick<Principal, 'tokenId' | 'authTime' | 'acr' | 'amr'>;

const readContext = (claims: VerifiedClaims): Context => ({
  tokenId: text(claims['jti']),
  authTime: typeof claims['auth_time'] === 'number' ? claims['auth_time'] : null,
  acr: text(claims['acr']),
  amr: texts(claims['amr']),
});
