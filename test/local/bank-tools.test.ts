import type { Client as V1Client } from '@modelcontextprotocol/sdk/client/index.js';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type RunningBank, startBank } from '../../local/bank/bank.ts';
import { isValidIban } from '../../local/bank/data/numbers.ts';
import { SAMPLE_PAYEE_IBAN } from '../../local/bank/operations.ts';
import { BEARER, connectV1, connectV2 } from './bank-clients.ts';

let bank: RunningBank;
let client: V1Client;

beforeAll(async () => {
  bank = await startBank({ port: 0, bearerToken: BEARER });
  ({ client } = await connectV1(bank.url));
});

afterAll(async () => {
  await client.close();
  await bank.close();
});

describe('wire_transfer', () => {
  const order = { from: 'ACC-00021', to: SAMPLE_PAYEE_IBAN, amount: '12.50', currency: 'USD', reference: 'INV-1' };

  it('executes an order once per reference', async () => {
    const balance = () => balanceOf(order.from);
    const before = await balance();
    const first = await client.callTool({ name: 'wire_transfer', arguments: order });
    const again = await client.callTool({ name: 'wire_transfer', arguments: order });
    expect(first.structuredContent).toMatchObject({ wire: { status: 'executed' } });
    expect(again.structuredContent).toMatchObject({ wire: { status: 'duplicate' } });
    expect(Math.round((before - (await balance())) * 100)).toBe(1_250);
  });

  it.each([
    ['another order under a used reference', { amount: '13.00' }],
    ['an IBAN with wrong check digits', { reference: 'INV-2', to: SAMPLE_PAYEE_IBAN.replace(/^DE../, 'DE00') }],
    ['another currency than the account', { reference: 'INV-3', currency: 'JPY' }],
    ['more than the balance', { reference: 'INV-4', amount: '999999999.00' }],
    ['nothing', { reference: 'INV-5', amount: '0.00' }],
  ])('refuses %s', async (_, change) => {
    const result = await client.callTool({ name: 'wire_transfer', arguments: { ...order, ...change } });
    expect(result.isError).toBe(true);
  });
});

describe('run_report', () => {
  const report = (seconds: number) => ({ name: 'run_report', arguments: { seconds } });

  it('sends progress to a legacy client that asks', async () => {
    const onprogress = vi.fn();
    await client.callTool(report(0.2), undefined, { onprogress });
    expect(onprogress.mock.lastCall?.[0]).toMatchObject({ progress: 10, total: 10 });
  });

  it('sends progress to a modern client that asks', async () => {
    const modern = await connectV2(bank.url, 'auto');
    const onprogress = vi.fn();
    const result = await modern.callTool(report(0.2), { onprogress });
    expect(onprogress.mock.lastCall?.[0]).toMatchObject({ progress: 10, total: 10 });
    expect(result.structuredContent).toMatchObject({ positions: expect.any(Array) });
    await modern.close();
  });

  it.each(['legacy', 'auto'] as const)('stops when a client of mode %s cancels', async (mode) => {
    const caller = await connectV2(bank.url, mode);
    const cancel = new AbortController();
    const result = caller.callTool(report(30), { signal: cancel.signal });
    const call = await vi.waitFor(() => {
      const started = bank.calls().at(-1)!;
      expect(started).toMatchObject({ tool: 'run_report', args: { seconds: 30 } });
      expect(started.cancelled).toBeUndefined();
      return started;
    });
    cancel.abort('changed my mind');
    await expect(result).rejects.toThrow();
    await vi.waitFor(() => expect(call.cancelled).toBe(true));
    await caller.close();
  });
});

describe('query', () => {
  it('returns the rows a filter selects, as a table too', async () => {
    const filter = "state = 'NY' and riskRating != 'low'";
    const args = { filter, columns: ['id', 'state', 'riskRating'], limit: 50 };
    const result = await client.callTool({ name: 'query', arguments: args });
    const { rows } = result.structuredContent as { rows: string[][] };
    expect(rows.length).toBeGreaterThan(0);
    expect(rows.every(([, state, risk]) => state === 'NY' && risk !== 'low')).toBe(true);
    expect(JSON.stringify(result.content)).toContain(`(${rows.length} rows)`);
  });

  it.each(["name; drop table 'x'", "password = 'x'", "id = 'a' or id = 'b'"])('cannot read %s', async (filter) => {
    const result = await client.callTool({ name: 'query', arguments: { filter } });
    expect(result.isError).toBe(true);
  });
});

describe('the seeded data', () => {
  it('is the same in every bank', async () => {
    const other = await startBank({ port: 0, bearerToken: BEARER });
    const otherClient = (await connectV1(other.url)).client;
    const uri = 'bank://customers/CUS-0040';
    expect(await otherClient.readResource({ uri })).toEqual(await client.readResource({ uri }));
    await otherClient.close();
    await other.close();
  });

  it('has valid IBANs and card numbers, and American social security numbers', async () => {
    const { customers } = await structured<{ customers: { id: string; ssn: string }[] }>('search_customers', {
      text: 'CUS-',
      limit: 50,
    });
    expect(customers).toHaveLength(40);
    expect(new Set(customers.map(({ ssn }) => ssn)).size).toBe(40);
    for (const { id, ssn } of customers) {
      expect(ssn).toMatch(/^8\d{2}-(?!00)\d{2}-(?!0000)\d{4}$/);
      const { accounts } = await structured<{ accounts: { iban: string; cards: { number: string }[] }[] }>(
        'list_accounts',
        { customerId: id },
      );
      expect(accounts.every(({ iban }) => isValidIban(iban))).toBe(true);
      expect(accounts.flatMap(({ cards }) => cards).every(({ number }) => passesLuhn(number))).toBe(true);
    }
  });
});

async function structured<T>(name: string, args: Record<string, unknown>): Promise<T> {
  return (await client.callTool({ name, arguments: args })).structuredContent as T;
}

async function balanceOf(accountId: string): Promise<number> {
  const { account } = await structured<{ account: { balance: string } }>('get_account', { accountId });
  return Number(account.balance);
}

function passesLuhn(number: string): boolean {
  const doubled = [...number].reverse().map((digit, index) => Number(digit) * (index % 2 === 0 ? 1 : 2));
  return doubled.reduce((sum, value) => sum + (value > 9 ? value - 9 : value), 0) % 10 === 0;
}
