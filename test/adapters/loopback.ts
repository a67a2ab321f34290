// A small HTTP server on 127.0.0.1 whose every answer the test decides, and which remembers what it was asked.

import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll } from 'vitest';

export interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface Loopback {
  readonly url: string;
  readonly asked: Asked[];
  close(): Promise<void>;
}

/** Starts the server; it ends with the test file. */
export const listen = async (answer: (response: ServerResponse, asked: Asked) => void): Promise<Loopback> => {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    text(request).then(
      (body) => {
        const { method, url, headers } = request;
        asked.push({ method, url, headers, body });
        answer(response, { method, url, headers, body });
      },
      () => response.destroy(),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = async () => {
    server.closeAllConnections();
    if (server.listening) await new Promise((resolve) => server.close(resolve));
  };
  afterAll(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked, close };
};

export const json = (response: ServerResponse, body: unknown, status = 200): void =>
  void response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
