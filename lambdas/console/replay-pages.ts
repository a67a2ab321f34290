// The pages of recorded sessions: those of a day, and one of them, exchange by exchange.

import { html } from 'hono/html';
import { MAX_REASON } from '../core/ledger/reading-reason.ts';
import type { Session } from '../core/sessions/session.ts';
import type { Row, Timeline } from '../core/sessions/timeline.ts';
import { toTimestamp } from '../core/time.ts';
import { type Frame, type Html, type Page, page, readable } from './frame.ts';
import { exchange, seqOf, whoList } from './replay-parts.ts';

export interface SessionsView {
  readonly frame: Frame;
  /** UTC, `YYYY-MM-DD`. */
  readonly day: string;
  readonly before: string;
  /** `null` on the last day there is. */
  readonly after: string | null;
  readonly sessions: readonly Session[];
}

const clock = (epochSeconds: number): string => toTimestamp(epochSeconds * 1000).slice(11, 19);

export const sessionsPage = ({ frame, day, before, after, sessions }: SessionsView): Page =>
  page(
    200,
    `Sessions of ${day}`,
    frame,
    html`<h1>Sessions of ${day}</h1>
<p><a href="sessions?day=${before}">${before}</a>${after === null ? '' : html` · <a href="sessions?day=${after}">${after}</a>`} <span class="soft">(days of UTC)</span></p>
<section><h2>Recorded</h2>${sessions.length === 0 ? html`<p class="soft">None.</p>` : sessionTable(sessions)}</section>`,
  );

const sessionTable = (sessions: readonly Session[]): Html =>
  html`<div class="scroll"><table><thead><tr><th scope="col">Opened</th><th scope="col">Last seen</th><th scope="col">Who</th><th scope="col">Server</th><th scope="col" class="num">Exchanges</th><th scope="col">Status</th><th scope="col">Session</th></tr></thead>
<tbody>${sessions.map(
    (session) =>
      html`<tr><td>${clock(session.openedAt)}</td><td>${clock(session.lastSeenAt)}</td><td>${session.subject}</td><td>${session.server}</td>
<td class="num">${session.seq}</td><td>${session.status}</td><td><a href="sessions/${session.sid}"><code>${session.sid}</code></a></td></tr>`,
  )}</tbody></table></div>`;

export interface ReplayView {
  readonly frame: Frame;
  readonly sid: string;
  /** Rows of this page only. */
  readonly timeline: Timeline;
  /** Numbers of the first exchange of this page and of the last one of the session. */
  readonly from: number;
  readonly last: number;
  readonly perPage: number;
  /** Entries that are not what their hash says. */
  readonly damaged: number;
  /** Whether the viewer may have the original opened. */
  readonly raw:
    | { readonly may: 'no' }
    /** After a newer sign-in. */
    | { readonly may: 'sign_in_again' }
    | { readonly may: 'yes'; readonly token: string };
}

export const replayPage = (view: ReplayView): Page => {
  const { frame, sid, timeline, damaged, raw } = view;
  return page(
    200,
    'Session',
    frame,
    html`<p><a href="sessions">Sessions</a></p><h1>Session</h1><p><code>${sid}</code></p>
${damaged === 0 ? '' : html`<p class="note" role="alert">${damaged} entries of this page are not what their hash says. Verify the sealed log.</p>`}
${raw.may === 'sign_in_again' ? html`<p class="note">To have the original opened, sign in anew: <a href="sign-in?anew=1&amp;return=/console/sessions/${sid}">sign in again</a>.</p>` : ''}
<section><h2>Who</h2>${whoList(timeline.open)}</section>
<section><h2>Exchanges</h2>${timeline.rows.map((row) => exchange(row, rawForm(view, row)))}${pager(view)}</section>
<p class="soft">Values are masked by the rules of the configuration; the original is kept encrypted, and opening it takes a grant of its own and stands on record. This is the write-ahead table, for quick reading; the evidence is the sealed log (<code>countersign export</code>, <code>countersign verify</code>).</p>`,
  );
};

const pager = ({ sid, from, last, perPage }: ReplayView): Html | '' => {
  if (last <= perPage) return '';
  const link = (first: number, text: string) => html`<a href="sessions/${sid}?from=${first}">${text}</a>`;
  return html`<p>${from > 1 ? link(Math.max(1, from - perPage), 'Earlier') : ''} ${from + perPage <= last ? link(from + perPage, 'Later') : ''} <span class="soft">of ${last} exchanges</span></p>`;
};

const rawForm = ({ raw, sid }: ReplayView, row: Row): Html | '' => {
  if (raw.may !== 'yes' || row.kind === 'missing') return '';
  const seq = seqOf(row);
  return html`<details><summary>Open the original of ${seq}</summary><form method="post" action="sessions/${sid}/raw"><input type="hidden" name="token" value="${raw.token}"><input type="hidden" name="seq" value="${seq}">
<label for="reason-${seq}">Why <span class="soft">(stands in the log for good; no customer data)</span></label><input id="reason-${seq}" name="reason" type="text" required minlength="3" maxlength="${MAX_REASON}" autocomplete="off" placeholder="case 2026-114, disputed transfer">
<div class="choices"><button class="no">Open it, on record</button></div></form></details>`;
};

export interface RawView {
  readonly frame: Frame;
  readonly sid: string;
  readonly seq: number;
  readonly reason: string;
  /** Id of the entry that says so. */
  readonly entry: string;
  readonly bodies: readonly RawBody[];
}

export interface RawBody {
  readonly title: string;
  /** Size of the whole, in bytes. */
  readonly bytes: number;
  /** As recorded, and how many characters of it are left out here; or why it cannot be shown. */
  readonly seen: { readonly text: string; readonly left: number } | { readonly fault: string };
}

export const rawPage = ({ frame, sid, seq, reason, entry, bodies }: RawView): Page =>
  page(
    200,
    'As it was recorded',
    frame,
    html`<p><a href="sessions/${sid}">Session</a></p><h1>Exchange ${seq}, as it was recorded</h1>
<p class="note">Unmasked. That you opened it stands in the log as <code>content.opened</code> <code>${entry}</code>: ${reason}</p>
${bodies.length === 0 ? html`<section><p class="soft">This exchange has no recorded content.</p></section>` : bodies.map(rawSection)}`,
  );

const rawSection = ({ title, bytes, seen }: RawBody): Html => {
  if ('fault' in seen) return html`<section><h2>${title}</h2><p class="bad">${seen.fault}</p></section>`;
  return html`<section><h2>${title}</h2><p class="soft"><span class="good">Exactly what the log commits to</span>, ${bytes} bytes${seen.left === 0 ? '' : `; ${seen.left} more characters are not shown here`}</p>
<pre>${readable(seen.text)}</pre></section>`;
};
