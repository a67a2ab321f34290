// The entries of the evidence log: what is written before the fact, and sealed later, byte for byte. Pure.
// One entry is one RFC 8785 line and one leaf of an RFC 6962 tree. docs/formats.md shows each with an example.
//
// Counters and sizes are decimal strings: JCS numbers are IEEE doubles. Nothing in an entry may be a credential or
// an unmasked value: bodies are ciphertext elsewhere, and here only their digests and an outline.

import type { DecisionRecord } from '../policy/decision.ts';
import type { TamperDetail } from './watch/judge-change.ts';

/** What stands in every entry. */
export interface EntryStamp {
  readonly v: 1;
  /** Origin of the log (C2SP tlog-checkpoint). */
  readonly log: string;
  /** UUIDv7 of the entry. */
  readonly id: string;
  /** RFC 3339 UTC, milliseconds. */
  readonly ts: string;
  /** `sha256:<hex>` of the configuration in force. */
  readonly config: string;
  readonly gw: GatewayRecord;
}

/** The code that wrote the entry. */
export interface GatewayRecord {
  readonly fn: string;
  /** `sha256:<hex>` of the bundle that ran. */
  readonly code: string;
  readonly region: string;
}

/** Who acted, from a verified token. */
export interface ActorRecord {
  readonly iss: string;
  readonly sub: string;
  readonly kind: 'person' | 'service';
  readonly name: string | null;
  readonly client: string;
  readonly groups: readonly string[];
  readonly jti: string | null;
  readonly authTime: string | null;
  readonly acr: string | null;
  readonly amr: readonly string[];
}

/** Where the request came from. */
export interface RequestRecord {
  /** API Gateway's request id. */
  readonly apigw: string | null;
  readonly ip: string;
}

/** What was asked for. */
export interface CallRecord {
  readonly server: string;
  readonly http: 'GET' | 'POST' | 'DELETE';
  readonly era: 'legacy' | 'modern';
  readonly protocol: string | null;
  readonly kind: 'request' | 'notification' | 'response' | 'stream' | 'terminate';
  /** JSON-RPC method; `null` for a GET, a DELETE or a response. */
  readonly method: string | null;
  /** Tool, prompt, resource or task that the method acts on, fit to be shown. */
  readonly subject: string | null;
  /** JSON-RPC id as JSON text; only its kind and size where it may be data. */
  readonly rpcId: string | null;
}

/** A recorded body: its ciphertext by digest, its meaning by a keyed commitment. */
export interface ContentRecord {
  readonly bytes: string;
  /** `sha256:<hex>` of the wrapped data key that opens it. */
  readonly kid: string;
  /** `sha256:<hex>` of the ciphertext (JWE compact). */
  readonly ct: string;
  /** `hmac-sha256:<hex>` of the plaintext under the session's commitment key. */
  readonly pt: string;
  /** `inline`: beside the entry; `object`: in the evidence bucket under `body/<ct hex>`. */
  readonly at: 'inline' | 'object';
}

/** What masking did to a body before it was handed on. Absent where no masking is configured. */
export interface MaskRecord {
  /** `sha256:<hex>` of the wrapped data key that the commitments are made under. */
  readonly kid: string;
  /** What was handed on in the place of `content`: its size, and `hmac-sha256:<hex>` as in {@link ContentRecord}. */
  readonly handed: { readonly bytes: string; readonly pt: string };
  /** Values that were masked, and that an exception showed. */
  readonly n: string;
  /** By place and rule; as many as an entry holds. */
  readonly values: readonly MaskedValues[];
  /** Commitments that it has no room for. */
  readonly omitted: string;
  /** Commitment to all of them, also to those left out. */
  readonly all: string;
}

export interface MaskedValues {
  /** JSON pointer into `result`, `params` or `error`; `*` for any item of a list, and for a name that may be data. */
  readonly path: string;
  /** Rule and version: `us-bank.ssn@1`. */
  readonly rule: string;
  /** The exception by which the caller saw the values all the same; `null` when they were masked. */
  readonly shown: string | null;
  readonly n: string;
  /** Commitments to the values, each value once; as many as an entry holds. */
  readonly commits: readonly string[];
}

export interface OpenedSession extends EntryStamp {
  readonly type: 'session.open';
  readonly sid: string;
  readonly actor: ActorRecord;
  readonly server: string;
  readonly era: 'legacy' | 'modern';
  /** Self-declared by the client, unverified. */
  readonly clientInfo: { readonly name: string; readonly version: string } | null;
  readonly endsAt: string;
}

/** Why a session ended: by the client, by a failed handshake, by its limits, or by an operator. */
export type EndReason = 'client' | 'initialize_failed' | 'idle' | 'max_age' | 'revoked';

/** Who ended a session, and the reason they gave. Their own word: nobody verified it. */
export interface Revocation {
  readonly by: string;
  readonly reason: string;
}

export interface ClosedSession extends EntryStamp {
  readonly type: 'session.close';
  readonly sid: string;
  readonly why: EndReason;
  /** Exchanges counted in the session. */
  readonly calls: string;
  /** Only when it was revoked. */
  readonly revocation?: Revocation;
}

export interface Intent extends EntryStamp {
  readonly type: 'call.intent';
  readonly sid: string;
  readonly seq: string;
  readonly callId: string;
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
  readonly call: CallRecord;
  readonly decision: DecisionRecord;
  /** The request body; `null` for a GET or DELETE. */
  readonly args: (ContentRecord & { readonly masked: unknown }) | null;
  /** A signed copy lies in the locked bucket before the call is made (core/ledger/strict-intent.ts). */
  readonly strict?: true;
}

/** What every step of an approval says; `version` counts the steps of one request. */
interface ApprovalStep extends EntryStamp {
  /** UUIDv7 of the request. */
  readonly approval: string;
  readonly version: string;
}

/** A call is held until people have decided. Written in one transaction with the request, before anybody is asked. */
export interface ApprovalRequested extends ApprovalStep {
  readonly type: 'approval.requested';
  readonly actor: ActorRecord;
  /** The call that asked: its session, number, id and the leaf hash of its intent. */
  readonly call: { readonly sid: string; readonly seq: string; readonly callId: string; readonly intent: string };
  readonly server: string;
  readonly tool: string;
  /**
   * `sha256:` of the binding (core/approvals/exact-call.ts), and its three parts that are digests themselves: with the
   * actor, the server and the tool a reader makes the hash anew.
   */
  readonly binding: {
    readonly hash: string;
    readonly params: string | null;
    readonly definition: string | null;
    readonly policy: string;
  };
  /** The policies that hold the call. */
  readonly policies: readonly string[];
  /** Who must agree: all of these, and nobody counts twice. */
  readonly approvers: readonly { readonly groups: readonly string[]; readonly quorum: string }[];
  /** Who makes the approved call: the client that calls again, or the worker for one that took a task. */
  readonly runs: 'client' | 'worker';
  /** Groups that may fill any place once they were asked as well. */
  readonly escalate: readonly string[];
  /** How old an approver's sign-in may be, in seconds; `null`: any. */
  readonly stepUp: string | null;
  /** What an approver's sign-in must say of itself: all of these. */
  readonly acr: readonly string[];
  /** Seconds for the decision, and once more for the use. */
  readonly expires: string;
  /** Length of the window in seconds; `null` for one exact call. */
  readonly window: string | null;
  /** With `glass`: until when it must be reviewed. */
  readonly deadline: string;
  /** Why, in the requester's words: sealed, since it is free text. */
  readonly justification: ContentRecord | null;
  /**
   * Set when the glass was broken: nobody is waited for. Who may do so is in some of each of these groups; `review`:
   * seconds in which somebody else must look at it. `null` of a request that waits.
   */
  readonly glass: { readonly groups: readonly (readonly string[])[]; readonly review: string } | null;
}

/** Somebody else looked at a call for which the glass was broken. */
export interface ApprovalReviewed extends ApprovalStep {
  readonly type: 'approval.reviewed';
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
  /** `sha256:` of the binding that was reviewed. */
  readonly binding: string;
  readonly verdict: 'justified' | 'unjustified';
  /** Why, in the reviewer's words: sealed. */
  readonly reason: ContentRecord | null;
}

/** One person decided. */
export interface ApprovalDecided extends ApprovalStep {
  readonly type: 'approval.granted' | 'approval.denied';
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
  /** `sha256:` of the binding that was decided on. */
  readonly binding: string;
  /** State after this decision: `pending` while more people are needed. */
  readonly state: 'pending' | 'approved' | 'denied';
  /** Until when the approved call must be made; the deadline of the decision while it is pending. */
  readonly deadline: string;
  /** Why, in the approver's words: sealed. */
  readonly reason: ContentRecord | null;
}

export interface ApprovalWithdrawn extends ApprovalStep {
  readonly type: 'approval.withdrawn';
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
}

/** A step that nobody took: the deadline passed, of a decision or of a review, or a second group is asked. */
export interface ApprovalTimed extends ApprovalStep {
  readonly type: 'approval.expired' | 'approval.escalated' | 'approval.unreviewed';
  readonly deadline: string;
}

/** Somebody was shown exactly what would run. */
export interface ApprovalViewed extends ApprovalStep {
  readonly type: 'approval.viewed';
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
  /** `sha256:` of the binding that was shown. */
  readonly binding: string;
}

/** Messages that left, or did not. */
export interface ApprovalNotified extends ApprovalStep {
  readonly type: 'approval.notified';
  readonly step: 'tell' | 'escalate' | 'overdue';
  readonly channels: readonly { readonly group: string; readonly kind: 'email' | 'slack'; readonly ok: boolean }[];
}

/** The approved call goes out. Written in one transaction with the change of state, before the upstream hears of it. */
export interface ApprovalUsed extends ApprovalStep {
  readonly type: 'approval.used';
  readonly call: { readonly sid: string; readonly seq: string; readonly callId: string; readonly intent: string };
  /** `sha256:` of the binding that the call was found to have. */
  readonly binding: string;
  /** How many calls this request let through, this one included. */
  readonly uses: string;
}

export interface Segment extends EntryStamp {
  readonly type: 'stream.segment';
  readonly sid: string;
  readonly seq: string;
  readonly callId: string;
  /** 1, 2, 3 … within the call. */
  readonly part: string;
  readonly content: ContentRecord;
  /** Bytes of the stream before this part. */
  readonly offset: string;
  readonly mask?: MaskRecord;
}

export interface OutcomeRecord {
  /** `held`: policy held the call, it was not made, and the gateway answered. */
  readonly status: 'result' | 'tool_error' | 'rpc_error' | 'accepted' | 'stream' | 'failed' | 'held';
  /** HTTP status of the upstream; `null` when it never answered. */
  readonly http: string | null;
  /** HTTP status sent to the client. */
  readonly sent: string;
  readonly rpcCode: string | null;
  /** Why it failed, from core/upstreams/failure.ts; `null` otherwise. */
  readonly failure: unknown;
  /** The last (or only) part of the body that was handed on; `null` when none was. */
  readonly content: ContentRecord | null;
  /** `stream.segment` entries before this one. */
  readonly parts: string;
  /** All body bytes of the upstream that are recorded, segments included. Without masking they were handed on as they are. */
  readonly bytes: string;
  /** Whether the upstream's answer was handed on whole. */
  readonly complete: boolean;
  readonly masked: unknown;
  readonly mask?: MaskRecord;
  /** Of a list that was cut to what the principal may use: items handed on, and items left out. */
  readonly filtered?: { readonly shown: string; readonly hidden: string };
  /** With `held`: the request, and how it stood. */
  readonly approval?: { readonly id: string; readonly state: string };
}

export interface Outcome extends EntryStamp {
  readonly type: 'call.outcome';
  readonly sid: string;
  readonly seq: string;
  readonly callId: string;
  /** Leaf hash of the intent. */
  readonly intent: string;
  readonly result: OutcomeRecord;
  readonly ms: string;
}

/** In the place of an outcome that did not come: the call may have run, and nobody got its answer whole. */
export interface UnknownOutcome extends EntryStamp {
  readonly type: 'call.unknown';
  readonly sid: string;
  readonly seq: string;
  readonly callId: string;
  /** Leaf hash of the intent. */
  readonly intent: string;
  /** `stream.segment` entries that the call left. */
  readonly parts: string;
}

/** In the place of an intent that did not come: the number was counted, and no call went out under it. */
export interface Gap extends EntryStamp {
  readonly type: 'gap';
  readonly sid: string;
  readonly seq: string;
  /** RFC 3339: by then the number had been counted. */
  readonly countedBy: string;
}

export interface Denial extends EntryStamp {
  readonly type: 'call.denied';
  readonly callId: string;
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
  readonly server: string;
  readonly http: string;
  readonly call: CallRecord | null;
  /** The refusal of core/mcp/refusal.ts, client-sent text reduced to what may be shown. */
  readonly denial: { readonly reason: string; readonly [fact: string]: unknown };
  readonly decision: DecisionRecord | null;
  readonly sent: string;
}

export interface AuthDenial extends EntryStamp {
  readonly type: 'auth.denied';
  readonly req: RequestRecord;
  readonly server: string | null;
  readonly denial: { readonly reason: string; readonly [fact: string]: unknown };
  /** Claims of a token that did not verify: what the caller said, not who it was. */
  readonly unverified: Readonly<Record<string, unknown>> | null;
  readonly sent: string;
}

/** Another configuration came into force. Written before the first call under it is forwarded. */
export interface PolicyChange extends EntryStamp {
  readonly type: 'policy.changed';
  /** Digest that was in force until then; `null` for the first of this log. */
  readonly previous: string | null;
  /** Digest now in force; the same as `config`, which every entry carries. */
  readonly current: string;
}

/** The first entry of a log: which key signs its checkpoints. Filed by the bank out of band as well. */
export interface Genesis extends EntryStamp {
  readonly type: 'key.genesis';
  /** C2SP verifier key of the checkpoint key. */
  readonly checkpointKey: string;
  /** Where the key lives, e.g. its ARN. */
  readonly keyId: string;
}

/** A key that signs something other than checkpoints is on record from here on. */
export interface KeyRegistration extends EntryStamp {
  readonly type: 'key.registered';
  /** What it signs: the intents of strict calls. */
  readonly use: 'intent';
  /** C2SP verifier key. */
  readonly vkey: string;
  /** Where the key lives, e.g. its ARN. */
  readonly keyId: string;
}

/** Another key signs from here on. The first checkpoint over this entry carries the signatures of both. */
export interface KeyRotation extends EntryStamp {
  readonly type: 'key.rotated';
  /** Verifier key that was in force until here. */
  readonly previous: string;
  readonly next: string;
  /** Where the next key lives. */
  readonly keyId: string;
}

/** A key of the log is lost or was misused: what it signed beyond `upTo` entries must not be believed. */
export interface KeyRevocation extends EntryStamp {
  readonly type: 'key.revoked';
  readonly key: string;
  /** Entries under the last checkpoint of this key that is believed. */
  readonly upTo: string;
  readonly reason: string;
  /** Who decided it. */
  readonly by: string;
}

/** Silence that was silence: the sealer ran and found nothing. */
interface Heartbeat extends EntryStamp {
  readonly type: 'heartbeat';
  /** Entries sealed so far. */
  readonly sealed: string;
}

/** A write-ahead item that the sealer found to be not what was written; it is named here and never silently left out. */
interface TamperFound extends EntryStamp {
  readonly type: 'tamper.suspected';
  readonly item: { readonly partition: string; readonly sort: string };
  /** Leaf hash stored with the item, and the one its line has (hex). */
  readonly storedLeaf: string;
  readonly foundLeaf: string;
  readonly detail: string;
}

/** A change or removal of an item that neither the sealer nor time to live made, as the watcher saw it in the stream. */
export interface TamperWatched extends EntryStamp {
  readonly type: 'tamper.suspected';
  readonly detail: TamperDetail;
  readonly event: {
    /** The stream's id of the change. */
    readonly id: string;
    readonly name: 'MODIFY' | 'REMOVE';
    /** When, to the second or so, by DynamoDB's clock. */
    readonly at: string;
  };
  readonly item: { readonly partition: string; readonly sort: string };
  /** Attributes of ours that differ, and how many others do. */
  readonly changed: readonly string[];
  readonly otherChanged: string;
  /** Leaf hash (hex) of the line before and after; `null` where there was none. */
  readonly leafBefore: string | null;
  readonly leafAfter: string | null;
  /** The line that was lost before it was sealed; `null` when none was, or it was no entry, or it does not fit. */
  readonly line: string | null;
}

interface NamedRequests {
  readonly count: string;
  /** The first of them. */
  readonly ids: readonly string[];
}

/** A day compared with what others recorded of it: API Gateway its requests, CloudTrail the signatures of KMS. */
export interface Reconciled extends EntryStamp {
  readonly type: 'reconciled';
  /** The UTC day that was compared. */
  readonly day: string;
  /** `null` when API Gateway's log could not be read. */
  readonly requests: {
    readonly logged: string;
    readonly alone: string;
    readonly entries: string;
    readonly missing: NamedRequests;
    readonly failed: NamedRequests;
    readonly invented: NamedRequests;
    readonly repeated: NamedRequests;
    readonly unreadable: string;
  } | null;
  /** `null` when CloudTrail could not be asked. */
  readonly signatures: {
    readonly signed: string;
    readonly objects: string;
    readonly unexplained: NamedRequests;
  } | null;
  readonly sources: {
    readonly accessLog: 'complete' | 'denied' | 'unavailable';
    readonly cloudTrail: 'complete' | 'denied' | 'unavailable';
  };
  readonly verdict: 'agrees' | 'differs' | 'not_checked';
}

/** Objects of a session were put under legal hold, or released from it. Durable before the first object was touched. */
export interface Hold extends EntryStamp {
  readonly type: 'hold.placed' | 'hold.released';
  readonly sid: string;
  /** Who, as AWS knows them. */
  readonly by: { readonly account: string; readonly arn: string; readonly userId: string };
  readonly reason: string;
  /** How many objects, and `sha256:` of their names, sorted, with a newline after each. */
  readonly objects: string;
  readonly names: string;
}

/** Somebody had content keys unwrapped, and could read those bodies from then on. Durable before the first was. */
export interface EvidenceRead extends EntryStamp {
  readonly type: 'evidence.read';
  /** Who, as AWS knows them. */
  readonly reader: { readonly account: string; readonly arn: string; readonly userId: string };
  /** Why, in the reader's own words. */
  readonly reason: string;
  /** Whose bodies. A reading of many sessions is several entries. */
  readonly sessions: readonly string[];
}

/** One exchange of a session was shown on a page as it was recorded. Durable before its key is unwrapped. */
export interface ContentOpened extends EntryStamp {
  readonly type: 'content.opened';
  readonly actor: ActorRecord;
  readonly req: RequestRecord;
  readonly sid: string;
  readonly seq: string;
  /** Why, in the reader's own words. */
  readonly reason: string;
  /** `sha256:<hex>` of the ciphertexts that were opened: as many as the page shows. */
  readonly bodies: readonly string[];
}

/** A witness would not cosign: it had seen another history than the one it was shown. */
interface WitnessRefusal extends EntryStamp {
  readonly type: 'witness.refused';
  /** Name and id of the witness's key. */
  readonly witness: string;
  readonly keyId: string;
  /** HTTP status of its answer. */
  readonly status: string;
  /** Entries under the checkpoint that it was shown, and those it was proven to continue. */
  readonly size: string;
  readonly oldSize: string;
  /** Entries that the witness says it had seen; `null` when it did not say. */
  readonly witnessSize: string | null;
}

export type Entry =
  | OpenedSession
  | ClosedSession
  | Intent
  | Segment
  | Outcome
  | UnknownOutcome
  | Gap
  | Denial
  | AuthDenial
  | PolicyChange
  | Genesis
  | KeyRegistration
  | KeyRotation
  | KeyRevocation
  | Heartbeat
  | EvidenceRead
  | ContentOpened
  | Hold
  | TamperFound
  | TamperWatched
  | Reconciled
  | WitnessRefusal
  | ApprovalEntry;

export type ApprovalEntry =
  | ApprovalRequested
  | ApprovalDecided
  | ApprovalWithdrawn
  | ApprovalTimed
  | ApprovalNotified
  | ApprovalViewed
  | ApprovalUsed
  | ApprovalReviewed;
