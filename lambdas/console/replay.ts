// Recorded sessions, for those who may see them: masked, as the entries hold them. Nothing here can open what was
// recorded; the forms for it go to a function of their own (lambdas/opener).

import type { RecordsReader, StoredLine } from '../adapters/dynamo-reader.ts';
import type { Entry } from '../core/ledger/entry.ts';
import { parseEntry } from '../core/ledger/parse-entry.ts';
import { checkRawReader, maySeeSessions } from '../core/sessions/replay-grant.ts';
import { timelineOf } from '../core/sessions/timeline.ts';
import { fromTimestamp, toDay } from '../core/time.ts';
import { messagePage } from './frame.ts';
import { type ReplayView, replayPage, sessionsPage } from './replay-pages.ts';
import { type ConsoleSession, formToken } from './session.ts';
import { type ConsoleReply, frameOf, rawSubject, type Site, show } from './site.ts';

const PER_PAGE = 50;
const DAY_MS = 24 * 60 * 60 * 1000;

export const showReplay = (site: Site, session: ConsoleSession): Promise<ConsoleReply> => {
  const { records, config } = site.ports;
  if (records === null || !maySeeSessions(config.console.replay, session)) return Promise.resolve(none(site, session));
  const { session: sid } = site.request;
  return sid === null ? showDay(site, session, records) : showSession(site, session, { records, sid });
};

/** The same words, whether there is no such session or it is not for this person. */
const none = (site: Site, session: ConsoleSession): ConsoleReply =>
  show(messagePage(404, 'No such session', 'There is none, or it is not for you to see.', frameOf(site, session)));

const showDay = async (site: Site, session: ConsoleSession, records: RecordsReader): Promise<ConsoleReply> => {
  const today = toDay(site.ports.clock.now());
  const asked = site.request.query.get('day') ?? today;
  const at = /^\d{4}-\d{2}-\d{2}$/.test(asked) ? fromTimestamp(`${asked}T00:00:00Z`) : Number.NaN;
  if (Number.isNaN(at) || asked > today) {
    const text = `"${asked.slice(0, 40)}" is not a day until today: write it like ${today}.`;
    return show(messagePage(400, 'No such day', text, frameOf(site, session)));
  }
  const day = toDay(at);
  return show(
    sessionsPage({
      frame: frameOf(site, session),
      day,
      before: toDay(at - DAY_MS),
      after: day === today ? null : toDay(at + DAY_MS),
      sessions: await records.listSessions(day),
    }),
  );
};

const showSession = async (
  site: Site,
  viewer: ConsoleSession,
  { records, sid }: { readonly records: RecordsReader; readonly sid: string },
): Promise<ConsoleReply> => {
  const found = await records.findSession(sid);
  if (found === undefined) return none(site, viewer);
  const from = Math.min(firstOf(site.request.query.get('from')), Math.max(1, found.seq));
  const to = Math.min(found.seq, from + PER_PAGE - 1);
  const lines = await Promise.all([
    records.loadExchanges(sid, 0, 0),
    records.loadExchanges(sid, Math.max(1, from), to),
  ]);
  const { entries, damaged } = read(lines.flat());
  const timeline = timelineOf(entries, to);
  return show(
    replayPage({
      frame: frameOf(site, viewer),
      ...{ sid, from, damaged },
      timeline: { ...timeline, rows: timeline.rows.slice(from - 1) },
      last: found.seq,
      perPage: PER_PAGE,
      raw: rawOf(site, viewer, sid),
    }),
  );
};

/** A number that is none is the first. */
const firstOf = (asked: string | null): number => (/^[1-9]\d{0,8}$/.test(asked ?? '') ? Number(asked) : 1);

const read = (lines: readonly StoredLine[]): { readonly entries: readonly Entry[]; readonly damaged: number } => {
  const parsed = lines.map(({ line, leaf }) => parseEntry(line, leaf));
  const entries = parsed.flatMap((entry) => (entry.ok ? [entry.value] : []));
  return { entries, damaged: parsed.length - entries.length };
};

const rawOf = ({ ports }: Site, viewer: ConsoleSession, sid: string): ReplayView['raw'] => {
  const fault = checkRawReader(ports.config.console.replay, viewer, ports.clock.now());
  if (fault === undefined) return { may: 'yes', token: formToken(viewer, rawSubject(sid)) };
  return { may: fault.reason === 'sign_in_too_old' ? 'sign_in_again' : 'no' };
};
