// `countersign approvals`: who asked for what on a day, who decided, and whether the call went out.

import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { makeApprovalDays } from '../../lambdas/adapters/dynamo-approval-days.ts';
import type { RecordsReader, StoredLine } from '../../lambdas/adapters/dynamo-reader.ts';
import type { ApprovalEntry, ApprovalRequested } from '../../lambdas/core/ledger/entry.ts';
import type { Session } from '../../lambdas/core/sessions/session.ts';
import { fromTimestamp, toDay } from '../../lambdas/core/time.ts';
import { type DayContent, entryOf, listDay } from './day-listing.ts';
import { type Choice, findApprovalsTable } from './installation.ts';
import { plain, timeOfDay } from './text.ts';

interface Listed {
  readonly lines: readonly string[];
  readonly requested: ApprovalRequested;
  readonly entries: readonly ApprovalEntry[];
}

const DAY_MS = 86_400_000;

/** A request is made in a session, and no session lives longer than a day. */
const principalsOf = async (reader: RecordsReader, day: string): Promise<readonly Session[]> => {
  const before = toDay(fromTimestamp(`${day}T00:00:00.000Z`) - DAY_MS);
  const sessions = (await Promise.all([reader.listSessions(before), reader.listSessions(day)])).flat();
  return [...new Map(sessions.map((session) => [`${session.issuer} ${session.subject}`, session])).values()];
};

const load = async (reader: RecordsReader, day: string, choice: Choice): Promise<DayContent<Listed>> => {
  const days = makeApprovalDays(new DynamoDBClient(), await findApprovalsTable(choice));
  const principals = await principalsOf(reader, day);
  const ids = (await Promise.all(principals.map((principal) => days.list(principal, day)))).flat();
  const read = await Promise.all(ids.map(async (id) => listedOf(await reader.loadApproval(id))));
  const items = read.flatMap(({ listed }) => listed ?? []);
  return {
    items: items.toSorted((a, b) => (a.requested.ts < b.requested.ts ? -1 : 1)),
    damaged: read.reduce((sum, { damaged }) => sum + damaged, 0),
  };
};

const listedOf = (stored: readonly StoredLine[]): { readonly listed: Listed | undefined; readonly damaged: number } => {
  const entries = stored.flatMap((line) => entryOf(line) ?? []).filter((entry) => 'approval' in entry);
  const requested = entries.find((entry) => entry.type === 'approval.requested');
  const damaged = stored.length - entries.length;
  // A request without its own entry cannot be shown, and is not passed over either.
  if (requested === undefined) return { listed: undefined, damaged: Math.max(1, damaged) };
  return { listed: { lines: stored.map(({ line }) => line), requested, entries }, damaged };
};

const isRemark = ({ type }: ApprovalEntry): boolean => type === 'approval.viewed' || type === 'approval.notified';

const stateOf = ({ entries, requested }: Listed): string => {
  const last = entries.findLast((entry) => !isRemark(entry)) ?? requested;
  if (requested.glass !== null) return glassStateOf(last, entries);
  switch (last.type) {
    case 'approval.requested':
    case 'approval.escalated':
      return 'pending';
    case 'approval.granted':
      return last.state;
    case 'approval.used':
      return requested.window === null ? 'used' : `used ${last.uses}×`;
    case 'approval.expired': {
      const uses = entries.filter(({ type }) => type === 'approval.used').length;
      return uses === 0 ? 'expired' : `used ${uses}×, expired`;
    }
    default:
      return last.type.slice('approval.'.length);
  }
};

/** Marked in capitals: this call went out before anybody agreed. */
const glassStateOf = (last: ApprovalEntry, entries: readonly ApprovalEntry[]): string => {
  if (last.type === 'approval.unreviewed') return 'GLASS BROKEN, not reviewed in time';
  if (last.type !== 'approval.reviewed') return 'GLASS BROKEN, not reviewed yet';
  const late = entries.some(({ type }) => type === 'approval.unreviewed') ? ', late' : '';
  return `GLASS BROKEN, ${last.verdict === 'justified' ? 'justified' : 'NOT justified'}${late}`;
};

const decidersOf = ({ entries }: Listed): string =>
  entries
    .flatMap((entry) => {
      if (entry.type === 'approval.granted') return [`${entry.actor.sub} yes`];
      if (entry.type === 'approval.reviewed') return [`${entry.actor.sub} reviewed`];
      return entry.type === 'approval.denied' ? [`${entry.actor.sub} no`] : [];
    })
    .join(', ');

const rowOf = (listed: Listed): readonly string[] => {
  const { approval, ts, actor, server, tool } = listed.requested;
  return [
    approval,
    timeOfDay(ts, 's'),
    plain(actor.sub),
    server,
    plain(tool),
    stateOf(listed),
    plain(decidersOf(listed)) || '-',
  ];
};

export const approvals = listDay({
  command: 'approvals',
  explains: `Lists the requests for approval made on a UTC day: who asked for which tool, who decided, and what became of it, by its
entries up to now. The approvals table says which requests there are: to be sure that none is hidden, verify the sealed log.`,
  load,
  json: ({ lines }) => lines.join('\n'),
  header: ['REQUEST', 'ASKED', 'WHO', 'SERVER', 'TOOL', 'STATE', 'DECIDED'],
  row: rowOf,
  none: 'Nobody asked for approval',
  hint: 'Each step and look: --json',
});
