// Approvals: every call that policy held and that went out was asked for, agreed to by enough of the right people in time,
// and let through once. Steps of one request are written by several processes, whose clocks differ and whose entries may be
// sealed in another order, so they are taken in the order of their versions. Grows with the requests of a log. Pure.

import { HeldCalls } from './approval-calls.ts';
import { ApprovalHistory } from './approval-history.ts';
import type { ReadApproval, ReadRemark, ReadRequest, ReadStep } from './approval-lines.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { ReadEntry, ReadStamp } from './read-line.ts';
import type { Findings, Place } from './report.ts';

interface Met<Fact> {
  readonly fact: Fact & ReadStamp;
  readonly place: Place;
}

/** What the log says of one request. */
interface Request {
  /** `undefined` until its first step was met. */
  history: ApprovalHistory | undefined;
  /** Version of the step that comes next. */
  next: number;
  /** Steps whose predecessor was not met so far. */
  readonly waiting: Map<number, Met<ReadStep>>;
  /** Looks and messages before the request itself was met. */
  remarks: Met<ReadRemark>[];
}

const isApproval = (entry: ReadEntry): entry is ReadApproval & ReadStamp => entry.type.startsWith('approval.');

const isRemark = (fact: ReadApproval & ReadStamp): fact is ReadRemark & ReadStamp =>
  fact.type === 'approval.viewed' || fact.type === 'approval.notified';

export class ApprovalCheck {
  readonly #findings: Findings;
  readonly #calls: HeldCalls;
  readonly #requests = new Map<string, Request>();
  /** What was approved for a call, and what its request was opened to ask for. */
  readonly #approved = new Map<string, Met<ReadRequest>[]>();
  readonly #asked = new Map<string, string>();
  #latest = 0;
  #stopped = false;

  constructor(findings: Findings) {
    this.#findings = findings;
    this.#calls = new HeldCalls(findings);
  }

  /** Entries are missing: from here on, what looks wrong may only be a consequence. */
  stop(index: number): void {
    if (!this.#stopped) this.#findings.add('approvals_stopped', `checked up to entry ${index - 1} only`, { index });
    this.#stopped = true;
  }

  /** `leaf`: of an intent, hex. */
  entry(entry: ReadEntry, leaf: string, place: Place): void {
    if (this.#stopped) return;
    this.#latest = Math.max(this.#latest, entry.at);
    this.#calls.forget(this.#latest);
    if (entry.type === 'call.intent') this.#calls.intent(entry, leaf);
    else if (entry.type === 'call.outcome' || entry.type === 'call.unknown') this.#calls.over(entry, place);
    else if (isApproval(entry)) this.#approval(entry, place);
  }

  #approval(fact: ReadApproval & ReadStamp, place: Place): void {
    const request = this.#find(fact.approval);
    if (isRemark(fact)) {
      if (request.history === undefined) request.remarks.push({ fact, place });
      else this.#remark(request.history, { fact, place });
      return;
    }
    if (fact.type === 'approval.used') this.#calls.use(fact.call, fact.at);
    const { version, approval } = fact;
    if (version < request.next || request.waiting.has(version)) {
      this.#findings.add('approval_version_twice', `request ${approval}, version ${version}`, place);
      return;
    }
    request.waiting.set(version, { fact, place });
    for (let met = nextOf(request); met !== undefined; met = nextOf(request)) this.#step(request, met);
  }

  #find(approval: string): Request {
    const found = this.#requests.get(approval);
    if (found !== undefined) return found;
    const request: Request = { history: undefined, next: 1, waiting: new Map(), remarks: [] };
    this.#requests.set(approval, request);
    return request;
  }

  #step(request: Request, { fact, place }: Met<ReadStep>): void {
    const { approval, version } = fact;
    const tell = (faults: ReturnType<ApprovalHistory['faults']>): void => {
      for (const { reason, detail } of faults) {
        this.#findings.add(reason, `request ${approval}, version ${version}: ${detail}`, place);
      }
    };
    if (fact.type === 'approval.requested') {
      if (request.history !== undefined) {
        tell([{ reason: 'approval_step_wrong', detail: 'it is asked for again' }]);
        return;
      }
      const history = new ApprovalHistory(fact);
      request.history = history;
      tell(history.faults());
      this.#calls.name({ role: 'asks', request: fact, call: fact.call, at: fact.at }, place);
      this.#approve(fact.call.callId, { fact, place });
      for (const remark of request.remarks) this.#remark(history, remark);
      request.remarks = [];
      return;
    }
    const { history } = request;
    if (history === undefined) {
      // Only its first step can be without: what follows is told together with it.
      if (version === 1) tell([{ reason: 'approval_not_requested', detail: `it begins with ${fact.type}` }]);
      return;
    }
    const { isOpen } = history;
    tell(history.take(fact));
    if (fact.type !== 'approval.used' || !isOpen) return;
    this.#calls.name({ role: 'uses', request: history.request, call: fact.call, at: fact.at }, place);
    this.#approve(fact.call.callId, { fact: history.request, place });
  }

  #approve(callId: string, met: Met<ReadRequest>): void {
    const approved = this.#approved.get(callId) ?? [];
    approved.push(met);
    this.#approved.set(callId, approved);
    const asked = this.#asked.get(callId);
    if (asked !== undefined) this.#compare(callId, asked, met);
  }

  /** The request of a held call was opened, which may be long before or after its approval is met. */
  opened(callId: string, digest: string): void {
    this.#asked.set(callId, digest);
    for (const met of this.#approved.get(callId) ?? []) this.#compare(callId, digest, met);
  }

  #compare(callId: string, digest: string, { fact: { approval, binding }, place }: Met<ReadRequest>): void {
    if (binding.params === null || binding.params === digest) return;
    this.#findings.add('content_other_call', `request ${approval}, call ${callId}`, place);
  }

  #remark(history: ApprovalHistory, { fact: { approval, binding, type }, place }: Met<ReadRemark>): void {
    if (binding === null || history.isBound(binding)) return;
    this.#findings.add('approval_binding', `request ${approval}: ${type} is about ${binding}`, place);
  }

  /** After the last entry: what never came. */
  end(): void {
    if (this.#stopped) return;
    for (const [approval, request] of this.#requests) this.#endOf(approval, request);
    this.#calls.end(this.#latest);
  }

  #endOf(approval: string, { history, next, waiting, remarks }: Request): void {
    const lost = [...waiting.values(), ...(next === 1 ? remarks : [])];
    const [first] = lost.toSorted((a, b) => a.fact.at - b.fact.at);
    if (first !== undefined) {
      const isYoung = first.fact.at > this.#latest - CLOCK_SLACK_MS;
      const missing = next === 1 ? 'approval_not_requested' : 'approval_version_missing';
      const detail = `request ${approval} has no version ${next}`;
      this.#findings.add(isYoung ? 'approval_unsealed' : missing, detail, first.place);
    } else if (history?.isOverdue(this.#latest) === true) {
      this.#findings.add('approval_not_ended', `request ${approval}`);
    } else if (history?.isUnreviewed(this.#latest) === true) {
      this.#findings.add('glass_unreviewed', `request ${approval}: nobody looked in time, and nothing says so`);
    }
  }
}

/** The step whose turn it is, if it was met. */
const nextOf = (request: Request): Met<ReadStep> | undefined => {
  const met = request.waiting.get(request.next);
  if (met === undefined) return undefined;
  request.waiting.delete(request.next);
  request.next += 1;
  return met;
};
