// Slack's incoming webhooks. The URL is a secret: whoever has it can post.

import type { Message } from '../core/approvals/message.ts';
import { slackPayload } from '../core/approvals/message.ts';

class SlackError extends Error {
  readonly code = 'SLACK_REFUSED';
}

export type SendSlack = (webhook: string, message: Message) => Promise<void>;

const TIMEOUT_MS = 5000;
const LOOPBACK = new Set(['127.0.0.1', 'localhost', '[::1]']);

export const sendSlack: SendSlack = async (webhook, message) => {
  if (!isSafe(webhook)) throw new SlackError('The secret is no https URL of a webhook');
  const response = await fetch(webhook, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(slackPayload(message)),
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new SlackError(`Slack answered ${response.status}`);
};

const isSafe = (webhook: string): boolean => {
  if (!URL.canParse(webhook)) return false;
  const { protocol, hostname } = new URL(webhook);
  return protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));
};
