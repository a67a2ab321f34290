/** Tools over accounts and their transactions. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { Account, Transaction } from '../data/schema.ts';
import { accountsOf, type Bank, findAccount, transactionsOf } from '../operations.ts';
import { addTool, READS } from './tool.ts';

const accountId = z.string().describe('Account id, such as ACC-00011');

export function registerAccountTools(server: McpServer, bank: Bank): void {
  addTool(server, bank, {
    name: 'list_accounts',
    title: 'List accounts',
    description: 'Lists the accounts of one customer with balances, account numbers, IBANs and payment cards.',
    input: z.object({ customerId: z.string().describe('Customer id, such as CUS-0001') }),
    output: z.object({ accounts: z.array(Account) }),
    annotations: READS,
    run: ({ customerId }) => ({ accounts: accountsOf(bank, customerId) }),
  });
  addTool(server, bank, {
    name: 'get_account',
    title: 'Get an account',
    description: 'Returns one account by id, with its balance, numbers and cards.',
    input: z.object({ accountId }),
    output: z.object({ account: Account }),
    annotations: READS,
    run: (args) => ({ account: findAccount(bank, args.accountId) }),
  });
  addTool(server, bank, {
    name: 'list_transactions',
    title: 'List transactions',
    description: 'Lists the transactions of one account, newest first. Negative amounts left the account.',
    input: z.object({
      accountId,
      limit: z.number().int().min(1).max(100).default(20).describe('Most transactions to return, 1 to 100'),
    }),
    output: z.object({ transactions: z.array(Transaction) }),
    annotations: READS,
    run: (args) => ({ transactions: transactionsOf(bank, args.accountId, args.limit) }),
  });
}
