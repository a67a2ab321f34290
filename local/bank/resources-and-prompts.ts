/** The bank's resources and its one prompt. */
import { type McpServer, ResourceNotFoundError, ResourceTemplate } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { type Bank, findCustomer } from './operations.ts';

export function registerResources(server: McpServer, bank: Bank): void {
  server.registerResource(
    'daily-positions',
    'bank://reports/daily-positions',
    {
      title: 'Daily positions',
      description: 'Every account with its owner and balance, as CSV',
      mimeType: 'text/csv',
    },
    (uri) => ({ contents: [{ uri: uri.href, mimeType: 'text/csv', text: positionsCsv(bank) }] }),
  );
  server.registerResource(
    'customer',
    new ResourceTemplate('bank://customers/{id}', { list: undefined }),
    { title: 'Customer', description: 'One customer by id, as JSON', mimeType: 'application/json' },
    (uri, { id }) => {
      const customer = bank.books.customers.find((one) => one.id === id);
      if (customer === undefined) throw new ResourceNotFoundError(uri.href);
      return { contents: [{ uri: uri.href, mimeType: 'application/json', text: JSON.stringify(customer) }] };
    },
  );
}

function positionsCsv(bank: Bank): string {
  const lines = bank.books.accounts.map((account) => {
    const owner = findCustomer(bank, account.customerId);
    return [account.id, owner.name, owner.ssn, account.iban, account.currency, account.balance].join(',');
  });
  return ['account,customer,ssn,iban,currency,balance', ...lines, ''].join('\r\n');
}

export function registerPrompts(server: McpServer, bank: Bank): void {
  server.registerPrompt(
    'explain_transaction',
    {
      title: 'Explain a transaction',
      description: 'Asks for a plain-language explanation of one transaction for the customer',
      argsSchema: z.object({ transactionId: z.string().describe('Transaction id, such as TXN-00011-01') }),
    },
    ({ transactionId }) => {
      const transaction = bank.books.transactions.find(({ id }) => id === transactionId);
      const subject = transaction ? JSON.stringify(transaction) : `an unknown transaction, ${transactionId}`;
      const text = `Explain this transaction to the customer in two sentences: ${subject}`;
      return { messages: [{ role: 'user', content: { type: 'text', text } }] };
    },
  );
}
