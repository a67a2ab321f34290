// Every way that broken glass can go, in one day, by the rules of core/approvals.

import type { TextSealer } from '../support/approval-entries.ts';
import { GlassBank, URGENT_DEMAND } from '../support/glass-entries.ts';
import { idOf, type SealedEntry } from '../support/sealed-entries.ts';

/** Requests are named by the sequence number of the call that broke the glass. */
export const JUSTIFIED = 1;
export const UNJUSTIFIED = 2;
export const LATE = 3;
export const WITHDRAWN = 4;
const BROKEN_AFTER_WAITING = 5;

export const glassDay = (vkey: string, seal?: TextSealer): readonly SealedEntry[] => {
  const bank = new GlassBank(vkey, seal);
  const paul = () => bank.approver('paul', ['payments-approvers']);
  const sam = () => bank.approver('sam', ['second-line']);
  const broken = (seq: number, card: number) => {
    const held = bank.hold('freeze_card', { card }, URGENT_DEMAND);
    const approval = bank.break(held, URGENT_DEMAND, idOf(seq, '7003'));
    bank.answer(held, 'result');
    return approval;
  };
  must(bank.review(broken(JUSTIFIED, 1), paul(), 'justified'));

  const doubted = broken(UNJUSTIFIED, 2);
  bank.pass(3000);
  must(bank.review(doubted, sam(), 'unjustified', 'the card was not skimmed'));

  const late = broken(LATE, 3);
  bank.pass(3601);
  const unreviewed = must(bank.overdue(late));
  bank.pass(600);
  must(bank.review(unreviewed, paul(), 'justified', 'I was on holiday'));

  const waits = bank.hold('freeze_card', { card: 4 }, URGENT_DEMAND);
  const waiting = bank.ask(waits, URGENT_DEMAND);
  bank.answer(waits, 'held');
  must(bank.withdraw(waiting, bank.approver('ana', [])));
  must(bank.review(broken(BROKEN_AFTER_WAITING, 4), paul(), 'justified'));
  return bank.close(600);
};

const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new TypeError('the rules refused what this day needs');
  return value;
};
