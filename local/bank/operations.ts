/**
 * What the bank can do with its books. State lives in `Bank`; an unknown id or a refused wire is a thrown
 * `BankError`, whose message becomes the tool's error text.
 */
import { createHash } from 'node:crypto';
import { fromCents, toCents } from './data/money.ts';
import { isValidIban, makeForeignIban } from './data/numbers.ts';
import { makeRandom } from './data/random.ts';
import type { Account, Card, Customer, Transaction, Wire } from './data/schema.ts';
import { type Books, seedBooks } from './data/seed.ts';

/** A tool call that reached the bank. */
export interface BankCall {
  readonly tool: string;
  readonly args: unknown;
  /** Set when a report was cancelled before it was done. */
  cancelled?: boolean;
}

export interface Bank {
  readonly books: Books;
  /** Executed wires by reference: a reference is good for one payment. */
  readonly wires: Map<string, Wire>;
  readonly calls: BankCall[];
}

export class BankError extends Error {
  override readonly name = 'BankError';
}

/** Any fixed number will do; this one is the day the demo was first opened. */
const SEED = 20_261_122;

export function openBank(): Bank {
  return { books: seedBooks(SEED), wires: new Map(), calls: [] };
}

export function searchCustomers(bank: Bank, text: string, limit: number): Customer[] {
  const wanted = text.toLowerCase();
  const matches = ({ id, name, email, address }: Customer) =>
    [id, name, email, address.city, address.state].some((field) => field.toLowerCase().includes(wanted));
  return bank.books.customers.filter(matches).slice(0, limit);
}

export function findCustomer(bank: Bank, customerId: string): Customer {
  return found(
    bank.books.customers.find(({ id }) => id === customerId),
    'customer',
    customerId,
  );
}

export function accountsOf(bank: Bank, customerId: string): Account[] {
  return bank.books.accounts.filter((account) => account.customerId === findCustomer(bank, customerId).id);
}

export function findAccount(bank: Bank, accountId: string): Account {
  return found(
    bank.books.accounts.find(({ id }) => id === accountId),
    'account',
    accountId,
  );
}

/** Newest first. */
export function transactionsOf(bank: Bank, accountId: string, limit: number): Transaction[] {
  const { id } = findAccount(bank, accountId);
  return bank.books.transactions
    .filter((transaction) => transaction.accountId === id)
    .sort((one, other) => other.bookedOn.localeCompare(one.bookedOn))
    .slice(0, limit);
}

export type WireOrder = Omit<Wire, 'confirmationId' | 'status'>;

/** Executes a wire once per reference; the same order again is answered with the first confirmation. */
export function sendWire(bank: Bank, order: WireOrder): Wire {
  const earlier = bank.wires.get(order.reference);
  if (earlier) return repeated(earlier, order);
  const account = findAccount(bank, order.from);
  const cents = toCents(order.amount);
  if (!isValidIban(order.to)) throw new BankError(`IBAN ${order.to} has wrong check digits`);
  if (order.currency !== account.currency) {
    throw new BankError(`Account ${account.id} is kept in ${account.currency}, not ${order.currency}`);
  }
  if (cents === 0 || cents > toCents(account.balance)) {
    throw new BankError(`Amount ${order.amount} ${order.currency} is zero or more than the balance of ${account.id}`);
  }
  account.balance = fromCents(toCents(account.balance) - cents);
  const wire: Wire = { ...order, amount: fromCents(cents), confirmationId: confirmationOf(order), status: 'executed' };
  bank.wires.set(order.reference, wire);
  return wire;
}

function repeated(earlier: Wire, order: WireOrder): Wire {
  if (confirmationOf(order) !== earlier.confirmationId) {
    throw new BankError(`Reference ${order.reference} was already used for another wire`);
  }
  return { ...earlier, status: 'duplicate' };
}

/** The confirmation id is a digest of the order, so equal orders are recognised by it. */
function confirmationOf({ from, to, amount, currency, reference }: WireOrder): string {
  const order = [from, to.replaceAll(' ', ''), fromCents(toCents(amount)), currency, reference];
  return `WIRE-${createHash('sha256').update(JSON.stringify(order)).digest('hex').slice(0, 10).toUpperCase()}`;
}

export function freezeCard(bank: Bank, cardId: string): Card {
  const cards = bank.books.accounts.flatMap((account) => account.cards);
  const card = found(
    cards.find(({ id }) => id === cardId),
    'card',
    cardId,
  );
  card.status = 'frozen';
  return card;
}

/** An IBAN outside the bank that demos and tests may send money to. */
export const SAMPLE_PAYEE_IBAN = makeForeignIban(makeRandom(SEED));

function found<T>(record: T | undefined, kind: string, id: string): T {
  if (record === undefined) throw new BankError(`No ${kind} has the id ${id}`);
  return record;
}
