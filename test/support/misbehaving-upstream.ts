// One upstream server that fails in every way an upstream can, one path per way. It counts what reached it.

import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { deployedEnvironment } from './deployed-environment.ts';
import { leniently, sizedAnswer } from './lenient-reader.ts';

const MISBEHAVIOURS = [
  'garbage',
  'garbage-event',
  'html',
  'html-404',
  'silent',
  'silent-body',
  'refuses',
  'redirects',
  'server-error',
  'breaks-json',
  'breaks-stream',
  'no-answer-stream',
  'too-large',
  'too-large-stream',
  'sets-cookie',
  'echo',
  'split',
  'refuses-truncated',
  'refuses-stalled',
  'late-events',
  'quiet',
  'resumable-breaks',
  'json-500',
  'json-404',
  'delete-fails',
  'delete-breaks',
  'latin-1',
  'lenient',
  'sized',
] as const;

export type Misbehaviour = (typeof MISBEHAVIOURS)[number];

export interface MisbehavingUpstream {
  url(way: Misbehaviour): string;
  /** Requests that arrived, by way. */
  seen(way: Misbehaviour): readonly { readonly headers: IncomingMessage['headers']; readonly body: string }[];
  close(): Promise<void>;
}

type Behave = (response: ServerResponse, id: unknown, request: IncomingMessage, body: string) => void;

const json = (response: ServerResponse, body: string, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
};

const events = (response: ServerResponse): ServerResponse =>
  response.writeHead(200, { 'content-type': 'text/event-stream' });

const result = (id: unknown, value: unknown): string => JSON.stringify({ jsonrpc: '2.0', id, result: value });

const progress =
  'event: message\ndata: {"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":1,"progress":1}}\n\n';

const BEHAVIOURS: Readonly<Record<Misbehaviour, Behave>> = {
  garbage: (response) => json(response, '{"jsonrpc": "2.0", "result": SECRET-IN-GARBAGE'),
  'garbage-event': (response) => events(response).end('data: not json\n\n'),
  html: (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Welcome</h1>'),
  'html-404': (response) => response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>internal-host-7</h1>'),
  silent: () => undefined,
  'silent-body': (response) => events(response).write(progress),
  refuses: (response) =>
    json(response, '{"error":"invalid_token"}', 401, { 'www-authenticate': 'Bearer realm="upstream"' }),
  redirects: (response) => response.writeHead(307, { location: 'http://127.0.0.1:1/elsewhere' }).end(),
  'server-error': (response) =>
    response.writeHead(500, { 'content-type': 'text/plain' }).end('stack trace at internal-host-7'),
  'breaks-json': (response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"jsonrpc":');
    setTimeout(() => response.destroy(), 50);
  },
  'breaks-stream': (response) => {
    events(response).write(progress);
    setTimeout(() => response.destroy(), 50);
  },
  'no-answer-stream': (response) => events(response).end(progress),
  'too-large': (response, id) => json(response, result(id, { text: 'x'.repeat(5000) })),
  'too-large-stream': (response, id) => events(response).end(`data: ${result(id, { text: 'x'.repeat(5000) })}\n\n`),
  'sets-cookie': (response, id) =>
    json(response, result(id, {}), 200, {
      'set-cookie': 'a=b',
      'x-internal': 'host-7',
      'mcp-session-id': 'upstream-own',
    }),
  echo: (response, id, request, body) => json(response, result(id, { headers: request.headers, body })),
  // Three events and the answer, cut into chunks that respect neither events nor characters.
  split: (response, id) => {
    const whole = Buffer.from(`${progress.repeat(3)}event: message\ndata: ${result(id, { text: 'grüße €' })}\n\n`);
    events(response);
    let at = 0;
    const next = (): void => {
      if (at >= whole.length) {
        response.end();
        return;
      }
      response.write(whole.subarray(at, at + 37));
      at += 37;
      setTimeout(next, 3);
    };
    next();
  },
  'refuses-truncated': (response) => {
    refuseAndHold(response);
    setTimeout(() => response.destroy(), 50);
  },
  'refuses-stalled': (response) => refuseAndHold(response),
  'late-events': (response) => void setTimeout(() => events(response).write(progress), 500),
  quiet: (response) => events(response).flushHeaders(),
  'resumable-breaks': (response) => {
    events(response).write(`id: 7\n${progress}`);
    setTimeout(() => response.destroy(), 50);
  },
  'json-500': (response) => json(response, '{"message":"at internal-host-7"}', 500),
  'json-404': (response) => json(response, '{"detail":"Not Found"}', 404),
  'delete-fails': (response, id, { method }) =>
    method === 'DELETE' ? void response.writeHead(500).end() : openSession(response, id),
  'delete-breaks': (response, id, { method }) =>
    method === 'DELETE' ? void response.destroy() : openSession(response, id),
  'latin-1': (response, id) =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(Buffer.from(result(id, { text: 'SECRET grüße' }), 'latin1')),
  lenient: (response, id, { headers }, body) => json(response, result(id, leniently(headers['content-type'], body))),
  sized: (response, id, _request, body) => json(response, sizedAnswer(id, body)),
};

const refuseAndHold = (response: ServerResponse): void => {
  response.writeHead(401, { 'content-type': 'application/json', 'content-length': '1000' }).write('{"error":');
};

const openSession = (response: ServerResponse, id: unknown): void =>
  json(response, result(id, { protocolVersion: '2025-11-25', capabilities: {}, serverInfo: { name: 'x' } }));

const idOf = (body: string): unknown => {
  try {
    const message: unknown = JSON.parse(body);
    return typeof message === 'object' && message !== null && 'id' in message ? message.id : null;
  } catch {
    return null;
  }
};

/** One server name per way, and one that is not there. */
export const misbehavingUpstreams = (url: (way: Misbehaviour) => string) => ({
  ...Object.fromEntries(MISBEHAVIOURS.map((way) => [way, { url: url(way) }])),
  // Nobody listens on port 4 (unassigned); fetch refuses better known ones, such as 9, by itself.
  down: { url: 'http://127.0.0.1:4/mcp' },
});

const refusing = (way: Misbehaviour) =>
  [way, { credential: { kind: 'bearer', secret: 'countersign/core-banking' } }] as const;

/** What is configured for them: limits that a test can wait for. */
export const misbehavingServers = (url: (way: Misbehaviour) => string) => {
  const limits = { headersSeconds: 1, idleSeconds: 1, streamSeconds: 5, responseBytes: 4096 };
  return {
    ...Object.fromEntries(MISBEHAVIOURS.map((way) => [way, { limits }])),
    ...Object.fromEntries((['refuses', 'refuses-truncated', 'refuses-stalled'] as const).map(refusing)),
    sized: { limits: { ...limits, responseBytes: 1_000_000 } },
    quiet: { limits, standaloneStream: 'relay' },
    unsecreted: {
      ...{ url: url('echo'), title: 'x', owner: 'x', catalog: null },
      credential: { kind: 'bearer', secret: 'countersign/no-such-secret' },
    },
  };
};

export const startMisbehavingUpstream = async (): Promise<MisbehavingUpstream> => {
  const seen = new Map<string, { headers: IncomingMessage['headers']; body: string }[]>();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString('utf8');
    const way = (request.url ?? '').slice(1) as Misbehaviour;
    seen.set(way, [...(seen.get(way) ?? []), { headers: request.headers, body }]);
    BEHAVIOURS[way](response, idOf(body), request, body);
  });
  const listenAt = deployedEnvironment()?.ports.upstream ?? 0;
  await new Promise<void>((resolve) => server.listen(listenAt, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (way) => `http://127.0.0.1:${port}/${way}`,
    seen: (way) => seen.get(way) ?? [],
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
