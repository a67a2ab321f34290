// The entries of broken glass, by the product's own rules: a bank where somebody does not wait, and others look at it.

import type { Approval, Approver, ReviewVerdict } from '../../lambdas/core/approvals/approval.ts';
import { requestedEntry, reviewedEntry, timedEntry, usedEntry } from '../../lambdas/core/approvals/entries.ts';
import { breakGlass, mayBreakGlass, overdue, review } from '../../lambdas/core/approvals/glass.ts';
import type { ApprovalDemand } from '../../lambdas/core/policy/demand.ts';
import { ApprovalBank, FREEZE_DEMAND, type Held, REQ, type TextSealer } from './approval-entries.ts';

const COMMANDERS = ['analysts', 'incident-commanders'];

/** A window that an incident commander need not ask for. */
export const URGENT_DEMAND: ApprovalDemand = {
  ...FREEZE_DEMAND,
  approvers: [{ groups: ['payments-approvers'], quorum: 1 }],
  escalate: ['second-line'],
  stepUpSeconds: 900,
  glass: { groups: [['incident-commanders']], reviewSeconds: 3600 },
};

/** One session of Ana's, who is an incident commander. */
export class GlassBank extends ApprovalBank {
  constructor(vkey: string, seal?: TextSealer) {
    super(vkey, seal, COMMANDERS);
  }

  /** Reviews take longer than a log may be silent. */
  override pass(seconds: number): void {
    super.pass(seconds % 1200);
    for (let left = Math.floor(seconds / 1200); left > 0; left -= 1) {
      this.write({ ...this.stamp(), type: 'heartbeat', sealed: String(this.entries.length) });
      super.pass(1200);
    }
  }

  /** Lets a held call out at once. */
  break({ call, binding }: Held, demand: ApprovalDemand, id: string): Approval {
    if (!mayBreakGlass(demand, this.actor)) throw new TypeError('the rules refuse to break this glass');
    const requester = { issuer: binding.issuer, subject: binding.subject, name: 'Ana' };
    const terms = { ...demand, escalateAfter: 0.5 };
    const why = 'cards are being skimmed right now';
    const made = { id, binding, requester, terms, shown: null, requestedAt: this.now, justification: why };
    const { opened, used } = breakGlass(made);
    const { content, body } = this.sealed(this.sid, why);
    const by = { actor: this.actor, call, justification: content };
    this.write(requestedEntry(this.stamp(), opened, by), body);
    this.write(usedEntry(this.stamp(), used, call));
    return used;
  }

  review(approval: Approval, who: Approver, verdict: ReviewVerdict, reason = ''): Approval | undefined {
    const after = review(approval, who, { verdict, reason }, this.now);
    if (!after.ok) return undefined;
    const words = reason === '' ? null : this.sealed(approval.id, reason);
    const by = { actor: this.actorOf(who, 'console'), req: REQ, reason: words?.content ?? null };
    this.write(reviewedEntry(this.stamp(), after.value, by), words?.body ?? null);
    return after.value;
  }

  overdue(approval: Approval): Approval | undefined {
    const after = overdue(approval, this.now);
    if (after !== undefined) this.write(timedEntry(this.stamp(), after));
    return after;
  }
}
