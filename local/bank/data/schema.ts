/** The shapes the bank's tools return. They are the tools' output schemas, so clients can rely on them. */
import { z } from 'zod';

export const Customer = z.object({
  id: z.string().describe('Customer id, such as CUS-0001'),
  name: z.string(),
  ssn: z.string().describe('US social security number'),
  birthDate: z.string().describe('ISO date'),
  email: z.string(),
  phone: z.string(),
  address: z.object({ street: z.string(), city: z.string(), state: z.string(), postalCode: z.string() }),
  segment: z.enum(['retail', 'private', 'business']),
  riskRating: z.enum(['low', 'medium', 'high']),
  customerSince: z.string().describe('ISO date'),
});
export type Customer = z.infer<typeof Customer>;

export const Card = z.object({
  id: z.string().describe('Card id, such as CRD-00011'),
  brand: z.string(),
  number: z.string(),
  expires: z.string().describe('MM/YY'),
  status: z.enum(['active', 'frozen']),
});
export type Card = z.infer<typeof Card>;

export const Account = z.object({
  id: z.string().describe('Account id, such as ACC-00011'),
  customerId: z.string(),
  type: z.enum(['checking', 'savings', 'business']),
  currency: z.enum(['USD', 'EUR', 'GBP']),
  accountNumber: z.string(),
  iban: z.string(),
  balance: z.string().describe('Decimal, two places'),
  openedOn: z.string().describe('ISO date'),
  cards: z.array(Card),
});
export type Account = z.infer<typeof Account>;

export const Transaction = z.object({
  id: z.string(),
  accountId: z.string(),
  bookedOn: z.string().describe('ISO date'),
  amount: z.string().describe('Decimal, negative when money leaves the account'),
  currency: z.string(),
  counterparty: z.string(),
  counterpartyIban: z.string(),
  description: z.string(),
});
export type Transaction = z.infer<typeof Transaction>;

export const Wire = z.object({
  confirmationId: z.string().describe('Confirmation id, such as WIRE-3F2A90C11B'),
  from: z.string(),
  to: z.string(),
  amount: z.string(),
  currency: z.string(),
  reference: z.string(),
  status: z.enum(['executed', 'duplicate']).describe('duplicate: the same reference had been executed before'),
});
export type Wire = z.infer<typeof Wire>;
