// Days of broken glass, told otherwise than they were: by an insider with the key, or by a broken gateway.

import { idOf } from '../support/sealed-entries.ts';
import { type ApprovalLie, both, by, HASH, intent, moved, of, who, wordless } from './approval-tell.ts';
import { altered, at, find } from './attack.ts';
import { JUSTIFIED, LATE, UNJUSTIFIED, WITHDRAWN } from './glass-day.ts';
import { change, type Loose, nested, remove, repeat } from './lies.ts';

/** What an honest day of broken glass shows. */
export const SHOWN = ['glass_broken', 'glass_unjustified', 'glass_unreviewed'] as const;

const PAYMENTS = ['payments-approvers'];
const demand =
  (over: Loose) =>
  (entry: Loose): Loose => ({ ...entry, decision: nested('demand', over)(entry['decision'] as Loose) });
const group = (name: string) => ({ groups: [[name]], reviewSeconds: '3600' });
const glass = (over: Loose) => change('approval.requested', of(JUSTIFIED), nested('glass', over));

const whoBroke: readonly ApprovalLie[] = [
  {
    name: 'the glass, broken by somebody who may not, in every entry',
    found: ['glass_not_allowed'],
    tell: both(
      change('approval.requested', of(JUSTIFIED), who({ groups: ['analysts'] })),
      intent(JUSTIFIED, who({ groups: ['analysts'] })),
    ),
    twin: {
      name: 'by one who is in other groups as well',
      tell: both(
        change('approval.requested', of(JUSTIFIED), who({ groups: ['incident-commanders', 'x'] })),
        intent(JUSTIFIED, who({ groups: ['incident-commanders', 'x'] })),
      ),
    },
  },
  {
    name: 'a caller whom only the request calls an incident commander',
    found: ['glass_not_allowed'],
    tell: intent(JUSTIFIED, who({ groups: ['analysts'] })),
  },
  {
    name: 'a caller whom only the intent calls an incident commander',
    found: ['glass_not_allowed'],
    tell: change('approval.requested', of(JUSTIFIED), who({ groups: ['analysts'] })),
  },
  {
    name: 'the glass, broken by a service',
    found: ['glass_not_allowed'],
    tell: both(
      change('approval.requested', of(JUSTIFIED), who({ kind: 'service' })),
      intent(JUSTIFIED, who({ kind: 'service' })),
    ),
  },
  {
    name: 'the glass, broken where the policies let nobody',
    found: ['glass_not_allowed'],
    tell: intent(JUSTIFIED, demand({ glass: null })),
  },
  {
    name: 'the glass, broken where one of two policies lets others only',
    found: ['glass_not_allowed'],
    tell: intent(
      JUSTIFIED,
      demand({ glass: { groups: [['incident-commanders'], ['directors']], reviewSeconds: '3600' } }),
    ),
    twin: {
      name: 'where the policies name several groups',
      tell: both(
        glass({ groups: [['directors', 'incident-commanders']] }),
        intent(JUSTIFIED, demand({ glass: { groups: [['directors', 'incident-commanders']], reviewSeconds: '3600' } })),
      ),
    },
  },
  {
    name: 'a group that only the request lets break the glass',
    found: ['glass_not_allowed'],
    tell: glass({ groups: [['analysts']] }),
    twin: {
      name: 'that the policies name as well',
      tell: both(glass({ groups: [['analysts']] }), intent(JUSTIFIED, demand({ glass: group('analysts') }))),
    },
  },
  {
    name: 'more time for the review than the policies allow',
    found: ['glass_not_allowed', 'approval_deadline'],
    tell: glass({ review: '86400' }),
  },
  {
    name: 'a deadline of the review that is moved',
    found: ['approval_deadline'],
    tell: change('approval.requested', of(JUSTIFIED), { deadline: '2026-11-29T12:00:00.000Z' }),
  },
  {
    name: 'the glass, broken without saying why',
    found: ['approval_step_wrong'],
    tell: wordless('approval.requested', of(JUSTIFIED), 'justification'),
  },
];

const calls: readonly ApprovalLie[] = [
  {
    name: 'a call without approval, passed off as one that waited',
    found: ['approval_deadline', 'approval_not_ended', 'approval_quorum', 'approval_step_wrong', 'approval_terms'],
    tell: change('approval.requested', of(JUSTIFIED), { glass: null }),
  },
  {
    name: 'glass broken for one call, used for another',
    found: ['approval_other_call', 'held_call_ran'],
    tell: (entries) => {
      const { entry } = at(entries, find(entries, 'approval.used', of(UNJUSTIFIED)));
      if (entry.type !== 'approval.used') throw new TypeError('no use');
      return change('approval.used', of(JUSTIFIED), { call: entry.call })(entries);
    },
  },
  {
    name: 'glass broken, and the call made later',
    found: ['approval_step_wrong', 'held_call_ran'],
    tell: moved('approval.used', of(LATE), by(120)),
  },
  {
    name: 'glass broken twice by one request',
    found: ['approval_used_twice'],
    tell: repeat('approval.used', of(JUSTIFIED), { version: '4' }),
  },
  {
    name: 'a step between the broken glass and its call',
    found: ['approval_step_wrong'],
    tell: (entries) => {
      const index = find(entries, 'approval.used', of(JUSTIFIED));
      const { ts } = at(entries, index).entry;
      const { entry: asked } = at(entries, find(entries, 'approval.requested', of(JUSTIFIED)));
      if (asked.type !== 'approval.requested') throw new TypeError('no request');
      const { approval, deadline } = asked;
      const between = { type: 'approval.escalated', approval, deadline, ts, id: idOf(0xffffff), version: '2' };
      const escalated = altered(at(entries, find(entries, 'approval.unreviewed', of(LATE))), between);
      return both(
        change('approval.used', of(JUSTIFIED), { version: '3' }),
        change('approval.reviewed', of(JUSTIFIED), { version: '4' }),
        (told) => told.toSpliced(index, 0, escalated),
      )(entries);
    },
  },
  {
    name: 'glass broken, and never used',
    found: ['held_call_ran', 'approval_version_missing'],
    tell: remove('approval.used', of(JUSTIFIED)),
  },
  {
    name: 'a request that is taken back when the call is made',
    found: ['approval_step_wrong'],
    tell: repeat('approval.withdrawn', of(WITHDRAWN), { approval: idOf(JUSTIFIED, '7003'), version: '4' }),
  },
];

const reviews: readonly ApprovalLie[] = [
  {
    name: 'a review by whoever broke the glass',
    found: ['approval_by_requester'],
    tell: change('approval.reviewed', of(JUSTIFIED), who({ sub: 'ana' })),
    twin: {
      name: 'by their namesake at another issuer',
      tell: change('approval.reviewed', of(JUSTIFIED), who({ sub: 'ana', iss: 'https://other' })),
    },
  },
  {
    name: 'a review by somebody who is not asked',
    found: ['approver_wrong'],
    tell: change('approval.reviewed', of(JUSTIFIED), who({ groups: ['risk'] })),
    twin: {
      name: 'by one of the second group, which is asked at once',
      tell: change('approval.reviewed', of(JUSTIFIED), who({ groups: ['second-line'] })),
    },
  },
  {
    name: 'a review by a service',
    found: ['approver_wrong'],
    tell: change('approval.reviewed', of(JUSTIFIED), who({ kind: 'service', groups: PAYMENTS })),
  },
  {
    name: 'a review after a sign-in that is too old',
    found: ['approver_wrong'],
    tell: change('approval.reviewed', of(JUSTIFIED), who({ authTime: '1700000000' })),
  },
  {
    name: 'a review of something else',
    found: ['approval_binding'],
    tell: change('approval.reviewed', of(JUSTIFIED), { binding: HASH }),
  },
  {
    name: 'two reviews',
    found: ['approval_step_wrong'],
    tell: repeat('approval.reviewed', of(JUSTIFIED), { version: '4' }),
  },
  {
    name: 'a review that finds fault and names none',
    found: ['approval_step_wrong'],
    tell: wordless('approval.reviewed', of(UNJUSTIFIED), 'reason'),
    twin: {
      name: 'that finds none and says nothing',
      tell: wordless('approval.reviewed', of(LATE), 'reason'),
    },
  },
  {
    name: 'a review of a request that waited',
    found: ['approval_step_wrong'],
    tell: (entries) => {
      const { entry } = at(entries, find(entries, 'approval.requested', of(WITHDRAWN)));
      if (entry.type !== 'approval.requested') throw new TypeError('no request');
      const { approval, binding } = entry;
      return repeat('approval.reviewed', of(JUSTIFIED), { approval, binding: binding.hash, version: '3' })(entries);
    },
  },
  {
    name: 'a review that is said to be missing before its time is over',
    found: ['approval_step_wrong'],
    tell: moved('approval.unreviewed', of(LATE), by(-5)),
  },
];

export const GLASS_LIES: readonly ApprovalLie[] = [...whoBroke, ...calls, ...reviews];
