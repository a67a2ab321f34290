// The way to the deployed address. The stack's PublicUrl is https://<api>.execute-api.<region>.amazonaws.com/<stage>, in
// every challenge and metadata document too; here an HTTPS proxy, as banks have them, leads that host to MiniStack. So
// clients use the very URL of the deployment, over TLS, and any other host is refused: nothing reaches the internet.

import { readFileSync } from 'node:fs';
import { Agent, createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, connect, type Server } from 'node:net';
import { join } from 'node:path';

export interface Front {
  /** For HTTPS_PROXY. */
  readonly proxyUrl: string;
  /** Hosts that a client asked for and was refused. */
  readonly refused: ReadonlySet<string>;
  close(): Promise<void>;
}

export interface FrontOptions {
  readonly awsUrl: string;
  /** Folder of cert.pem and key.pem. */
  readonly certificates: string;
}

const DEPLOYED_HOST = /^([a-z0-9]+)\.execute-api\.[a-z0-9-]+\.amazonaws\.com(?::443)?$/;

export const startFront = async ({ awsUrl, certificates }: FrontOptions): Promise<Front> => {
  const read = (file: string) => readFileSync(join(certificates, file));
  const agent = new Agent({ keepAlive: true });
  const gateway = createTlsServer({ key: read('key.pem'), cert: read('cert.pem') }, (incoming, response) =>
    pass(awsUrl, agent, incoming, response),
  );
  const gatewayPort = await listen(gateway);
  const refused = new Set<string>();
  const proxy = createServer((_incoming, response) => response.writeHead(405).end());
  proxy.on('connect', (incoming, client, head: Buffer) => {
    if (!DEPLOYED_HOST.test(incoming.url ?? '')) {
      refused.add(incoming.url ?? '');
      client.end('HTTP/1.1 403 Not the deployment under test\r\n\r\n');
      return;
    }
    const upstream = connect(gatewayPort, '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const [one, other] of [[upstream, client] as const, [client, upstream] as const]) {
      one.on('error', () => other.destroy());
    }
  });
  const proxyPort = await listen(proxy);
  return {
    proxyUrl: `http://127.0.0.1:${proxyPort}`,
    refused,
    close: async () => {
      agent.destroy();
      gateway.closeAllConnections();
      proxy.closeAllConnections();
      await Promise.all([closed(gateway), closed(proxy)]);
    },
  };
};

const listen = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port));
  });

const closed = (server: Server): Promise<void> => new Promise((resolve) => server.close(() => resolve()));

/** MiniStack finds an API by path where it cannot by host name. */
const pass = (awsUrl: string, agent: Agent, incoming: IncomingMessage, response: ServerResponse): void => {
  const api = DEPLOYED_HOST.exec(incoming.headers.host ?? '')?.[1] ?? '';
  const outgoing = request(
    new URL(`/_aws/execute-api/${api}${incoming.url ?? '/'}`, awsUrl),
    { method: incoming.method ?? 'GET', headers: incoming.headers, agent },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    },
  );
  outgoing.on('error', () => response.destroy());
  response.on('close', () => outgoing.destroy());
  incoming.pipe(outgoing);
};
