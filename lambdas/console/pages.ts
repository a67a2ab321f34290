// The pages of the console. No script and no inline style; `html` escapes every value. What a page shows is text that an
// agent or a server wrote: it is never a link, and never anything but text.

import { html } from 'hono/html';
import { type Approval, askedGroups } from '../core/approvals/approval.ts';
import { bindingHash } from '../core/approvals/exact-call.ts';
import { missingOf } from '../core/approvals/quorum.ts';
import type { JsonObject } from '../core/mcp/json.ts';
import { type Frame, type Html, type Page, page, readable } from './frame.ts';
import { glassBadge, glassNote, reviewForm, reviewGiven } from './review-parts.ts';
import { minutes, when } from './words.ts';

const STATES: Readonly<Record<Approval['state'], string>> = {
  pending: 'Waiting for a decision',
  approved: 'Approved, not used yet',
  denied: 'Denied',
  withdrawn: 'Withdrawn',
  expired: 'Expired',
  used: 'Approved and used',
};

const stateBadge = ({ state, glass }: Approval): Html => {
  if (glass !== null) return glassBadge(glass);
  const tone = state === 'approved' || state === 'used' ? 'good' : state === 'denied' ? 'bad' : '';
  return html`<span class="state ${tone}">${STATES[state]}</span>`;
};

const requesterOf = ({ requester }: Approval): string => requester.name ?? requester.subject;

export interface InboxView {
  readonly frame: Frame;
  readonly now: number;
  /** Calls for which the glass was broken, and which this person is asked to look at. */
  readonly toReview: readonly Approval[];
  readonly toDecide: readonly Approval[];
  readonly mine: readonly Approval[];
  readonly past: readonly Approval[];
}

export const inboxPage = ({ frame, now, toReview, toDecide, mine, past }: InboxView): Page =>
  page(
    200,
    'Approvals',
    frame,
    html`<h1>Approvals</h1>
${toReview.length === 0 ? '' : html`<section><h2>Glass was broken: for you to review</h2>${list(toReview, now, '')}</section>`}
<section><h2>For you to decide</h2>${list(toDecide, now, 'Nothing waits for you.')}</section>
<section><h2>Your own requests</h2>${list(mine, now, 'You have asked for nothing.')}</section>
<section><h2>Decided before</h2>${list(past, now, 'Nothing yet.')}</section>`,
  );

const list = (approvals: readonly Approval[], now: number, none: string): Html =>
  approvals.length === 0
    ? html`<p class="soft">${none}</p>`
    : html`<div class="scroll"><table><thead><tr><th scope="col">What</th><th scope="col">Who</th><th scope="col">State</th><th scope="col">Asked</th></tr></thead>
<tbody>${approvals.map(
        (
          approval,
        ) => html`<tr><td><a href="approvals/${approval.id}">${approval.binding.tool}</a><br><span class="soft">${approval.binding.server}</span></td>
<td>${requesterOf(approval)}</td><td>${stateBadge(approval)}${approval.state === 'pending' ? html`<br><span class="soft">${minutes(approval.deadlineAt - now)} left</span>` : ''}</td><td>${when(approval.requestedAt)}</td></tr>`,
      )}</tbody></table></div>`;

export interface RequestView {
  readonly frame: Frame;
  readonly now: number;
  readonly approval: Approval;
  readonly serverTitle: string;
  /** What will run, as it was sent. */
  readonly raw: string;
  /** Why, in the requester's own words. */
  readonly reason: string | null;
  readonly arguments: unknown;
  /** The tool as its server listed it when people were asked; `null` when it listed none of that name. */
  readonly tool: JsonObject | null;
  /** `sha256:` of the definition in the repository; `null` where nobody reviewed it. */
  readonly reviewed: string | null;
  readonly policies: readonly { readonly id: string; readonly text: string }[];
  /** What the viewer may do, and why not more. */
  readonly may: {
    readonly decide: boolean;
    readonly review: boolean;
    readonly withdraw: boolean;
    readonly whyNot: string | null;
    readonly signInAgain: boolean;
  };
  readonly token: string;
  /** What was wrong with the last try. */
  readonly fault: string | null;
}

export const requestPage = (view: RequestView): Page => {
  const { frame, approval, now, serverTitle } = view;
  const { binding, terms } = approval;
  const missing = missingOf(terms.approvers, approval.approvals, approval.escalated ? terms.escalate : []);
  return page(
    view.fault === null ? 200 : 409,
    `${binding.tool} for ${requesterOf(approval)}`,
    frame,
    html`<h1>${requesterOf(approval)} ${approval.glass === null ? 'asks for' : 'broke the glass for'} ${binding.tool}</h1>
<p>${stateBadge(approval)} ${approval.state === 'pending' ? html`<span class="soft">${minutes(approval.deadlineAt - now)} left, until ${when(approval.deadlineAt)}</span>` : ''}</p>
${view.fault === null ? '' : html`<p class="note" role="alert">${view.fault}</p>`}
${approval.glass === null ? '' : glassNote(approval)}
<section><h2>${approval.glass === null ? 'What will run, exactly' : 'What ran, exactly'}</h2>${argumentList(view.arguments)}
<details><summary>As it was sent</summary><pre>${readable(view.raw)}</pre></details>
<p class="soft">${scopeOf(approval)}<br>${approval.glass === null ? 'Approved' : 'Reviewed'} is <code>sha256:${bindingHash(binding)}</code></p></section>
<section><h2>Who and why</h2><dl>
<dt>Requester</dt><dd>${requesterOf(approval)} <span class="soft">(${approval.requester.subject})</span></dd>
<dt>Client</dt><dd>${binding.client}</dd>
<dt>Server</dt><dd>${serverTitle} <span class="soft">(${binding.server})</span></dd>
<dt>Reason</dt><dd>${view.reason === null ? html`<span class="soft">none was given</span>` : readable(view.reason)}</dd>
<dt>Asked</dt><dd>${when(approval.requestedAt)}</dd>
<dt>${approval.glass === null ? 'Must agree' : 'Should have agreed'}</dt><dd>${terms.approvers.map(({ groups, quorum }) => `${quorum} of ${groups.join(' or ')}`).join('; ')}${missing.length > 0 && approval.state === 'pending' ? html`<br><span class="soft">still missing: ${missing.map(({ groups, people }) => `${people} of ${groups.join(' or ')}`).join('; ')}</span>` : ''}</dd>
<dt>Asked groups</dt><dd>${askedGroups(approval).join(', ')}</dd></dl></section>
${toolSection(view)}
${decisions(approval)}${reviewGiven(approval)}
<section><h2>Policy that holds it</h2>${view.policies.map(({ id, text }) => html`<details><summary>${id}</summary><pre>${text}</pre></details>`)}</section>
${actions(view)}`,
  );
};

const scopeOf = ({ terms: { windowSeconds }, glass }: Approval): string => {
  if (glass !== null) return 'It was let through once.';
  return windowSeconds === null
    ? 'It runs once. Any other argument is another request.'
    : `Approval lets every call of this tool by this person and client through for ${minutes(windowSeconds * 1000)}, with any arguments.`;
};

const toolSection = ({ approval: { binding, glass }, tool, reviewed }: RequestView): Html =>
  html`<section><h2>The tool, as its server describes it</h2>${
    tool === null
      ? html`<p class="note">The server lists no tool of this name.</p>`
      : html`<p>${readable(tool['description'] ?? 'without a description')}</p>
<details><summary>Definition</summary><pre>${readable(tool)}</pre></details>`
  }<p class="${binding.definition === reviewed ? 'soft' : 'note'}">${reviewOf(binding.definition, reviewed)} ${changeOf(glass)}</p></section>`;

const changeOf = (glass: Approval['glass']): string =>
  glass === null ? 'If the server changes it before the call is made, the approval is void.' : '';

const reviewOf = (definition: string | null, reviewed: string | null): string => {
  if (reviewed === null) return 'Nobody has reviewed this definition: the bank keeps no catalogue of this server.';
  return definition === reviewed
    ? 'It is the definition that the bank has reviewed.'
    : 'It is NOT the definition that the bank has reviewed: it has changed since.';
};

const argumentList = (value: unknown): Html =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && Object.keys(value).length > 0
    ? html`<dl>${Object.entries(value).map(([name, item]) => html`<dt>${name}</dt><dd><code>${readable(item)}</code></dd>`)}</dl>`
    : html`<pre>${readable(value)}</pre>`;

const decisions = ({ approvals, ending, state }: Approval): Html =>
  approvals.length === 0 && ending === null
    ? html``
    : html`<section><h2>Decisions</h2><dl>${approvals.map(({ name, subject, at }) => html`<dt class="good">Approved</dt><dd>${name ?? subject}, ${when(at)}</dd>`)}
${ending === null ? '' : html`<dt class="bad">${STATES[state]}</dt><dd>${ending.name ?? ending.subject}, ${when(ending.at)}${ending.reason === null ? '' : html`<br>${ending.reason}`}</dd>`}</dl></section>`;

const actions = ({ may, token, approval }: RequestView): Html => {
  const path = `approvals/${approval.id}`;
  const hidden = html`<input type="hidden" name="token" value="${token}"><input type="hidden" name="version" value="${approval.version}">`;
  if (may.review) return reviewForm(path, hidden);
  if (may.decide) {
    return html`<section><h2>Your decision</h2><form method="post" action="${path}">${hidden}
<label for="reason">Reason <span class="soft">(needed to deny)</span></label><textarea id="reason" name="reason" maxlength="2000"></textarea>
<div class="choices"><button class="yes" name="verdict" value="approve">Approve this call</button><button class="no" name="verdict" value="deny">Deny</button></div></form></section>`;
  }
  const again = may.signInAgain
    ? html`<p><a class="button" href="sign-in?anew=1&amp;return=/console/${path}">Sign in again to decide</a></p>`
    : '';
  const withdraw = may.withdraw
    ? html`<form method="post" action="${path}">${hidden}<button class="no" name="verdict" value="withdraw">Withdraw the request</button></form>`
    : '';
  return may.whyNot === null && !may.withdraw
    ? html``
    : html`<section><h2>Your part</h2>${may.whyNot === null ? '' : html`<p>${may.whyNot}</p>`}${again}${withdraw}</section>`;
};
