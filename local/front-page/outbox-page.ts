// What would have left this machine by mail or to Slack: the text as it would arrive, and its one link to follow.

import { html } from 'hono/html';
import type { Outbox } from '../aws/outbox.ts';
import { page } from './pages.ts';

type Message = ReturnType<Outbox['messages']>[number];

/** Newest first; only the link to this machine's own console can be followed. */
export const outboxPage = (messages: readonly Message[], publicUrl: string): string =>
  page(
    'Outbox',
    html`<h1>Outbox</h1><p class="soft">Nothing is sent from this machine. This is what would have left, newest first. <a href="/">Back</a></p>
${messages.length === 0 ? html`<p class="soft">Nothing yet. A call that policy holds has people told.</p>` : messages.toReversed().map((message) => card(message, publicUrl))}`,
  );

const card = (message: Message, publicUrl: string) => {
  const text = textOf(message);
  const link = linkIn(text, publicUrl);
  return html`<section><h2>${subjectOf(message)}</h2>
<p class="soft">${message.channel === 'email' ? `mail from ${message.from} to ${message.to.join(', ')}` : `Slack, webhook ${message.webhook}`}, ${message.sentAt}</p>
<pre>${text}</pre>${link === undefined ? '' : html`<p><a href="${link}">Open the request</a></p>`}</section>`;
};

const subjectOf = (message: Message): string =>
  message.channel === 'email' ? message.subject : 'Message to a channel';

const textOf = (message: Message): string => {
  if (message.channel === 'email') return message.text ?? message.html ?? message.raw ?? '';
  const { text } = message.payload;
  return typeof text === 'string' ? text : JSON.stringify(message.payload, null, 2);
};

/** The first link of the text to this machine's console, and no other. */
const linkIn = (text: string, publicUrl: string): string | undefined => {
  const start = text.indexOf(`${publicUrl}/console/`);
  return start < 0 ? undefined : /^\S+?(?=[.,;]?(?:\s|$))/.exec(text.slice(start))?.[0];
};
