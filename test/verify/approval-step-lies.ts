// Lies about the steps of a request: out of turn, missing, too often, without end.

import { fromTimestamp, toTimestamp } from '../../lambdas/core/time.ts';
import { DENIED, EXPIRED, RAN, USED, WAITED, WINDOW } from './approval-day.ts';
import { type ApprovalLie, both, by, cutAfter, moved, of, toEnd, wordless } from './approval-tell.ts';
import { at, find } from './attack.ts';
import { any, change, remove, repeat } from './lies.ts';

export const STEP_LIES: readonly ApprovalLie[] = [
  {
    name: 'an approval that nobody asked for',
    found: ['approval_not_requested'],
    tell: remove('approval.requested', of(USED)),
  },
  {
    name: 'an approval that begins with a decision',
    found: ['approval_not_requested'],
    tell: both(
      remove('approval.requested', of(DENIED)),
      change('approval.granted', of(DENIED), { version: '1' }),
      change('approval.denied', of(DENIED), { version: '2' }),
    ),
  },
  {
    name: 'a decision that is missing',
    found: ['approval_version_missing'],
    tell: remove('approval.granted', of(USED, 2)),
  },
  {
    name: 'a decision of the last minutes that is missing',
    found: ['approval_unsealed'],
    verdict: 'valid',
    tell: both(cutAfter(RAN), remove('approval.granted', of(USED, 2))),
  },
  {
    name: 'two decisions in one place',
    found: ['approval_version_twice'],
    tell: repeat('approval.granted', of(USED, 2)),
  },
  {
    name: 'an approval after a denial',
    found: ['approval_step_wrong'],
    tell: both(
      change('approval.denied', of(DENIED), { version: '2' }),
      change('approval.granted', of(DENIED), { version: '3' }),
    ),
  },
  {
    name: 'an approval asked for twice',
    found: ['approval_step_wrong'],
    tell: repeat('approval.requested', of(EXPIRED), { version: '3', justification: null }),
  },
  {
    name: 'a denial without a reason',
    found: ['approval_step_wrong'],
    tell: wordless('approval.denied', of(DENIED), 'reason'),
  },
  {
    name: 'a request that expired before its deadline',
    found: ['approval_step_wrong'],
    tell: moved('approval.expired', of(EXPIRED), by(-4)),
    twin: { name: 'hours after it', tell: moved('approval.expired', of(EXPIRED), toEnd) },
  },
  {
    name: 'a second group that is asked when all is decided',
    found: ['approval_step_wrong'],
    tell: change('approval.expired', of(WINDOW), { type: 'approval.escalated' }),
  },
  {
    name: 'an approval given after the call had used it',
    found: ['approval_step_wrong'],
    tell: (entries) => {
      const deadline = toTimestamp(fromTimestamp(toEnd(entries)) + 1_800_000);
      return both(
        moved('approval.granted', of(WAITED, 3), toEnd),
        change('approval.granted', of(WAITED, 3), { deadline }),
      )(entries);
    },
    twin: {
      name: 'one whose clock was minutes ahead',
      tell: (entries) => {
        const granted = at(entries, find(entries, 'approval.granted', of(WAITED, 3))).entry;
        const deadline = toTimestamp(fromTimestamp(granted.ts) + 240_000 + 1_800_000);
        return both(
          moved('approval.granted', of(WAITED, 3), by(240)),
          change('approval.granted', of(WAITED, 3), { deadline }),
        )(entries);
      },
    },
  },
  {
    name: 'an approval used twice',
    found: ['approval_used_twice'],
    tell: repeat('approval.used', of(USED), { version: '5' }),
  },
  {
    name: 'a window that does not count its uses',
    found: ['approval_used_twice'],
    tell: change('approval.used', of(WINDOW, 4), { uses: '1' }),
  },
  {
    name: 'a request that never ended',
    found: ['approval_not_ended', 'silence_unexplained'],
    verdict: 'valid',
    tell: both(remove('approval.expired', of(EXPIRED)), repeat('heartbeat', any, { ts: '2026-11-22T14:00:00.000Z' })),
    twin: { name: 'one that has half an hour left to', tell: remove('approval.expired', of(WINDOW)) },
  },
];
