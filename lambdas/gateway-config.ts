// The shape of the deployed configuration: `config/countersign.yaml` after lib/config.ts has validated it and
// filled in the defaults. Types only. A Lambda reads it as JSON whose digest it checks, never as YAML.

import type { RuleSet } from './core/masking/rules.ts';
import type { PolicyConfig, ServerCatalog } from './policy-contract.ts';

/** How the gateway signs in to an upstream. Every `secret` is a Secrets Manager name, never a value. */
export type CredentialConfig =
  | { readonly kind: 'none' }
  /** `Authorization: Bearer <secret string>`. */
  | { readonly kind: 'bearer'; readonly secret: string }
  /** `<header>: <secret string>`. */
  | { readonly kind: 'header'; readonly header: string; readonly secret: string }
  /** `Authorization: Basic`; the secret is JSON `{"username","password"}`. */
  | { readonly kind: 'basic'; readonly secret: string }
  /** RFC 6749 section 4.4; the secret is JSON `{"client_id","client_secret"}`. */
  | {
      readonly kind: 'oauth-client-credentials';
      readonly tokenUrl: string;
      readonly secret: string;
      readonly scope: string | null;
      readonly resource: string | null;
    }
  /** AWS Signature Version 4 with the function's own role. */
  | { readonly kind: 'sigv4'; readonly service: string; readonly region: string };

export interface ServerConfig {
  /** The MCP endpoint of the upstream; https, or http on a loopback address. */
  readonly url: string;
  readonly title: string;
  readonly owner: string;
  /** Its reviewed tools and prompts; `null`: any may be called, and policies cannot see arguments. */
  readonly catalog: ServerCatalog | null;
  readonly credential: CredentialConfig;
  readonly limits: {
    /** Largest response, in bytes, that is relayed; a larger one is withheld. */
    readonly responseBytes: number;
    /** Seconds until the upstream must have sent its response headers. */
    readonly headersSeconds: number;
    /** Seconds of silence after which a response body is given up. */
    readonly idleSeconds: number;
    /** Seconds after which any stream is ended, however lively. */
    readonly streamSeconds: number;
  };
  /** Whether a GET without `Last-Event-ID` (a stream held open for notifications) is relayed or answered 405. */
  readonly standaloneStream: 'relay' | 'refuse';
  /**
   * Calls of which a signed intent lies in the locked bucket before they are made: every `tools/call` of the server, those
   * of the tools named, or none.
   */
  readonly strict: boolean | readonly string[];
}

export interface IdentityConfig {
  readonly issuer: string;
  readonly jwksUri: string;
  /** Accepted `aud` values besides the server's own URL; `null` when the IdP sets no `aud` (then `clients` is required). */
  readonly audiences: readonly string[] | null;
  /** Client ids whose tokens are accepted; `null` accepts every client the issuer gave a token with our audience. */
  readonly clients: readonly string[] | null;
  /** Required value of `token_use` (Cognito: `access`); `null` skips the check. */
  readonly tokenUse: string | null;
  /** Scopes every token must carry. */
  readonly scopes: readonly string[];
  /** Scopes clients are told to ask for; `{resource}` stands for the URL of the server. */
  readonly announcedScopes: readonly string[];
  /** Groups that policies may name; others in a token say nothing here. */
  readonly groups: readonly string[];
  readonly claims: {
    readonly groups: string;
    readonly name: string;
    /** Claims read in this order for the acting client's id. */
    readonly client: readonly string[];
    /** A claim that only a person's token has; `null` when the issuer has none to offer. */
    readonly person: string | null;
  };
  /** Registered service identities: tokens with this `sub` act as a service, not a person. */
  readonly services: readonly { readonly subject: string; readonly name: string; readonly groups: readonly string[] }[];
}

/** A generation of the checkpoint key that is lost, or was used by someone else. */
export interface RevokedKeyConfig {
  readonly generation: number;
  /** Entries under the last of its checkpoints that is believed; `null`: all of them, when it was lost and not misused. */
  readonly upTo: number | null;
  readonly reason: string;
  /** Who decided it. */
  readonly by: string;
}

/** How long, and how strictly, S3 Object Lock keeps an object. */
export interface Retention {
  readonly mode: 'COMPLIANCE' | 'GOVERNANCE';
  readonly days: number;
}
/** One way to tell a group. The secret holds the URL of a Slack incoming webhook. */
export type ChannelConfig =
  | { readonly kind: 'email'; readonly to: readonly string[] }
  | { readonly kind: 'slack'; readonly secret: string };

export interface WitnessEndpointConfig {
  /** Submission prefix: /add-checkpoint is below it. */
  readonly url: string;
  /** The witness's verifier key (C2SP tlog-cosignature), from whoever runs it. */
  readonly vkey: string;
  /** How the sealer signs in: not at all, or with its role at the function URL of a Countersign witness. */
  readonly auth: { readonly kind: 'none' } | { readonly kind: 'sigv4'; readonly function: string };
}

/** What is masked, for whom, and within which bounds. */
export interface MaskingConfig extends RuleSet {
  readonly limits: RuleSet['limits'] & {
    /** Milliseconds that one message may take; a longer one is withheld. */
    readonly milliseconds: number;
    /** Milliseconds that an event of a stream waits for what may be its rest. */
    readonly holdMilliseconds: number;
  };
  /** What entries show of masked bodies: their values, as far as there is room, or only structure and sizes. */
  readonly recorded: 'values' | 'outline';
  /** The secret that tokens are made with, and where one value has one token; `null` when no rule makes tokens. */
  readonly tokens: { readonly secret: string; readonly scope: 'gateway' | 'server' | 'session' } | null;
}

/** Replay in the console: masked for `groups`, and the original, one exchange at a time and on record, for those of `raw`. */
export interface ReplayConfig {
  readonly groups: readonly string[];
  /** `null`: no function of the stack can open what was recorded. */
  readonly raw: { readonly groups: readonly string[]; readonly maxSignInSeconds: number } | null;
}

export interface GatewayConfig {
  readonly version: 1;
  readonly log: {
    /** Origin of the evidence log, as it stands in every entry and checkpoint (C2SP tlog-checkpoint). */
    readonly origin: string;
    /** Which generation of the checkpoint key signs. Counting up makes a new key, which the one before endorses. */
    readonly keyGeneration: number;
    readonly revokedKeys: readonly RevokedKeyConfig[];
    /** Who cosigns its checkpoints (C2SP tlog-witness). */
    readonly witnesses: readonly WitnessEndpointConfig[];
  };
  readonly identity: IdentityConfig;
  readonly servers: Readonly<Record<string, ServerConfig>>;
  readonly policy: PolicyConfig;
  /** How people sign in to the console: an OpenID Connect client of the same issuer. */
  readonly console: {
    readonly clientId: string;
    /** Name of the secret that holds the client secret; `null` for a public client. */
    readonly secret: string | null;
    readonly scopes: readonly string[];
    /** Who sees recorded sessions; `null`: nobody does so here. */
    readonly replay: ReplayConfig | null;
  };
  readonly approvals: {
    /** Sender of mails, verified in SES; `null` when no channel is mail. */
    readonly from: string | null;
    /** How the members of a group are told. A group without channels finds its requests in the console. */
    readonly channels: Readonly<Record<string, readonly ChannelConfig[]>>;
    /** Seconds that a client is kept for a quick decision before it is told to call again. */
    readonly holdSeconds: number;
    /** Percent of the time for a decision after which the second group is asked. */
    readonly escalateAfterPercent: number;
  };
  readonly sessions: { readonly idleSeconds: number; readonly maxSeconds: number };
  readonly limits: { readonly requestBytes: number };
  /** `null`: answers are handed on as the servers give them, and entries show structure and sizes only. */
  readonly masking: MaskingConfig | null;
  /** Strict calls are refused when entries have waited for longer than this to be sealed. */
  readonly sealing: { readonly strictLagSeconds: number };
  /** `Origin` header values that browsers may send; a request without `Origin` is not from a browser page. */
  readonly allowedOrigins: readonly string[];
  readonly retention: {
    /** Segments, checkpoints, keys: what says and proves what happened. */
    readonly log: Retention;
    /** Recorded requests and responses, encrypted. */
    readonly content: Retention;
  };
  readonly endpoint: {
    readonly responseTransfer: 'stream' | 'buffered';
    readonly stageName: string;
    /** `null`: the default execute-api address, with the stage in the path. */
    readonly customDomain: { readonly domainName: string; readonly certificateArn: string } | null;
    /** API Gateway throttle of the whole stage, requests per second and burst. */
    readonly throttle: { readonly rate: number; readonly burst: number };
  };
}

/** Configuration of a witness: `config/witness.yaml` after lib/witness-config.ts has validated it. */
export interface WitnessConfig {
  readonly version: 1;
  /** Name of the witness's key: a URL without scheme. */
  readonly name: string;
  /** Verifier keys (C2SP signed-note) of the logs that it knows; the name of each is the origin of its log. */
  readonly logs: readonly string[];
  /** ARNs of the roles that may call it. */
  readonly callers: readonly string[];
}
