// The entries of approvals, made by the product's own rules and entry functions: a bank where calls are held, people
// decide, and calls go out or do not. Each step is refused here as the gateway refuses it. Deterministic.

import { createHash } from 'node:crypto';
import type { Approval, Approver } from '../../lambdas/core/approvals/approval.ts';
import { approve, deny, escalate, expire, use, withdraw } from '../../lambdas/core/approvals/decide.ts';
import {
  decidedEntry,
  notifiedEntry,
  type RecordedCall,
  requestedEntry,
  timedEntry,
  usedEntry,
  viewedEntry,
  withdrawnEntry,
} from '../../lambdas/core/approvals/entries.ts';
import { type CallBinding, paramsDigest } from '../../lambdas/core/approvals/exact-call.ts';
import { OWN_ARGUMENTS } from '../../lambdas/core/approvals/justification.ts';
import { boundTo, requestOf } from '../../lambdas/core/approvals/passage.ts';
import type { ActorRecord, ContentRecord, Entry, EntryStamp, OutcomeRecord } from '../../lambdas/core/ledger/entry.ts';
import { leafHash, toWalEntry } from '../../lambdas/core/ledger/line.ts';
import { type Decision, decisionRecord } from '../../lambdas/core/policy/decision.ts';
import type { ApprovalDemand } from '../../lambdas/core/policy/demand.ts';
import type { Result } from '../../lambdas/core/result.ts';
import { toTimestamp } from '../../lambdas/core/time.ts';
import { closeEntry, intentEntry, NOW_MS, openEntry, outcomeEntry } from './builders.ts';
import { idOf, ORIGIN, type SealedEntry } from './sealed-entries.ts';

const hex = (text: string): string => createHash('sha256').update(text).digest('hex');

const POLICY = `sha256:${hex('policies')}`;

export const WIRE_DEMAND: ApprovalDemand = {
  policies: ['wires-need-two'],
  approvers: [{ groups: ['payments-approvers'], quorum: 2 }],
  expiresSeconds: 1800,
  windowSeconds: null,
  justification: true,
  stepUpSeconds: 900,
  acr: ['mfa'],
  escalate: ['second-line'],
  glass: null,
};

export const FREEZE_DEMAND: ApprovalDemand = {
  ...WIRE_DEMAND,
  policies: ['freezes-need-one'],
  approvers: [{ groups: ['payments-approvers', 'second-line'], quorum: 1 }],
  windowSeconds: 900,
  stepUpSeconds: null,
  acr: [],
  escalate: [],
};

/** A call that is held, and what is known of its request when there is one. */
export interface Held {
  /** The request, as the client sent it. */
  readonly text: string;
  readonly call: RecordedCall;
  readonly binding: CallBinding;
}

/** Seals a text under the key of a session or of a request. */
export type TextSealer = (of: string, text: string, count: number) => { jwe: string; kid: string; pt: string };

/** Under a key that opens nothing: most tests look at digests only. */
const sealNothing: TextSealer = (_of, text, count) => ({
  jwe: `eyJhbGciOiJkaXIifQ..${hex(`${count} ${text}`)}`,
  kid: `sha256:${hex('kid')}`,
  pt: `hmac-sha256:${hex(text)}`,
});

const SETTLED = { http: '200', rpcCode: null, failure: null, parts: '0', bytes: '0', complete: true, masked: null };

/** One session of Ana's, and whoever decides her requests. The clock moves only when it is told to. */
export class ApprovalBank {
  readonly entries: SealedEntry[] = [];
  #now = NOW_MS;
  #ids = 0;
  #seq = 0;
  protected readonly sid = idOf(1, '7001');
  protected readonly actor: ActorRecord;
  readonly #seal: TextSealer;

  constructor(vkey: string, seal: TextSealer = sealNothing, groups: readonly string[] = ['analysts']) {
    this.#seal = seal;
    this.actor = this.actorOf({ ...this.approver('ana', groups), authTime: null, acr: null }, 'ide');
    this.write({ ...this.stamp(), type: 'key.genesis', checkpointKey: vkey, keyId: 'arn:aws:kms:::key/test' });
    this.write({ ...openEntry(this.stamp()), sid: this.sid, actor: this.actor } as Entry);
  }

  get now(): number {
    return this.#now;
  }

  pass(seconds: number): void {
    this.#now += seconds * 1000;
  }

  protected stamp(): EntryStamp {
    const { v, config, gw } = openEntry();
    this.#ids += 1;
    this.#now += 3;
    return { v, config, gw, id: idOf(this.#ids), ts: toTimestamp(this.#now), log: ORIGIN };
  }

  protected write(entry: Entry, body: SealedEntry['body'] = null): string {
    const { line } = toWalEntry(entry);
    this.entries.push({ entry, line, body });
    return leafHash(line);
  }

  /** What somebody wrote or sent, under a key of the session or the request. */
  protected sealed(of: string, text: string): { readonly content: ContentRecord; readonly body: SealedEntry['body'] } {
    const { jwe, kid, pt } = this.#seal(of, text, this.#ids);
    const ct = `sha256:${hex(jwe)}`;
    const content = { bytes: String(Buffer.byteLength(text)), kid, ct, pt };
    return { content: { ...content, at: 'inline' }, body: { ct, jwe, at: 'inline' } };
  }

  approver(subject: string, groups: readonly string[], over: Partial<Approver> = {}): Approver {
    const who = { issuer: 'https://login.bank.example', subject, name: subject, kind: 'person' } as const;
    return { ...who, groups, authTime: Math.floor(this.#now / 1000) - 60, acr: 'mfa', ...over };
  }

  protected actorOf({ issuer, subject, name, kind, groups, authTime, acr }: Approver, client: string): ActorRecord {
    const token = { jti: null, authTime: authTime === null ? null : String(authTime), acr, amr: [] };
    return { iss: issuer, sub: subject, kind, name, client, groups, ...token };
  }

  /** The intent of a call of Ana's that policy holds. */
  hold(tool: string, args: unknown, demand: ApprovalDemand, strict = false): Held {
    this.#seq += 1;
    const names = { sid: this.sid, seq: String(this.#seq), callId: idOf(this.#seq, '7002') };
    const decision: Decision = { effect: 'needs-approval', reasons: demand.policies, policy: POLICY, demand };
    const text = JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: tool, arguments: args },
    });
    const { content, body } = this.sealed(this.sid, text);
    const made = intentEntry({ ...this.stamp(), ...names, actor: this.actor, decision: decisionRecord(decision) });
    const tier = strict ? ({ strict } as const) : {};
    const call = { ...made.call, subject: tool };
    const intent = this.write({ ...made, ...tier, call, args: { ...content, masked: null } }, body);
    const { iss, sub, client } = this.actor;
    const params = paramsDigest(text, OWN_ARGUMENTS);
    const whose = { issuer: iss, subject: sub, client, server: made.call.server, tool };
    return { text, call: { ...names, intent }, binding: { ...whose, definition: null, policy: POLICY, params } };
  }

  ask({ call, binding }: Held, demand: ApprovalDemand): Approval {
    const id = idOf(this.#seq, '7003');
    const made = {
      id,
      call: binding,
      name: 'Ana',
      justification: 'it is due',
      runs: 'client',
      shown: null,
      at: this.#now,
    } as const;
    const approval = requestOf(made, { ...demand, escalateAfter: 0.5 });
    const { content, body } = this.sealed(this.sid, 'it is due');
    const by = { actor: this.actor, call, justification: content };
    this.write(requestedEntry(this.stamp(), approval, by), body);
    this.write(
      notifiedEntry(this.stamp(), approval, 'tell', [{ group: 'payments-approvers', kind: 'email', ok: true }]),
    );
    return approval;
  }

  view(approval: Approval, who: Approver): void {
    this.write(viewedEntry(this.stamp(), approval, { actor: this.actorOf(who, 'console'), req: REQ }));
  }

  approve(approval: Approval, who: Approver): Approval | undefined {
    return this.#decided(approve(approval, who, this.#now), who, null);
  }

  deny(approval: Approval, who: Approver, reason = 'the payee is unknown'): Approval | undefined {
    return this.#decided(deny(approval, who, reason, this.#now), who, reason);
  }

  #decided(after: Result<Approval, unknown>, who: Approver, reason: string | null): Approval | undefined {
    if (!after.ok) return undefined;
    const words = reason === null ? null : this.sealed(after.value.id, reason);
    const by = { actor: this.actorOf(who, 'console'), req: REQ, reason: words?.content ?? null };
    this.write(decidedEntry(this.stamp(), after.value, by), words?.body ?? null);
    return after.value;
  }

  withdraw(approval: Approval, who: Approver): Approval | undefined {
    const after = withdraw(approval, who, this.#now);
    if (!after.ok) return undefined;
    this.write(withdrawnEntry(this.stamp(), after.value, { actor: this.actorOf(who, 'console'), req: REQ }));
    return after.value;
  }

  expire(approval: Approval): Approval | undefined {
    return this.#timed(expire(approval, this.#now));
  }

  escalate(approval: Approval): Approval | undefined {
    return this.#timed(escalate(approval, this.#now));
  }

  #timed(after: Approval | undefined): Approval | undefined {
    if (after !== undefined) this.write(timedEntry(this.stamp(), after));
    return after;
  }

  /** Lets a held call out, if it may go. */
  use(approval: Approval, { call, binding }: Held): Approval | undefined {
    const after = use(approval, binding, this.#now);
    if (!after.ok) return undefined;
    this.write(usedEntry(this.stamp(), after.value, call));
    return after.value;
  }

  /** The outcome: of a call that went out, or the gateway's own answer in its place. */
  answer({ call }: Held, status: OutcomeRecord['status'], over: Partial<OutcomeRecord> = {}): void {
    const result = { ...SETTLED, status, sent: '200', content: null, ...(status === 'held' ? { http: null } : {}) };
    this.write(outcomeEntry({ ...this.stamp(), ...call, result: { ...result, ...over } }));
  }

  /** A call that nothing holds. */
  plain(): Held {
    this.#seq += 1;
    const names = { sid: this.sid, seq: String(this.#seq), callId: idOf(this.#seq, '7002') };
    const made = intentEntry({ ...this.stamp(), ...names, actor: this.actor });
    const held: Held = { text: '', call: { ...names, intent: this.write(made) }, binding: boundTo(NO_BINDING, null) };
    this.answer(held, 'result');
    return held;
  }

  /** Ends the session; what should have happened by `quietSeconds` later has. */
  close(quietSeconds = 0): readonly SealedEntry[] {
    this.write({ ...closeEntry(this.stamp()), sid: this.sid, calls: String(this.#seq) } as Entry);
    this.pass(quietSeconds);
    this.write({ ...this.stamp(), type: 'heartbeat', sealed: String(this.entries.length) });
    return this.entries;
  }
}

export const REQ = { apigw: 'apigw-console', ip: '192.0.2.9' };
const NO_BINDING: CallBinding = {
  ...{ issuer: '', subject: '', client: '', server: '', tool: '', definition: null, policy: '', params: '' },
};
