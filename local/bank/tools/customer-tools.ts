/** Tools over customers: search, one customer, and the read-only query. */
import type { McpServer } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { Customer } from '../data/schema.ts';
import { type Bank, findCustomer, searchCustomers } from '../operations.ts';
import { COLUMNS, queryCustomers, renderTable } from '../query.ts';
import { addTool, READS } from './tool.ts';

const limit = z.number().int().min(1).max(50).default(10).describe('Most results to return, 1 to 50');

export function registerCustomerTools(server: McpServer, bank: Bank): void {
  addTool(server, bank, {
    name: 'search_customers',
    title: 'Search customers',
    description:
      'Finds customers whose id, name, email, city or state contains the text. Use it to get a customer id when only ' +
      'a name is known. Returns full records, including SSN and contact details.',
    input: z.object({ text: z.string().min(1).describe('Part of an id, name, email, city or state'), limit }),
    output: z.object({ customers: z.array(Customer) }),
    annotations: READS,
    run: ({ text, limit: most }) => ({ customers: searchCustomers(bank, text, most) }),
  });
  addTool(server, bank, {
    name: 'get_customer',
    title: 'Get a customer',
    description: 'Returns one customer by id. Fails if there is no such customer; use search_customers to find the id.',
    input: z.object({ customerId: z.string().describe('Customer id, such as CUS-0001') }),
    output: z.object({ customer: Customer }),
    annotations: READS,
    run: ({ customerId }) => ({ customer: findCustomer(bank, customerId) }),
  });
  addTool(server, bank, {
    name: 'query',
    title: 'Query customers',
    description:
      "Runs a read-only filter over all customers. Clauses are column operator 'value', joined by and; operators are " +
      `=, !=, <, > and contains; columns are ${COLUMNS.join(', ')}. Example: state = 'NY' and riskRating = 'high'. ` +
      'Returns columns and rows, and the same as a text table.',
    input: z.object({
      filter: z.string().default('').describe('The clauses; empty selects every customer'),
      columns: z.array(z.enum(COLUMNS)).min(1).default(['id', 'name', 'state', 'riskRating']),
      limit,
    }),
    output: z.object({ columns: z.array(z.string()), rows: z.array(z.array(z.string())) }),
    annotations: READS,
    run: ({ filter, columns, limit: most }) => queryCustomers(bank.books.customers, filter, columns, most),
    render: renderTable,
  });
}
