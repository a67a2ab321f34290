// One approval request, step by step: whether each step could be taken by this person, then, in the state that the steps
// before it left. The rules are those of core/approvals/decide.ts, told from the entries alone. Pure.

import type { Approving } from '../../approvals/approval.ts';
import { bindingHash } from '../../approvals/exact-call.ts';
import { missingOf } from '../../approvals/quorum.ts';
import { brokenFaults, nameOf, verdictFaults } from './approval-glass.ts';
import type { ReadActor, ReadDecided, ReadRequest, ReadReview, ReadStep, ReadUse } from './approval-lines.ts';
import { CLOCK_SLACK_MS } from './order.ts';
import type { ReadStamp } from './read-line.ts';
import { type StepFault, wrong } from './step-fault.ts';

type At<Step> = Step & ReadStamp;
type AfterStep = Extract<ReadStep, { type: 'approval.reviewed' | 'approval.unreviewed' }>;
type OpenStep = Exclude<ReadStep, ReadRequest | AfterStep>;

/** A step is decided, then stamped and written. A minute is longer than that takes, and what lateness is forgiven. */
const WRITING_TAKES_MS = 60_000;
/** The machine of a request runs to the minute; an hour is a machine that does not. */
const ENDING_TAKES_MS = 60 * 60 * 1000;
/** People who are counted; more never fill the places that can be demanded. */
const MAX_COUNTED = 640;

const isSamePerson = (a: ReadActor, b: ReadActor): boolean => a.iss === b.iss && a.sub === b.sub;

export class ApprovalHistory {
  readonly request: At<ReadRequest>;
  #state = 'pending';
  #deadline: number;
  #escalated = false;
  readonly #approvals: Approving[] = [];
  #uses = 0;
  #reviewed = false;
  #unreviewed = false;
  #lastAt: number;

  constructor(request: At<ReadRequest>) {
    this.request = request;
    this.#deadline = request.deadline;
    this.#lastAt = request.at;
  }

  /** Whether it should have ended long before the end of the log (epoch milliseconds). */
  isOverdue(lastAt: number): boolean {
    return this.isOpen && this.#deadline + ENDING_TAKES_MS < lastAt;
  }

  /** Whether a step may still follow. */
  get isOpen(): boolean {
    return this.#state === 'pending' || this.#state === 'approved';
  }

  /** Whether nobody looked in time, and nothing says so, at the end of the log (epoch milliseconds). */
  isUnreviewed(lastAt: number): boolean {
    const isAwaited = this.request.glass !== null && !this.#reviewed && !this.#unreviewed;
    return isAwaited && this.#deadline + WRITING_TAKES_MS < lastAt;
  }

  /** What is wrong with the request itself. */
  faults(): readonly StepFault[] {
    const { binding, terms, deadline, at, actor, server, tool, glass } = this.request;
    const isWindow = terms.window !== null && glass === null;
    const { hash, ...digests } = binding;
    const made = bindingHash({ issuer: actor.iss, subject: actor.sub, client: actor.client, server, tool, ...digests });
    return [
      ...(hash === `sha256:${made}` ? [] : [wrong('approval_binding', `its parts make sha256:${made}`)]),
      ...((digests.params === null) === isWindow
        ? []
        : [wrong('approval_terms', 'a window is for any arguments of its tool, and nothing else is')]),
      ...deadlineFault(deadline, at, glass === null ? terms.expires : glass.review),
      ...(glass === null ? [] : brokenFaults(this.request, glass)),
    ];
  }

  /** The next step; what is wrong with it. A wrong step is taken all the same, so that each is told once. */
  take(step: At<Exclude<ReadStep, ReadRequest>>): readonly StepFault[] {
    const early = this.#lastAt - step.at > CLOCK_SLACK_MS;
    const backdated = early ? [wrong('approval_step_wrong', `${step.type} is dated before the step before it`)] : [];
    this.#lastAt = Math.max(this.#lastAt, step.at);
    if (step.type === 'approval.reviewed' || step.type === 'approval.unreviewed') {
      return [...backdated, ...this.#afterwards(step)];
    }
    if (this.isOpen) return [...backdated, ...this.#open(step)];
    const again = this.#state === 'used' && step.type === 'approval.used';
    return [wrong(again ? 'approval_used_twice' : 'approval_step_wrong', `${step.type} after it was ${this.#state}`)];
  }

  #open(step: At<OpenStep>): readonly StepFault[] {
    if (this.request.glass !== null && step.type !== 'approval.used') {
      return [wrong('approval_step_wrong', `${step.type} of a call that waited for nobody`)];
    }
    switch (step.type) {
      case 'approval.granted':
        return this.#granted(step);
      case 'approval.denied':
        return this.#denied(step);
      case 'approval.used':
        return this.#used(step);
      case 'approval.withdrawn': {
        this.#state = 'withdrawn';
        const isTheirs = isSamePerson(step.actor, this.request.actor);
        const other = isTheirs ? [] : [wrong('approver_wrong', `${nameOf(step.actor)} withdrew what they did not ask`)];
        return [...this.#late(step), ...other];
      }
      case 'approval.expired': {
        this.#state = 'expired';
        const isDue = step.at >= this.#deadline;
        return [...this.#sameDeadline(step), ...(isDue ? [] : [wrong('approval_step_wrong', 'it had time left')])];
      }
      case 'approval.escalated': {
        const may = !this.#escalated && this.#state === 'pending' && this.request.terms.escalate.length > 0;
        this.#escalated = true;
        const nobody = may ? [] : [wrong('approval_step_wrong', 'there was nobody else to be asked')];
        return [...this.#late(step), ...this.#sameDeadline(step), ...nobody];
      }
    }
  }

  #granted(step: At<ReadDecided>): readonly StepFault[] {
    const { actor, at, deadline } = step;
    const faults = [...this.#late(step), ...this.#who(step), ...this.#bound(step)];
    if (this.#state !== 'pending') return [...faults, wrong('approval_step_wrong', 'it was approved already')];
    this.#count(actor, at);
    const state = this.#isMet() ? 'approved' : 'pending';
    if (step.state !== state) faults.push(wrong('approval_quorum', `it says ${step.state}, and is ${state}`));
    if (step.state !== 'approved') return [...faults, ...this.#sameDeadline(step)];
    this.#state = 'approved';
    this.#deadline = deadline;
    const { window, expires } = this.request.terms;
    return [...faults, ...deadlineFault(deadline, at, window ?? expires)];
  }

  /** Nobody counts twice, and nobody for a group that was not asked. */
  #count({ iss, sub, groups }: ReadActor, at: number): void {
    const isCounted = this.#approvals.some(({ issuer, subject }) => issuer === iss && subject === sub);
    if (isCounted || this.#approvals.length >= MAX_COUNTED) return;
    this.#approvals.push({ issuer: iss, subject: sub, name: null, groups, at });
  }

  #isMet(): boolean {
    const { approvers, escalate } = this.request.terms;
    return missingOf(approvers, this.#approvals, this.#escalated ? escalate : []).length === 0;
  }

  #denied(step: At<ReadDecided>): readonly StepFault[] {
    const said = step.state === 'denied' && step.words.content !== null;
    const unsaid = said ? [] : [wrong('approval_step_wrong', 'a denial without its reason')];
    const faults = [...this.#late(step), ...this.#who(step), ...this.#bound(step), ...this.#sameDeadline(step)];
    this.#state = 'denied';
    return [...faults, ...unsaid];
  }

  /** What comes after a broken glass: somebody looked at it, or nobody did in time. */
  #afterwards(step: At<AfterStep>): readonly StepFault[] {
    const { glass } = this.request;
    if (glass === null || this.#state !== 'used' || this.#reviewed) {
      return [wrong('approval_step_wrong', `${step.type} where nothing was to be reviewed`)];
    }
    if (step.type === 'approval.unreviewed') {
      const may = step.at >= this.#deadline && !this.#unreviewed;
      this.#unreviewed = true;
      const early = may ? [] : [wrong('approval_step_wrong', 'there was time left, or it was said before')];
      return [...this.#sameDeadline(step), ...early, wrong('glass_unreviewed', 'nobody looked in time')];
    }
    this.#reviewed = true;
    const isLate = step.at > this.#deadline + WRITING_TAKES_MS && !this.#unreviewed;
    return [
      ...(isLate ? [wrong('glass_unreviewed', 'it was reviewed late')] : []),
      ...this.#who(step),
      ...this.#bound(step),
      ...verdictFaults(step),
    ];
  }

  #used(step: At<ReadUse>): readonly StepFault[] {
    const { terms, glass } = this.request;
    const window = glass === null ? terms.window : null;
    const isApproved = this.#state === 'approved' || glass !== null;
    const faults = [...this.#late(step), ...this.#bound(step)];
    if (!isApproved) faults.push(wrong('approval_quorum', 'it was used before enough people had agreed'));
    if (glass !== null && step.at > this.request.at + WRITING_TAKES_MS) {
      faults.push(wrong('approval_step_wrong', 'the glass was broken, and the call came later'));
    }
    this.#uses += 1;
    if (step.uses !== this.#uses) {
      faults.push(wrong('approval_used_twice', `it says use ${step.uses}, and is use ${this.#uses}`));
    }
    if (window === null) this.#state = 'used';
    return faults;
  }

  #late({ type, at }: At<ReadStep>): readonly StepFault[] {
    const seconds = (at - this.#deadline) / 1000;
    return at - this.#deadline <= WRITING_TAKES_MS
      ? []
      : [wrong('approval_late', `${type} ${seconds} s after the deadline`)];
  }

  #sameDeadline({ type, deadline }: At<Extract<ReadStep, { deadline: number }>>): readonly StepFault[] {
    if (deadline === this.#deadline) return [];
    return [wrong('approval_deadline', `${type} moves it by ${(deadline - this.#deadline) / 1000} s`)];
  }

  #bound({ type, binding }: ReadDecided | ReadUse | ReadReview): readonly StepFault[] {
    return this.isBound(binding) ? [] : [wrong('approval_binding', `${type} is about ${binding}`)];
  }

  /** Whether what was shown, decided or used is what was asked for. */
  isBound(binding: string): boolean {
    return binding === this.request.binding.hash;
  }

  /** Who decides: another person, of an asked group, whose sign-in is as the policies demand. */
  #who({ actor, at, type }: At<ReadDecided | ReadReview>): readonly StepFault[] {
    const name = nameOf(actor);
    if (isSamePerson(actor, this.request.actor)) return [wrong('approval_by_requester', name)];
    const { acr, stepUp } = this.request.terms;
    const agreed = this.#approvals.some(({ issuer, subject }) => issuer === actor.iss && subject === actor.sub);
    // A sign-in without a time is as old as can be.
    const age = actor.authTime === null ? Number.POSITIVE_INFINITY : (at - WRITING_TAKES_MS) / 1000 - actor.authTime;
    const whyNot = [
      ...(actor.kind === 'person' ? [] : ['is no person']),
      ...(this.#asks(actor) ? [] : ['is in none of the asked groups']),
      ...(acr.every((demanded) => demanded === actor.acr) ? [] : ['signed in too weakly']),
      ...(stepUp !== null && age > stepUp ? ['signed in too long ago'] : []),
      ...(agreed && type === 'approval.granted' ? ['had agreed before'] : []),
    ];
    return whyNot.map((why) => wrong('approver_wrong', `${name} ${why}`));
  }

  #asks({ groups }: ReadActor): boolean {
    const { approvers, escalate } = this.request.terms;
    const isEscalated = this.#escalated || this.request.glass !== null;
    const asked = [...approvers.flatMap((demand) => demand.groups), ...(isEscalated ? escalate : [])];
    return asked.some((group) => groups.includes(group));
  }
}

/** A deadline lies so many seconds after the step was decided, which was at most a minute before its stamp. */
const deadlineFault = (deadline: number, at: number, seconds: number): readonly StepFault[] => {
  const decidedAt = deadline - seconds * 1000;
  return decidedAt <= at && decidedAt >= at - WRITING_TAKES_MS
    ? []
    : [wrong('approval_deadline', `it is ${(decidedAt - at) / 1000} s away from ${seconds} s after the step`)];
};
