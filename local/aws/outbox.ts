// Everything that would have left by mail or to Slack, kept to be looked at. It is never sent anywhere.

import { randomUUID } from 'node:crypto';
import type { Files } from './files.ts';

interface EmailMessage {
  readonly channel: 'email';
  readonly id: string;
  /** ISO 8601. */
  readonly sentAt: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  readonly text: string | null;
  readonly html: string | null;
  /** MIME message of a Raw send, as base64. */
  readonly raw: string | null;
}

interface SlackMessage {
  readonly channel: 'slack';
  readonly id: string;
  /** ISO 8601. */
  readonly sentAt: string;
  /** The webhook's name: the part of the path after /slack/. */
  readonly webhook: string;
  readonly payload: Readonly<Record<string, unknown>>;
}

type OutboxMessage = EmailMessage | SlackMessage;
type Unsent<M extends OutboxMessage> = M extends OutboxMessage ? Omit<M, 'id' | 'sentAt'> : never;

export interface Outbox {
  /** All messages, oldest first. */
  messages(): readonly OutboxMessage[];
  /** Calls the listener with every message from now on. */
  onMessage(listener: (message: OutboxMessage) => void): () => void;
  add(message: Unsent<OutboxMessage>): OutboxMessage;
}

const FOLDER = 'outbox';

export const openOutbox = (files: Files, now: () => number): Outbox => {
  const messages = files.list(FOLDER).map((path) => JSON.parse(files.read(path).toString('utf8')) as OutboxMessage);
  const listeners = new Set<(message: OutboxMessage) => void>();
  return {
    messages: () => messages,
    onMessage: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    add: (unsent) => {
      const message: OutboxMessage = { ...unsent, id: randomUUID(), sentAt: new Date(now()).toISOString() };
      // Numbered names: the listing of the folder is the order of sending.
      files.write(`${FOLDER}/${String(messages.length + 1).padStart(8, '0')}.json`, JSON.stringify(message));
      messages.push(message);
      for (const listener of listeners) listener(message);
      return message;
    },
  };
};
