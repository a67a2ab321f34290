// The laptop's console: a read-only view of what runs and what was recorded, for whoever started it. It is not part of
// the product; the deployed console has a sign-in of its own.

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeRecordsReader, type RecordsReader } from '../../lambdas/adapters/dynamo-reader.ts';
import type { Entry } from '../../lambdas/core/ledger/entry.ts';
import { parseEntry } from '../../lambdas/core/ledger/parse-entry.ts';
import { timelineOf } from '../../lambdas/core/sessions/timeline.ts';
import type { Stack } from '../stack.ts';
import { outboxPage } from './outbox-page.ts';
import { CONTENT_SECURITY_POLICY, homePage, sessionPage } from './pages.ts';

export interface FrontPage {
  readonly url: string;
  close(): Promise<void>;
}

export const startFrontPage = async (stack: Stack, port: number): Promise<FrontPage> => {
  const tables = { ledger: stack.resources.ledgerTable, sessions: stack.resources.sessionsTable };
  const reader = makeRecordsReader(new DynamoDBClient(), tables);
  const server = createServer((request, response) => {
    const { port: own } = server.address() as AddressInfo;
    // Only under its own name: a page whose DNS name was rebound to 127.0.0.1 must not read recordings.
    if (![`127.0.0.1:${own}`, `localhost:${own}`].includes(request.headers.host ?? ''))
      return send(response, 421, 'Wrong host');
    render(stack, reader, request.url ?? '/').then(
      (page) => (page === undefined ? send(response, 404, 'Not found') : send(response, 200, page)),
      () => send(response, 500, 'The recordings could not be read'),
    );
  });
  server.listen(port, '127.0.0.1');
  await new Promise<void>((resolve, reject) => server.once('listening', resolve).once('error', reject));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};

const send = (response: ServerResponse, status: number, body: string): void => {
  response.writeHead(status, {
    'content-type': status === 200 ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8',
    'content-security-policy': CONTENT_SECURITY_POLICY,
    'x-content-type-options': 'nosniff',
    'cache-control': 'no-store',
  });
  response.end(body);
};

const entriesOf = (lines: readonly { line: string; leaf: string }[]): readonly Entry[] =>
  lines.flatMap(({ line, leaf }) => {
    const entry = parseEntry(line, leaf);
    return entry.ok ? [entry.value] : [];
  });

const render = async (stack: Stack, reader: RecordsReader, path: string): Promise<string | undefined> => {
  if (path === '/') {
    const day = new Date().toISOString().slice(0, 10);
    const [sessions, lines] = await Promise.all([reader.listSessions(day), reader.loadDay(day)]);
    const denials = entriesOf(lines).filter((entry) => entry.type === 'auth.denied' || entry.type === 'call.denied');
    const { config, url, publicUrl } = stack;
    return homePage({ config, url, consoleUrl: `${publicUrl}/console`, day, sessions, denials });
  }
  if (path === '/outbox') return outboxPage(stack.aws.outbox.messages(), stack.publicUrl);
  const sid = /^\/sessions\/([0-9a-f-]{36})$/.exec(path)?.[1];
  if (sid === undefined) return undefined;
  const [session, lines] = await Promise.all([reader.findSession(sid), reader.loadEntries(sid)]);
  return session === undefined
    ? undefined
    : sessionPage(sid, timelineOf(entriesOf(lines), session.seq), `${stack.publicUrl}/console`);
};
