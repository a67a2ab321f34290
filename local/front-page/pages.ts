// The pages of the laptop's console: what runs, how to connect, what was recorded. No script; `html` escapes every value.

import { createHash } from 'node:crypto';
import { html, raw } from 'hono/html';
import { exchange, whoList } from '../../lambdas/console/replay-parts.ts';
import type { AuthDenial, Denial } from '../../lambdas/core/ledger/entry.ts';
import type { Session } from '../../lambdas/core/sessions/session.ts';
import type { Timeline } from '../../lambdas/core/sessions/timeline.ts';
import type { GatewayConfig } from '../../lambdas/gateway-config.ts';
import { connectLines } from '../connect-lines.ts';
import { PEOPLE } from '../idp/people.ts';
import { STYLE } from './style.ts';

const styleHash = createHash('sha256').update(STYLE).digest('base64');
export const CONTENT_SECURITY_POLICY = `default-src 'none'; img-src data:; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

type Html = ReturnType<typeof html>;

/** A whole page; `content` is escaped. */
export const page = (title: string, content: Html): string =>
  String(html`<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>${title} · Countersign on this machine</title><style>${raw(STYLE)}</style></head><body>
<p class="banner"><strong>Development.</strong> Everything here runs on 127.0.0.1; evidence made here proves nothing elsewhere.</p>
<main>${content}</main></body></html>`);

export interface Home {
  readonly config: GatewayConfig;
  readonly url: (server: string) => string;
  /** Where people decide about held calls. */
  readonly consoleUrl: string;
  readonly day: string;
  readonly sessions: readonly Session[];
  readonly denials: readonly (Denial | AuthDenial)[];
}

export const homePage = ({ config, url, consoleUrl, day, sessions, denials }: Home): string =>
  page(
    'Console',
    html`<h1>Countersign</h1><p class="soft">MCP gateway and evidence, on this machine</p>
<section><h2>Servers behind the gateway</h2><table><thead><tr><th>Server</th><th>Endpoint</th><th>Owner</th></tr></thead>
<tbody>${Object.entries(config.servers).map(
      ([name, server]) =>
        html`<tr><td>${server.title}<br><span class="soft">${name}</span></td><td><code>${url(name)}</code></td><td>${server.owner}</td></tr>`,
    )}</tbody></table></section>
<section><h2>Connect a client</h2><p>Paste one line; the client then opens the development sign-in by itself.</p>
${connectLines('core-banking', url('core-banking')).map(({ client, text }) => html`<div>${client}</div><pre>${text}</pre>`)}</section>
<section><h2>Calls that wait for people</h2><p><a href="/outbox">Outbox</a>: the messages to approvers. <a href="${consoleUrl}">Console</a>: sign in as one of the people below and decide, or see sessions as an auditor does.</p></section>
<section><h2>Sessions of ${day} (UTC)</h2>${sessionTable(sessions)}</section>
<section><h2>Refused requests of ${day} (UTC)</h2>${denialTable(denials)}</section>
<section><h2>People of the development sign-in</h2><table><thead><tr><th>Sign in as</th><th>Name</th><th>Groups</th></tr></thead>
<tbody>${PEOPLE.map(({ id, name, groups }) => html`<tr><td><code>${id}</code></td><td>${name}</td><td>${groups.join(', ')}</td></tr>`)}</tbody></table></section>`,
  );

const time = (epochSeconds: number): string => new Date(epochSeconds * 1000).toISOString().slice(11, 19);

const sessionTable = (sessions: readonly Session[]): Html =>
  sessions.length === 0
    ? html`<p class="soft">None yet. Connect a client, or run <code>npm run demo</code>.</p>`
    : html`<table><thead><tr><th>Opened</th><th>Last seen</th><th>Who</th><th>Server</th><th class="num">Exchanges</th><th>Status</th><th>Session</th></tr></thead>
<tbody>${sessions.map(
        (session) =>
          html`<tr><td>${time(session.openedAt)}</td><td>${time(session.lastSeenAt)}</td><td>${session.subject}</td><td>${session.server}</td>
<td class="num">${session.seq}</td><td>${session.status}</td><td><a href="/sessions/${session.sid}"><code>${session.sid}</code></a></td></tr>`,
      )}</tbody></table>`;

const denialTable = (denials: readonly (Denial | AuthDenial)[]): Html =>
  denials.length === 0
    ? html`<p class="soft">None.</p>`
    : html`<table><thead><tr><th>Time</th><th>Who</th><th>Server</th><th>Answer</th><th>Reason</th></tr></thead>
<tbody>${denials.map(
        (denial) =>
          html`<tr><td>${denial.ts.slice(11, 19)}</td><td>${denial.type === 'call.denied' ? denial.actor.sub : 'nobody verified'}</td>
<td>${denial.server ?? ''}</td><td>${denial.sent}</td><td>${denial.denial.reason}</td></tr>`,
      )}</tbody></table>`;

export const sessionPage = (sid: string, timeline: Timeline, consoleUrl: string): string =>
  page(
    'Session',
    html`<p><a href="/">Console</a></p><h1>Session</h1><p><code>${sid}</code></p>
<section><h2>Who</h2>${whoList(timeline.open)}</section>
<section><h2>Exchanges</h2>${timeline.rows.map((row) => exchange(row, ''))}</section>
<p class="soft">Values are masked by the rules of the configuration; the original is kept encrypted, and opening it is on record (<code>countersign keys unwrap</code>, or the <a href="${consoleUrl}/sessions/${sid}">console</a> for records officers). This is the write-ahead table, for quick reading; the evidence is the sealed log (<code>countersign export</code>, <code>countersign verify</code>).</p>`,
  );
