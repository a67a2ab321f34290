/** A slow tool: it reports progress if asked and stops when the caller cancels. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { McpServer, ServerContext } from '@modelcontextprotocol/server';
import { z } from 'zod';
import { fromCents, toCents } from '../data/money.ts';
import type { Bank, BankCall } from '../operations.ts';
import { addTool, READS } from './tool.ts';

const STEPS = 10;

export function registerReportTool(server: McpServer, bank: Bank): void {
  addTool(server, bank, {
    name: 'run_report',
    title: 'Run the positions report',
    description:
      'Adds up all balances per currency. Deliberately slow: it takes the number of seconds it is given, sends ' +
      'progress if the request carries a progress token, and can be cancelled.',
    input: z.object({ seconds: z.number().min(0).max(30).describe('How long the report takes, 0 to 30') }),
    output: z.object({ positions: z.array(z.object({ currency: z.string(), total: z.string() })) }),
    annotations: READS,
    run: async ({ seconds }, _bank, call, ctx) => {
      await work(seconds, call, ctx);
      return { positions: addUp(bank) };
    },
  });
}

async function work(seconds: number, call: BankCall, ctx: ServerContext): Promise<void> {
  const { signal } = ctx.mcpReq;
  try {
    for (let step = 1; step <= STEPS; step += 1) {
      await sleep((seconds * 1_000) / STEPS, undefined, { signal });
      await reportStep(step, ctx);
    }
  } catch (fault) {
    call.cancelled = signal.aborted;
    throw fault;
  }
}

async function reportStep(progress: number, ctx: ServerContext): Promise<void> {
  const progressToken = ctx.mcpReq._meta?.progressToken;
  if (progressToken === undefined) return;
  const message = `${progress * (100 / STEPS)}% of accounts read`;
  const params = { progressToken, progress, total: STEPS, message };
  await ctx.mcpReq.notify({ method: 'notifications/progress', params });
}

function addUp(bank: Bank): { currency: string; total: string }[] {
  const totals = new Map<string, number>();
  for (const { currency, balance } of bank.books.accounts) {
    totals.set(currency, (totals.get(currency) ?? 0) + toCents(balance));
  }
  return [...totals].map(([currency, cents]) => ({ currency, total: fromCents(cents) }));
}
