/**
 * A loopback HTTP listener for web-standard handlers.
 * Streams responses as they are produced and tells the handler when the client is gone.
 * Binds 127.0.0.1 only: nothing on a laptop or in CI is offered to the network.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

export interface Listener {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

export type WebHandler = (request: Request) => Promise<Response>;

const LOOPBACK = '127.0.0.1';

/** Serves `handle` on 127.0.0.1; port 0 picks a free one. `url` is the origin plus `/mcp`. */
export async function listen(handle: WebHandler, port: number): Promise<Listener> {
  const server = createServer((incoming, outgoing) => {
    answer(handle, incoming, outgoing).catch((fault: unknown) => {
      outgoing.destroy(fault instanceof Error ? fault : new Error(String(fault)));
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, LOOPBACK, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return {
    url: `http://${LOOPBACK}:${bound}/mcp`,
    port: bound,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((fault) => (fault ? reject(fault) : resolve()));
        server.closeAllConnections();
      }),
  };
}

async function answer(handle: WebHandler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once('close', () => gone.abort());
  await send(await handle(await toRequest(incoming, gone.signal)), outgoing, gone.signal);
}

async function toRequest(incoming: IncomingMessage, signal: AbortSignal): Promise<Request> {
  const { method = 'GET', url = '/' } = incoming;
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const body = await buffer(incoming);
  const init = { method, headers, signal, ...(body.length > 0 ? { body } : {}) };
  return new Request(`http://${incoming.headers.host ?? LOOPBACK}${url}`, init);
}

async function send(response: Response, outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  if (response.body === null) {
    outgoing.end();
    return;
  }
  // An SSE stream may stay silent for minutes; the client must see the status line at once.
  outgoing.flushHeaders();
  const reader = response.body.getReader();
  // Not at the next chunk but now: a session allows one GET stream, and a client that reconnects must not find it taken.
  gone.addEventListener('abort', () => void reader.cancel().catch(() => undefined), { once: true });
  if (gone.aborted) return;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    if (!outgoing.write(part.value)) await drained(outgoing, gone);
  }
  outgoing.end();
}

function drained(outgoing: ServerResponse, gone: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      outgoing.off('drain', done);
      gone.removeEventListener('abort', done);
      resolve();
    };
    outgoing.once('drain', done);
    gone.addEventListener('abort', done, { once: true });
  });
}
