// Every way that a request for approval can go, in one day, by the rules of core/approvals.

import { ApprovalBank, FREEZE_DEMAND, type Held, type TextSealer, WIRE_DEMAND } from '../support/approval-entries.ts';
import type { SealedEntry } from '../support/sealed-entries.ts';

export const PAYMENTS = ['payments-approvers'];
const wire = (bank: ApprovalBank, payee: string): Held => bank.hold('wire_transfer', { payee }, WIRE_DEMAND);

/** Requests are named by the sequence number of the call that made them. */
export const USED = 1;
export const DENIED = 3;
export const EXPIRED = 4;
export const ESCALATED = 5;
export const WINDOW = 7;
export const WITHDRAWN = 9;
export const WAITED = 10;
/** Calls under the approval {@link USED}, and the one after it. */
export const RAN = 2;

/** Every way that a request can go, by the rules of core/approvals. */
export const approvalDay = (vkey: string, seal?: TextSealer): readonly SealedEntry[] => {
  const bank = new ApprovalBank(vkey, seal);
  const [paul, petra, sam] = [() => bank.approver('paul', PAYMENTS), () => bank.approver('petra', PAYMENTS), second];
  function second() {
    return bank.approver('sam', ['second-line']);
  }
  const asked = wire(bank, 'a');
  const used = bank.ask(asked, WIRE_DEMAND);
  bank.answer(asked, 'held', { approval: { id: used.id, state: 'pending' } });
  bank.view(used, paul());
  const one = must(bank.approve(used, paul()));
  const both = must(bank.approve(one, petra()));
  const ran = { ...wire(bank, 'a') };
  must(bank.use(both, ran));
  bank.answer(ran, 'result');

  // A strict call that was held is neither signed nor locked.
  const refused = bank.hold('wire_transfer', { payee: 'b' }, WIRE_DEMAND, true);
  const denied = bank.ask(refused, WIRE_DEMAND);
  bank.answer(refused, 'held');
  must(bank.deny(must(bank.approve(denied, paul())), petra()));

  const late = wire(bank, 'c');
  const waits = bank.ask(late, WIRE_DEMAND);
  bank.answer(late, 'held');
  bank.pass(1801);
  must(bank.expire(waits));

  const slow = wire(bank, 'd');
  const slowly = bank.ask(slow, WIRE_DEMAND);
  bank.answer(slow, 'held');
  bank.pass(901);
  const escalated = must(bank.escalate(must(bank.approve(slowly, paul()))));
  const again = wire(bank, 'd');
  must(bank.use(must(bank.approve(escalated, sam())), again));
  bank.answer(again, 'tool_error');

  const freeze = bank.hold('freeze_card', { card: 1 }, FREEZE_DEMAND);
  const open = must(bank.approve(bank.ask(freeze, FREEZE_DEMAND), sam()));
  const opened = must(bank.use(open, freeze));
  bank.answer(freeze, 'result');
  const other = bank.hold('freeze_card', { card: 2 }, FREEZE_DEMAND);
  const window = must(bank.use(opened, other));
  bank.answer(other, 'failed', { failure: { reason: 'headers_timeout' }, http: null, complete: false });
  bank.pass(901);
  must(bank.expire(window));

  const regretted = wire(bank, 'e');
  const taken = bank.ask(regretted, WIRE_DEMAND);
  bank.answer(regretted, 'held');
  bank.pass(1300);
  must(bank.withdraw(taken, bank.approver('ana', ['analysts'])));

  const quick = wire(bank, 'f');
  const soon = must(bank.approve(bank.ask(quick, WIRE_DEMAND), paul()));
  must(bank.use(must(bank.approve(soon, petra())), quick));
  bank.answer(quick, 'result');
  bank.plain();
  return bank.close(600);
};

const must = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new TypeError('the rules refused what this day needs');
  return value;
};
