/**
 * The demo bank: an MCP server with realistic, made-up data, reachable only with the gateway's credential.
 * It remembers what reached it, so that tests can prove what the gateway let through, and what it did not.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import { McpServer } from '@modelcontextprotocol/server';
import { startDualEra } from '../upstreams/dual-era.ts';
import type { Listener } from '../upstreams/listener.ts';
import { type Bank, type BankCall, openBank } from './operations.ts';
import { registerPrompts, registerResources } from './resources-and-prompts.ts';
import { registerAccountTools } from './tools/account-tools.ts';
import { registerCustomerTools } from './tools/customer-tools.ts';
import { registerPaymentTools } from './tools/payment-tools.ts';
import { registerReportTool } from './tools/report-tool.ts';

export interface BankOptions {
  /** 0 picks a free port. */
  readonly port: number;
  /** The only credential the bank accepts. */
  readonly bearerToken: string;
}

/** An HTTP request as it arrived, whether or not it was admitted. */
interface SeenRequest {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface RunningBank extends Listener {
  /** Tool calls that reached a tool, oldest first. */
  calls(): readonly BankCall[];
  /** The most recent requests, oldest first, refused ones included. */
  requests(): readonly SeenRequest[];
}

/** Enough for any test; a bank that runs for days must not keep every request. */
const MAX_REQUESTS = 1_000;

/** Starts the bank on 127.0.0.1 with freshly seeded books. */
export async function startBank({ port, bearerToken }: BankOptions): Promise<RunningBank> {
  const bank = openBank();
  const seen: SeenRequest[] = [];
  const listener = await startDualEra({
    port,
    build: () => buildServer(bank),
    admit: async (request) => {
      const { method, headers } = request;
      seen.push({ method, headers: Object.fromEntries(headers), body: await request.clone().text() });
      if (seen.length > MAX_REQUESTS) seen.shift();
      return carries(bearerToken, headers.get('authorization')) ? undefined : unauthorized();
    },
  });
  return { ...listener, calls: () => bank.calls, requests: () => seen };
}

function carries(bearerToken: string, authorization: string | null): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(`Bearer ${bearerToken}`), digest(authorization ?? ''));
}

function unauthorized(): Response {
  return new Response('Unauthorized', { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="demo-bank"' } });
}

function buildServer(bank: Bank): McpServer {
  const server = new McpServer(
    { name: 'demo-bank', title: 'Meridian Demo Bank', version: '1.0.0' },
    {
      capabilities: { logging: {} },
      instructions:
        'Core banking of a made-up bank. Find customers with search_customers, then their accounts with list_accounts. ' +
        'wire_transfer and freeze_card take effect at once.',
    },
  );
  registerCustomerTools(server, bank);
  registerAccountTools(server, bank);
  registerPaymentTools(server, bank);
  registerReportTool(server, bank);
  registerResources(server, bank);
  registerPrompts(server, bank);
  return server;
}
