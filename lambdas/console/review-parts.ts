// What the pages say of a call for which the glass was broken, and the form of its review.

import { html } from 'hono/html';
import type { Approval, BrokenGlass, ReviewVerdict } from '../core/approvals/approval.ts';
import { when } from './words.ts';

type Html = ReturnType<typeof html>;

const VERDICTS: Readonly<Record<ReviewVerdict, string>> = {
  justified: 'Glass broken, justified',
  unjustified: 'Glass broken, NOT justified',
};

export const glassBadge = ({ review, overdue }: BrokenGlass): Html => {
  if (review !== null) {
    return html`<span class="state ${review.verdict === 'justified' ? 'good' : 'bad'}">${VERDICTS[review.verdict]}</span>`;
  }
  return html`<span class="state bad">Glass broken, ${overdue ? 'not reviewed in time' : 'not reviewed yet'}</span>`;
};

export const glassNote = ({ glass, requestedAt, deadlineAt }: Approval): Html =>
  html`<p class="note">This call was let through on ${when(requestedAt)}, before anybody agreed.${
    glass?.review === null ? ` Somebody else must review it until ${when(deadlineAt)}.` : ''
  }</p>`;

export const reviewGiven = ({ glass }: Approval): Html => {
  const review = glass?.review ?? null;
  if (review === null) return html``;
  const { verdict, name, subject, at, reason } = review;
  return html`<section><h2>Review</h2><dl><dt class="${verdict === 'justified' ? 'good' : 'bad'}">${verdict === 'justified' ? 'Justified' : 'Not justified'}</dt>
<dd>${name ?? subject}, ${when(at)}${glass?.overdue === true ? ', after the time for it' : ''}${reason === null ? '' : html`<br>${reason}`}</dd></dl></section>`;
};

export const reviewForm = (path: string, hidden: Html): Html =>
  html`<section><h2>Your review</h2><form method="post" action="${path}">${hidden}
<label for="reason">What you found <span class="soft">(needed if it was not justified)</span></label><textarea id="reason" name="reason" maxlength="2000"></textarea>
<div class="choices"><button class="yes" name="verdict" value="justified">It was justified</button><button class="no" name="verdict" value="unjustified">It was not justified</button></div></form></section>`;
