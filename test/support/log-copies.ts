// A little traffic, copies of the sealed log of a stack, and what `countersign verify` says of them.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportLog } from '../../bin/commands/export.ts';
import { verifierKey } from '../../bin/commands/key.ts';
import { verify } from '../../bin/commands/verify.ts';
import { call, initialize, modern, request } from './mcp-call.ts';
import { waitUntilSealed } from './sealed.ts';
import type { TestStack } from './stack.ts';
import { strictRequest } from './strict-call.ts';

export interface LogCopies {
  /** The folder of a new copy, which holds everything that was written so far. */
  copyOf(name: string): Promise<string>;
  /** Exit code and printed text of `countersign verify`. */
  verified(log: string, ...more: readonly string[]): Promise<{ readonly code: number; readonly text: string }>;
}

/** The environment must name the installation already. */
export const makeLogCopies = async (stack: TestStack, folder: string): Promise<LogCopies> => {
  const key = join(folder, 'log.vkey');
  await writeFile(key, await verifierKey());
  return {
    copyOf: async (name) => {
      await waitUntilSealed(stack);
      await exportLog([join(folder, name)]);
      return join(folder, name);
    },
    verified: async (log, ...more) => {
      const original = process.stdout.write;
      let text = '';
      process.stdout.write = ((chunk: string) => {
        text += chunk;
        return true;
      }) as typeof process.stdout.write;
      try {
        return { code: await verify([log, '--key', key, ...more]), text };
      } finally {
        process.stdout.write = original;
      }
    },
  };
};

/** A session with calls of every size and tier, its end, and somebody without a token. */
export const useGateway = async (stack: TestStack): Promise<void> => {
  const [url, token] = [stack.url('core-banking'), await stack.tokenOf('ana')];
  const opened = await call(url, { token, body: initialize() });
  const headers = {
    'mcp-session-id': opened.headers.get('mcp-session-id') ?? '',
    'mcp-protocol-version': '2025-11-25',
  };
  const look = (id: number) =>
    call(url, {
      token,
      headers,
      body: request('tools/call', { name: 'get_customer', arguments: { customerId: 'CUS-0001' } }, id),
    });
  await Promise.all(Array.from({ length: 10 }, (_, id) => look(id + 2)));
  const large = modern('tools/call', { name: 'search_customers', arguments: { text: 'x'.repeat(50_000) } });
  await call(url, { token, ...large });
  await call(url, { token, headers, body: strictRequest() });
  await call(url, { token, headers, method: 'DELETE' });
  await call(url, { body: request('ping') });
};
