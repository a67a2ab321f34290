// Whatever people and calls do, in any order: what the rules of core/approvals let happen is accepted by the verifier, in
// whichever order it was sealed; and no step can be taken out of the history of a call that ran.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Approval, Approver } from '../../lambdas/core/approvals/approval.ts';
import type { ApprovalDemand } from '../../lambdas/core/policy/demand.ts';
import { ApprovalBank, FREEZE_DEMAND, type Held, WIRE_DEMAND } from '../support/approval-entries.ts';
import type { SealedEntry } from '../support/sealed-entries.ts';
import { type FileMap, logKey, seal } from '../support/sealed-log.ts';
import { examine } from './attack.ts';

const key = logKey();
const examined = (entries: readonly SealedEntry[]) =>
  examine(new Map(seal(entries, { key, segmentEntries: 1 })) satisfies FileMap, key);

const ACTS = ['call', 'approve', 'deny', 'withdraw', 'expire', 'escalate', 'view', 'pass'] as const;
const anyAct = fc.record({
  act: fc.constantFrom(...ACTS, ...(['approve', 'approve', 'approve', 'approve', 'call', 'call', 'call'] as const)),
  /** Which of the calls that differ, and which of the people. */
  which: fc.nat(2),
  who: fc.constantFrom('ana', 'paul', 'paul', 'petra', 'petra', 'sam', 'rita'),
  seconds: fc.constantFrom(1, 299, 900, 1799, 1801),
  weak: fc.nat(5).map((n) => n === 0),
});

const GROUPS: Readonly<Record<string, readonly string[]>> = {
  ana: ['analysts', 'payments-approvers'],
  paul: ['payments-approvers'],
  petra: ['payments-approvers', 'second-line'],
  sam: ['second-line'],
  rita: ['risk'],
};

const DEMANDS: readonly { readonly tool: string; readonly demand: ApprovalDemand }[] = [
  { tool: 'wire_transfer', demand: WIRE_DEMAND },
  { tool: 'freeze_card', demand: FREEZE_DEMAND },
  {
    tool: 'close_account',
    demand: {
      ...WIRE_DEMAND,
      approvers: [...WIRE_DEMAND.approvers, { groups: ['second-line'], quorum: 1 }],
      escalate: [],
    },
  },
];

type Act = typeof anyAct extends fc.Arbitrary<infer Value> ? Value : never;

class Story {
  readonly bank = new ApprovalBank(key.vkey);
  readonly #current = new Map<number, Approval>();
  ran = 0;

  take({ act, which, who, seconds, weak }: Act): void {
    const approval = this.#current.get(which);
    if (act === 'call') this.#call(which, approval);
    else if (act === 'pass') this.bank.pass(seconds);
    else if (approval !== undefined) this.#decide(act, which, approval, this.#person(who, weak));
  }

  #person(who: string, weak: boolean): Approver {
    return this.bank.approver(who, GROUPS[who] ?? [], weak ? { acr: 'pwd' } : {});
  }

  #decide(act: Exclude<Act['act'], 'call' | 'pass'>, which: number, approval: Approval, person: Approver): void {
    if (act === 'view') {
      this.bank.view(approval, person);
      return;
    }
    const after = this.#step(act, approval, person);
    if (after !== undefined) this.#current.set(which, after);
  }

  #step(act: Exclude<Act['act'], 'call' | 'pass' | 'view'>, approval: Approval, person: Approver) {
    switch (act) {
      case 'approve':
      case 'deny':
        return this.bank[act](approval, person);
      case 'withdraw':
        return this.bank.withdraw(approval, person);
      case 'expire':
        return this.bank.expire(approval);
      case 'escalate':
        return this.bank.escalate(approval);
    }
  }

  /** As the gate does: a use if it is approved, a request if there is none that lives, and an answer. */
  #call(which: number, found: Approval | undefined): void {
    const { tool, demand } = DEMANDS[which] ?? { tool: '', demand: WIRE_DEMAND };
    const held: Held = this.bank.hold(tool, { which }, demand);
    const used = found === undefined ? undefined : this.bank.use(found, held);
    if (used !== undefined) {
      this.ran += 1;
      this.#current.set(which, used);
      this.bank.answer(held, 'result');
      return;
    }
    if (found === undefined || (found.state !== 'pending' && found.state !== 'approved')) {
      this.#current.set(which, this.bank.ask(held, demand));
    }
    this.bank.answer(held, 'held');
  }
}

const told = (acts: readonly Act[], quietSeconds: number): { entries: readonly SealedEntry[]; ran: number } => {
  const story = new Story();
  for (const act of acts) story.take(act);
  return { entries: story.bank.close(quietSeconds), ran: story.ran };
};

/** What may be shown of a history in which nothing is wrong. */
const HONEST = ['silence_unexplained', 'approval_not_ended'];

const isApproval = ({ entry }: SealedEntry): boolean => entry.type.startsWith('approval.');

/** Entries of approvals a few places later than their stamps say: the index of waiting entries lags. */
const shuffled = (entries: readonly SealedEntry[], jumps: readonly number[]): readonly SealedEntry[] =>
  entries
    .map((sealed, at) => ({ sealed, at: isApproval(sealed) ? at + (jumps[at % jumps.length] ?? 0) + 0.5 : at }))
    .sort((a, b) => a.at - b.at)
    .map(({ sealed }) => sealed);

const byTime = (entries: readonly SealedEntry[], limitMs: number): boolean => {
  let latest = 0;
  return entries.every(({ entry }) => {
    const at = Date.parse(entry.ts);
    latest = Math.max(latest, at);
    return at > latest - limitMs;
  });
};

describe('histories at random', { timeout: 60_000 }, () => {
  it('are accepted, whatever happens and in whichever order they were sealed', async () => {
    let ran = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(anyAct, { minLength: 5, maxLength: 40, size: 'max' }),
        fc.array(fc.nat(4), { minLength: 1, maxLength: 7 }),
        async (acts, jumps) => {
          const story = told(acts, 600);
          ran += story.ran;
          const entries = shuffled(story.entries, jumps);
          fc.pre(byTime(entries, 300_000));
          const { reasons } = await examined(entries);
          expect(reasons.filter((reason) => !HONEST.includes(reason))).toEqual([]);
        },
      ),
      { numRuns: 40 },
    );
    expect(ran).toBeGreaterThan(10);
  });

  it('lose no step of an approval that was used unnoticed', async () => {
    const day = told(
      [
        ...([
          ['call', 0, 'ana'],
          ['approve', 0, 'paul'],
          ['approve', 0, 'petra'],
          ['call', 0, 'ana'],
        ] as const),
        ...([
          ['call', 1, 'ana'],
          ['approve', 1, 'sam'],
          ['call', 1, 'ana'],
          ['call', 1, 'ana'],
        ] as const),
        ...([
          ['call', 2, 'ana'],
          ['approve', 2, 'paul'],
          ['approve', 2, 'sam'],
          ['approve', 2, 'petra'],
          ['call', 2, 'ana'],
        ] as const),
      ].map(([act, which, who]) => ({ act, which, who, seconds: 1, weak: false })),
      600,
    );
    expect(day.ran).toBe(4);
    const steps = day.entries.flatMap((sealed, at) => (isApproval(sealed) && !isRemark(sealed) ? [at] : []));
    expect(steps).toHaveLength(13);
    for (const at of steps) {
      const { verdict, reasons } = await examined(day.entries.toSpliced(at, 1));
      expect([verdict, reasons.length > 0]).toEqual(['invalid', true]);
    }
  });
});

const isRemark = ({ entry: { type } }: SealedEntry): boolean =>
  type === 'approval.viewed' || type === 'approval.notified';
