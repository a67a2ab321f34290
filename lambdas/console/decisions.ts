// A person's decision, written: the rules of core/approvals decide, and the state changes together with its entry or not
// at all. Two people who decide at once are heard one after the other.

import { decisionOf } from '../adapters/approval-machine.ts';
import { takesStep } from '../adapters/dynamo-approvals.ts';
import type { StoredEntry } from '../adapters/dynamo-items.ts';
import type { Approval, Approver, ReviewVerdict } from '../core/approvals/approval.ts';
import { approve, type DecisionFault, deny, withdraw } from '../core/approvals/decide.ts';
import { decidedEntry, reviewedEntry, withdrawnEntry } from '../core/approvals/entries.ts';
import { review } from '../core/approvals/glass.ts';
import type { ContentRecord, RequestRecord } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { ConsolePorts } from './ports.ts';
import type { ConsoleSession } from './session.ts';
import { actorOf, stampOf } from './stamp.ts';

export type Verdict = 'approve' | 'deny' | 'withdraw' | ReviewVerdict;

export const VERDICTS: readonly string[] = [
  ...(['approve', 'deny', 'withdraw', 'justified', 'unjustified'] satisfies Verdict[]),
];

export interface Decision {
  readonly verdict: Verdict;
  readonly reason: string;
  readonly by: ConsoleSession;
  readonly req: RequestRecord;
}

/** `changed`: others were faster each time. */
export type DecisionRefusal = DecisionFault | { readonly reason: 'changed' } | { readonly reason: 'unknown' };

const MAX_TRIES = 5;

export const decide = async (
  ports: ConsolePorts,
  id: string,
  decision: Decision,
): Promise<Result<Approval, DecisionRefusal>> => {
  for (let attempt = 1; attempt <= MAX_TRIES; attempt += 1) {
    const found = await ports.approvals.find(id);
    if (found === undefined) return err({ reason: 'unknown' });
    const now = ports.clock.now();
    const decided = step(found.approval, decision, now);
    if (!decided.ok) return decided;
    if (await write(ports, found.approval, decided.value, { ...decision, now })) {
      await endWait(ports, id);
      return ok(decided.value);
    }
  }
  return err({ reason: 'changed' });
};

const step = (approval: Approval, { verdict, reason, by }: Decision, now: number): Result<Approval, DecisionFault> => {
  switch (verdict) {
    case 'approve':
      return approve(approval, approverOf(by), now);
    case 'deny':
      return deny(approval, approverOf(by), reason, now);
    case 'withdraw':
      return withdraw(approval, by, now);
    case 'justified':
    case 'unjustified':
      return review(approval, approverOf(by), { verdict, reason }, now);
  }
};

export const approverOf = ({ issuer, subject, name, kind, groups, authTime, acr }: ConsoleSession): Approver => ({
  issuer,
  subject,
  name,
  kind,
  groups,
  authTime,
  acr,
});

/** `false`: the request changed in between. */
const write = async (
  ports: ConsolePorts,
  before: Approval,
  after: Approval,
  { by, req, reason, verdict, now }: Decision & { readonly now: number },
): Promise<boolean> => {
  const stamp = stampOf(ports);
  const actor = actorOf(ports, by);
  const words =
    verdict === 'withdraw' || reason.trim() === '' ? null : await sealWords(ports, before.id, reason.trim());
  const said = { actor, req, reason: words?.record ?? null };
  const entry =
    verdict === 'withdraw'
      ? withdrawnEntry(stamp, after, { actor, req })
      : after.glass === null
        ? decidedEntry(stamp, after, said)
        : reviewedEntry(stamp, after, said);
  const stored: StoredEntry = { entry: toWalEntry(entry), body: words?.jwe ?? null };
  return takesStep(ports.approvals, { kind: 'change', before, after, now }, [stored]);
};

/** What a person wrote, which may be anything: sealed like any content, its digest in the entry. */
const sealWords = async (
  ports: ConsolePorts,
  id: string,
  words: string,
): Promise<{ readonly record: ContentRecord; readonly jwe: string }> => {
  const key = await ports.wordsKey(id);
  const { jwe, ct, pt, bytes } = ports.seal(key, Buffer.from(words, 'utf8'));
  return { record: { bytes: String(bytes), kid: key.kid, ct, pt, at: 'inline' }, jwe };
};

/** Tells the state machine. If that fails the decision stands, and the machine finds it at the deadline. */
const endWait = async (ports: ConsolePorts, id: string): Promise<void> => {
  try {
    const found = await ports.approvals.find(id);
    if (found === undefined || found.token === null || found.approval.state === 'pending') return;
    await ports.endWait(found.token, decisionOf(found.approval));
  } catch (cause) {
    ports.diagnostics.error(`The state machine of approval ${id} did not hear of the decision`, cause);
  }
};

const FAULTS: Readonly<Record<DecisionRefusal['reason'], string>> = {
  not_pending: 'This request was decided, withdrawn or used meanwhile. What you see is how it stands now.',
  past_deadline: 'The time for a decision is over.',
  not_a_person: 'Only people decide: this sign-in belongs to a service.',
  own_request: 'This is your own request; other people must decide it.',
  not_asked: 'You are in none of the groups that are asked.',
  approved_before: 'You have approved this request already; another person must agree.',
  sign_in_too_old: 'The policy wants a fresh sign-in for this decision. Sign in again, then decide.',
  sign_in_too_weak: 'The policy wants a stronger sign-in for this decision. Sign in again as it asks, then decide.',
  reason_missing: 'To deny, say why: the requester is told. To call it not justified, say why as well.',
  reason_too_long: 'The reason is longer than 2,000 characters.',
  not_the_requester: 'Only the requester can withdraw a request.',
  glass_not_broken: 'This request waited for people like any other: there is nothing to review.',
  reviewed_before: 'Somebody has reviewed this call already.',
  changed: 'Others decided at the same moment. Look at the request again and repeat your decision if it still stands.',
  unknown: 'There is no such request.',
};

export const faultText = ({ reason }: DecisionRefusal): string => FAULTS[reason];
