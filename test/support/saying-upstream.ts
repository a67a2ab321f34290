// An upstream server that says what a test puts into its mouth: any JSON-RPC message, whole or as events.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { setTimeout as wait } from 'node:timers/promises';
import { deployedEnvironment } from './deployed-environment.ts';

interface Saying {
  /** @default application/json */
  readonly type?: 'application/json' | 'text/event-stream';
  readonly status?: number;
  /** Pieces of the body; a number is a pause in milliseconds. */
  readonly body: readonly (string | number)[];
}

export interface SayingUpstream {
  readonly url: string;
  /** What it answers to a request with this JSON-RPC id. */
  say: (id: unknown) => Saying;
  /** The last request's body. */
  heard: string;
  close(): Promise<void>;
}

export const startSayingUpstream = async (): Promise<SayingUpstream> => {
  const server = createServer(async (request, response) => {
    upstream.heard = await text(request);
    const { id } = JSON.parse(upstream.heard) as { id?: unknown };
    const { type = 'application/json', status = 200, body } = upstream.say(id);
    response.writeHead(status, { 'content-type': type });
    for (const piece of body) {
      if (typeof piece === 'string') response.write(piece);
      else await wait(piece);
    }
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(deployedEnvironment()?.ports.upstream ?? 0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const upstream: SayingUpstream = {
    url: `http://127.0.0.1:${port}/mcp`,
    say: () => ({ status: 500, body: [] }),
    heard: '',
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
  return upstream;
};
