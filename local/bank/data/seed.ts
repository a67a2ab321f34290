/** Makes the bank's books from a seed. No clock, no I/O: the same seed gives the same books. */
import { fromCents } from './money.ts';
import { type CardBrand, makeBankIban, makeCardNumber, makeForeignIban, makePhone, makeSsn } from './numbers.ts';
import { COUNTERPARTIES, FAMILY_NAMES, GIVEN_NAMES, PLACES, STREETS } from './people.ts';
import { makeRandom, type Random } from './random.ts';
import type { Account, Card, Customer, Transaction } from './schema.ts';

export interface Books {
  readonly customers: Customer[];
  readonly accounts: Account[];
  readonly transactions: Transaction[];
}

const CUSTOMER_COUNT = 40;
const TRANSACTIONS_PER_ACCOUNT = 12;

/** Fills the books: 40 customers, one to three accounts each, a dozen transactions per account. */
export function seedBooks(seed: number): Books {
  const random = makeRandom(seed);
  const books: Books = { customers: [], accounts: [], transactions: [] };
  for (let index = 1; index <= CUSTOMER_COUNT; index += 1) {
    const customer = makeCustomer(random, index);
    books.customers.push(customer);
    for (let nth = 1; nth <= random.int(1, 3); nth += 1) openAccount(random, books, customer, nth);
  }
  return books;
}

function makeCustomer(random: Random, index: number): Customer {
  const given = random.pick(GIVEN_NAMES);
  // Every family name belongs to two customers, so a search by name has something to choose from.
  const family = FAMILY_NAMES[index % FAMILY_NAMES.length] ?? FAMILY_NAMES[0];
  const place = random.pick(PLACES);
  return {
    id: `CUS-${String(index).padStart(4, '0')}`,
    name: `${given} ${family}`,
    ssn: makeSsn(random),
    birthDate: random.date(1945, 2004),
    email: `${given}.${family}${index}@example.com`.toLowerCase(),
    phone: makePhone(random, place.areaCode),
    address: {
      street: `${random.int(1, 980)} ${random.pick(STREETS)}`,
      city: place.city,
      state: place.state,
      postalCode: place.postal + random.digits(2),
    },
    segment: random.pick(['retail', 'retail', 'retail', 'private', 'business']),
    riskRating: random.pick(['low', 'low', 'low', 'medium', 'high']),
    customerSince: random.date(2008, 2023),
  };
}

function openAccount(random: Random, books: Books, customer: Customer, nth: number): void {
  const key = `${customer.id.slice(-4)}${nth}`;
  const account: Account = {
    id: `ACC-${key}`,
    customerId: customer.id,
    type: customer.segment === 'business' ? 'business' : random.pick(['checking', 'savings']),
    currency: nth === 1 ? 'USD' : random.pick(['USD', 'EUR', 'GBP']),
    ...makeBankIban(random),
    balance: fromCents(random.int(50_000, 25_000_000)),
    openedOn: nth === 1 ? customer.customerSince : random.date(2024, 2024),
    cards: nth === 1 ? [makeCard(random, `CRD-${key}`)] : [],
  };
  books.accounts.push(account);
  for (let index = 1; index <= TRANSACTIONS_PER_ACCOUNT; index += 1) {
    books.transactions.push(makeTransaction(random, account, index));
  }
}

function makeCard(random: Random, id: string): Card {
  const brand: CardBrand = random.pick(['Visa', 'Mastercard', 'American Express']);
  const expires = `${String(random.int(1, 12)).padStart(2, '0')}/${random.int(27, 31)}`;
  return { id, brand, number: makeCardNumber(random, brand), expires, status: 'active' };
}

function makeTransaction(random: Random, account: Account, index: number): Transaction {
  const { name, description } = random.pick(COUNTERPARTIES);
  const cents = random.int(500, 400_000);
  return {
    id: `TXN-${account.id.slice(4)}-${String(index).padStart(2, '0')}`,
    accountId: account.id,
    bookedOn: random.date(2025, 2025),
    amount: fromCents(description === 'Salary' ? cents : -cents),
    currency: account.currency,
    counterparty: name,
    counterpartyIban: makeForeignIban(random),
    description,
  };
}
