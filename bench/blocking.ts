// The longest time for which the whole column of the mcp function holds up its process, whatever an upstream answers: other
// exchanges of the process wait for so long. Processor time of its thread between two turns, best of several runs.

import { buffer } from 'node:stream/consumers';
import type { GatewayConfig } from '../lambdas/gateway-config.ts';
import { threadMs } from './masking.ts';
import { customer, fill, list, MEGABYTE, object, PROSE, rows, text } from './masking-inputs.ts';
import { benchGateway, benchRequest, freeKeys, freeRecords, saying } from './pipeline.ts';
import type { Measurement } from './report.ts';

const BYTES = 10 * MEGABYTE;
const RUNS = 3;

const prose = (bytes: number): string => text(fill((index) => PROSE[index % PROSE.length] ?? '', bytes));

/** 10 MB each. */
const ANSWERS: readonly (readonly [name: string, json: () => string, type?: string])[] = [
  ['one text', () => prose(BYTES)],
  ['rows', () => rows(customer, BYTES)],
  ['hundreds of thousands of values to mask', () => list(() => '4111111111111111', BYTES)],
  [
    'one object with hundreds of thousands of names to mask',
    () => object((index) => `a${index} 4111111111111111`, BYTES),
  ],
  ['one event', () => prose(BYTES), 'text/event-stream'],
  ['one event of rows', () => rows(customer, BYTES), 'text/event-stream'],
];

/** As a connection delivers it. */
const CHUNK = 64 * 1024;
const chunksOf = (bytes: Buffer): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / CHUNK) }, (_, index) =>
    bytes.subarray(index * CHUNK, (index + 1) * CHUNK),
  );

/** Watches the turns of the event loop. */
class Turns {
  longest = 0;
  #last = threadMs();
  #next = setImmediate(() => this.#turn());

  #turn(): void {
    this.stop();
    this.#next = setImmediate(() => this.#turn());
  }

  stop(): void {
    clearImmediate(this.#next);
    const now = threadMs();
    this.longest = Math.max(this.longest, now - this.#last);
    this.#last = now;
  }
}

/** Limits and a schema that let all of it through: what is measured is how long a turn takes, not all of them. */
const roomy = (config: GatewayConfig): GatewayConfig => {
  const { masking, servers } = config;
  const server = servers['core-banking'];
  const tool = server?.catalog?.tools['search_customers'];
  if (server === undefined || masking === null || tool === undefined || !server.catalog)
    throw new Error('not the laptop’s configuration');
  const tools = { ...server.catalog.tools, search_customers: { ...tool, outputSchema: {} } };
  const catalog = { ...server.catalog, tools };
  const limits = { ...server.limits, responseBytes: 2 * BYTES };
  return {
    ...config,
    masking: { ...masking, limits: { ...masking.limits, maxBytes: 2 * BYTES, milliseconds: 600_000 } },
    servers: { ...servers, 'core-banking': { ...server, catalog, limits } },
  };
};

const longestTurn = async (body: Buffer, type: string): Promise<number> => {
  const upstream = saying(type, ...chunksOf(body));
  const { mcp, config } = benchGateway({ records: freeRecords, contentKeys: freeKeys, upstream }, roomy);
  const turns = new Turns();
  const now = Date.now();
  const reply = await mcp({ ...benchRequest(config), receivedAt: now, deadlineAt: now + 900_000 });
  if (typeof reply.body === 'string') throw new Error(`answered ${reply.body.slice(0, 500)}`);
  const handed = await buffer(reply.body);
  turns.stop();
  if (handed.length < body.length / 2) throw new Error('the bench answer was withheld');
  return turns.longest;
};

export const benchBlocking = async (): Promise<Measurement[]> => {
  const measurements: Measurement[] = [];
  for (const [name, make, type = 'application/json'] of ANSWERS) {
    const json = make();
    const body = Buffer.from(type === 'application/json' ? json : `data: ${json}\n\n`);
    const runs: number[] = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await longestTurn(body, type));
    measurements.push({
      name: `longest block of the event loop, 10 MB: ${name}`,
      value: Math.min(...runs),
      unit: 'ms',
      atMost: 50,
    });
  }
  return measurements;
};
