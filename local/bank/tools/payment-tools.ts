/** Tools that change something: the ones a bank wants a second person for. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { DECIMAL_AMOUNT } from '../data/money.ts';
import { Card, Wire } from '../data/schema.ts';
import { type Bank, freezeCard, sendWire } from '../operations.ts';
import { addTool, CHANGES } from './tool.ts';

export function registerPaymentTools(server: McpServer, bank: Bank): void {
  addTool(server, bank, {
    name: 'wire_transfer',
    title: 'Send a wire transfer',
    description:
      'Sends money from an account to an IBAN, at once and irrevocably. The reference makes it idempotent: the same ' +
      'order with the same reference is executed once and confirmed again; a different order under a used reference ' +
      'fails. The currency must be the currency of the account.',
    input: z.object({
      from: z.string().describe('Account id the money leaves, such as ACC-00011'),
      to: z.string().describe('IBAN of the payee'),
      amount: z.string().regex(DECIMAL_AMOUNT).describe('Decimal string, at most two places, such as 1250.00'),
      currency: z.string().length(3).describe('ISO 4217 code, such as USD'),
      reference: z.string().min(1).max(64).describe('Your reference, unique per payment'),
    }),
    output: z.object({ wire: Wire }),
    annotations: { ...CHANGES, idempotentHint: true },
    run: (order) => ({ wire: sendWire(bank, order) }),
    render: ({ wire }) =>
      `${wire.confirmationId}: ${wire.amount} ${wire.currency} from ${wire.from} to ${wire.to} (${wire.status})`,
  });
  addTool(server, bank, {
    name: 'freeze_card',
    title: 'Freeze a card',
    description: 'Blocks a payment card at once. Freezing a frozen card changes nothing. There is no tool to unfreeze.',
    input: z.object({
      cardId: z.string().describe('Card id, such as CRD-00011'),
      reason: z.string().min(1).describe('Why, for the file'),
    }),
    output: z.object({ card: Card }),
    annotations: { ...CHANGES, idempotentHint: true },
    run: ({ cardId }) => ({ card: freezeCard(bank, cardId) }),
    render: ({ card }) => `Card ${card.id} (${card.brand}) is ${card.status}`,
  });
}
