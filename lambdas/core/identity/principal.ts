// Who acts. A Principal exists only after the token's signature, issuer, audience, client and expiry held.
// Pure.

/** A verified identity. `issuer` + `subject` name it; everything else describes it at this moment. */
export interface Principal {
  readonly issuer: string;
  readonly subject: string;
  readonly kind: 'person' | 'service';
  readonly name: string | null;
  readonly groups: readonly string[];
  /** The acting OAuth client (the agent, IDE or script that holds the token). */
  readonly client: string;
  readonly scopes: readonly string[];
  /** `jti` of the token, when the issuer sets one. */
  readonly tokenId: string | null;
  /** Authentication context of the sign-in: `auth_time` (epoch seconds), `acr`, `amr` (RFC 9068 section 2.2.1). */
  readonly authTime: number | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Expiry of the token, epoch seconds. */
  readonly expiresAt: number;
}
