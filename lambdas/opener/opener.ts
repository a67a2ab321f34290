// Shows one exchange of a session as it was recorded, unmasked. The only function of the stack that can open content, and
// deployed only where the configuration says who may have it opened.
//
//     form of this console? ──> grant, newer sign-in, reason? ──> entry (durable) ──> KMS ──> page
//
// Evidence before effect: that somebody opened it is on record before a key is asked for.

import type { StoredLine } from '../adapters/dynamo-reader.ts';
import { messagePage } from '../console/frame.ts';
import { type RawBody, rawPage } from '../console/replay-pages.ts';
import type { ConsoleSession } from '../console/session.ts';
import {
  type ConsoleReply,
  type ConsoleRequest,
  foreignForm,
  frameOf,
  type Site,
  show,
  siteOf,
  toSignIn,
  visitOf,
} from '../console/site.ts';
import { actorOf, stampOf } from '../console/stamp.ts';
import type { ContentOpened, Entry } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { parseEntry } from '../core/ledger/parse-entry.ts';
import { MAX_REASON } from '../core/ledger/reading-reason.ts';
import { type RecordedBody, recordedBodies } from '../core/sessions/recorded-bodies.ts';
import { grantRaw, type RawFault } from '../core/sessions/replay-grant.ts';
import { type OpenedBody, openBodies } from './open-bodies.ts';
import type { OpenerPorts } from './ports.ts';

/** Parts of one answer on a page; what comes after them is for the CLI. */
const MAX_BODIES = 64;
/** Characters of one page: an answer of API Gateway holds 6 MB, and HTML writes some characters with five. */
const MAX_SHOWN = 500_000;

const SID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const SEQ = /^[1-9]\d{0,8}$/;

export const makeOpener =
  (ports: OpenerPorts) =>
  async (request: ConsoleRequest): Promise<ConsoleReply> => {
    const site = siteOf(ports, request);
    const visit = await visitOf(site);
    if (visit.session === undefined) return visit.why === 'stranger' ? toSignIn(site) : foreignForm(site, visit.by);
    return answer(site, visit.session);
  };

const answer = (site: Site<OpenerPorts>, reader: ConsoleSession): ConsoleReply | Promise<ConsoleReply> => {
  const { ports, request } = site;
  const { replay } = ports.config.console;
  const granted = grantRaw(replay, reader, request.form.get('reason') ?? '', ports.clock.now());
  if (!granted.ok) return refuse(site, reader, granted.error);
  const [sid, seq] = [request.session ?? '', request.form.get('seq') ?? ''];
  if (!SID.test(sid) || !SEQ.test(seq)) return message(site, reader, 400, 'No such exchange', NO_EXCHANGE);
  return open(site, reader, { sid, seq: Number(seq), reason: granted.value });
};

const FAULTS: Readonly<Record<RawFault['reason'], string>> = {
  not_a_person: 'Only people have content opened: this sign-in belongs to a service.',
  not_granted: 'You are in none of the groups that may have content opened. Nothing was opened.',
  sign_in_too_old:
    'Opening content takes a fresh sign-in. Go back to the session and sign in again. Nothing was opened.',
  reason_missing: 'Say why, for the record: three characters at least, such as a case number. Nothing was opened.',
  reason_unfit: `The reason must be one line of plain text of at most ${MAX_REASON} characters. Nothing was opened.`,
};

const NO_EXCHANGE = 'Open one from the page of its session.';

const message = (
  site: Site<OpenerPorts>,
  reader: ConsoleSession,
  status: number,
  title: string,
  text: string,
): ConsoleReply => show(messagePage(status, title, text, frameOf(site, reader)));

const refuse = (site: Site<OpenerPorts>, reader: ConsoleSession, { reason }: RawFault): ConsoleReply => {
  const status = reason === 'reason_missing' || reason === 'reason_unfit' ? 400 : 403;
  return message(site, reader, status, 'Not opened', FAULTS[reason]);
};

interface Asked {
  readonly sid: string;
  readonly seq: number;
  readonly reason: string;
}

const open = async (site: Site<OpenerPorts>, reader: ConsoleSession, asked: Asked): Promise<ConsoleReply> => {
  const { ports, request } = site;
  const { sid, seq, reason } = asked;
  const lines = await ports.records.loadExchanges(sid, seq, seq);
  const entries = lines.map(intact);
  if (entries.length === 0) return message(site, reader, 404, 'No such exchange', NO_EXCHANGE);
  if (entries.includes(undefined)) {
    const text =
      'An entry of this exchange is not what its hash says, so what it names cannot be trusted. Verify the log.';
    return message(site, reader, 409, 'Not opened', text);
  }
  const bodies = recordedBodies(entries.filter((entry) => entry !== undefined)).slice(0, MAX_BODIES);
  const entry: ContentOpened = {
    ...stampOf(ports),
    type: 'content.opened',
    ...{ actor: actorOf(ports, reader), req: request.req, sid, seq: String(seq), reason },
    bodies: bodies.map(({ content }) => content.ct),
  };
  if (bodies.length > 0) await ports.entries.append({ entry: toWalEntry(entry), body: null });
  const opened = await openBodies(ports, sid, bodies, inlineBodies(lines));
  return show(
    rawPage({ frame: frameOf(site, reader), sid, seq, reason, entry: entry.id, bodies: fitting(bodies, opened) }),
  );
};

const intact = ({ line, leaf }: StoredLine): Entry | undefined => {
  const entry = parseEntry(line, leaf);
  return entry.ok ? entry.value : undefined;
};

/** Bodies that lie beside their entries; which is whose their digests tell. */
const inlineBodies = (lines: readonly StoredLine[]): readonly string[] =>
  lines.flatMap(({ body }) => (body === null ? [] : [body]));

/** As much of each as the page holds. */
const fitting = (bodies: readonly RecordedBody[], opened: readonly OpenedBody[]): readonly RawBody[] => {
  let room = MAX_SHOWN;
  return bodies.map(({ title, content }, index) => {
    const one = opened[index];
    const bytes = Number(content.bytes);
    if (one === undefined || !one.ok) return { title, bytes, seen: { fault: one?.error ?? 'It was not opened.' } };
    const text = one.value.slice(0, room).toWellFormed();
    room -= text.length;
    return { title, bytes, seen: { text, left: one.value.length - text.length } };
  });
};
