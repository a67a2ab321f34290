// What pages show of a recorded session: who, and one exchange after the other, with what is not known said as plainly as
// what is. Values in their masked form only. The laptop's page is made of the same parts.

import { html } from 'hono/html';
import type { MaskRecord, OpenedSession } from '../core/ledger/entry.ts';
import { maskCounts } from '../core/sessions/mask-counts.ts';
import type { Row } from '../core/sessions/timeline.ts';
import { type Html, readable } from './frame.ts';

export const whoList = (open: OpenedSession | null): Html => {
  if (open === null) return html`<p class="bad">The entry that opened this session is missing.</p>`;
  const { actor, server, era, ts, clientInfo } = open;
  const told = clientInfo === null ? '' : `, calls itself ${readable(`${clientInfo.name} ${clientInfo.version}`)}`;
  return html`<dl><dt>Person</dt><dd>${actor.name ?? actor.sub} (${actor.kind}), <code>${actor.sub}</code> at <code>${actor.iss}</code></dd>
<dt>Groups</dt><dd>${actor.groups.join(', ')}</dd>
<dt>Client</dt><dd><code>${actor.client}</code>${told}</dd>
<dt>Server</dt><dd>${server} (${era} era)</dd><dt>Opened</dt><dd>${ts}</dd></dl>`;
};

export const seqOf = (row: Row): number => ('intent' in row ? Number(row.intent.seq) : row.seq);

/** One exchange; `more` stands below what it shows. */
export const exchange = (row: Row, more: Html | ''): Html => {
  const seq = seqOf(row);
  if (row.kind === 'missing')
    return article(seq, html`<p class="bad">Counted, and ${row.recorded ? GAP : NOTHING}</p>`);
  if (row.kind === 'orphaned') return article(seq, html`<p class="bad">${ORPHANED}</p>${more}`);
  const { call, args, ts, decision } = row.intent;
  return article(
    seq,
    html`<h3>${call.method ?? call.kind} <strong>${readable(call.subject ?? '')}</strong></h3>
<p class="soft">${ts.slice(11, 23)} · ${decision.effect} by ${decision.reasons.join(', ')}<br>${row.kind === 'complete' ? outcomeOf(row) : UNKNOWN}</p>
${detail('Sent', args?.masked)}${row.kind === 'complete' ? html`${detail('Answered', row.outcome.result.masked)}${proofOf(row)}` : ''}${more}`,
  );
};

const article = (seq: number, content: Html): Html =>
  html`<article><span class="seq">${seq}</span><div>${content}</div></article>`;

const GAP = 'recorded as a gap: no call went out under this number';
const NOTHING = 'nothing is recorded under this number';
const ORPHANED = 'An outcome whose intent is gone: the record of this call is not whole';
const UNKNOWN = html`<span class="bad">Unknown: it may have run</span>`;

const detail = (title: string, value: unknown): Html | '' =>
  value === null || value === undefined
    ? ''
    : html`<details><summary>${title}</summary><pre>${readable(withoutMeta(value))}</pre></details>`;

/** `_meta` says more of the protocol than of the call. The entry has it. */
const withoutMeta = (value: unknown): unknown => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== '_meta'));
};

type Complete = Extract<Row, { kind: 'complete' }>;

const outcomeOf = (row: Complete): Html => {
  const { outcome } = row;
  const masked = [...maskCounts(row)].map(([what, n]) => `${n} by ${what}`).join(', ');
  const { status, bytes, complete } = outcome.result;
  const fine = complete && (status === 'result' || status === 'accepted' || status === 'stream');
  return html`<span class="${fine ? 'good' : 'bad'}">${status}${complete ? '' : ', incomplete'}</span>, ${bytes} bytes, ${outcome.ms} ms${masked === '' ? '' : html`<br>masked: ${masked}`}`;
};

/** What the entry proves: where which rule removed how much, and the commitments to what it removed. */
const proofOf = ({ segments, outcome }: Complete): Html | '' => {
  const masks = [...segments, outcome.result].flatMap(({ mask }) => (mask === undefined ? [] : [mask]));
  const values = masks.flatMap((mask) => mask.values);
  if (values.length === 0) return '';
  const left = masks.reduce((sum, { omitted }) => sum + Number(omitted), 0);
  return html`<details><summary>Proof of what was masked</summary>
<div class="scroll"><table><thead><tr><th scope="col">Place</th><th scope="col">Rule</th><th scope="col" class="num">Values</th><th scope="col">Commitment (keyed)</th></tr></thead>
<tbody>${values.map(proofRow)}</tbody></table></div>${left === 0 ? '' : html`<p class="soft">${left} more are committed to together.</p>`}</details>`;
};

const proofRow = ({ path, rule, shown, n, commits }: MaskRecord['values'][number]): Html =>
  html`<tr><td><code>${readable(path)}</code></td><td>${rule}${shown === null ? '' : html`<br><span class="bad">shown by ${shown}</span>`}</td>
<td class="num">${n}</td><td><code>${commits.map((commit) => `${commit.slice(0, 15)}…`).join(' ')}${commits.length === 0 ? 'none: no room' : ''}</code></td></tr>`;
