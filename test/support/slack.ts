// Where a deployment on this machine posts what is meant for Slack; the laptop's loopback AWS has the same built in.

import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { memoryFiles } from '../../local/aws/files.ts';
import { openOutbox } from '../../local/aws/outbox.ts';
import { SLACK_PATH, slackWebhook } from '../../local/aws/outbox-http.ts';

export interface Slack {
  /** Everything posted since the start, as text. */
  posted(): string;
  close(): Promise<void>;
}

/** What the secret of a channel holds. */
export const webhookUrl = (port: number, channel: string): string => `http://127.0.0.1:${port}${SLACK_PATH}${channel}`;

export const startSlack = async (port: number): Promise<Slack> => {
  const outbox = openOutbox(memoryFiles(), Date.now);
  const server = createServer(async (request, response) => {
    const { method = 'GET', url: path = '/' } = request;
    const { status, headers, body } = slackWebhook(outbox, { method, path, body: await buffer(request) });
    response.writeHead(status, headers).end(body);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return {
    posted: () => JSON.stringify(outbox.messages()),
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
};
