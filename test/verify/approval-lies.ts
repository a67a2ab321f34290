// A day of approvals, told otherwise than it was and signed with the right key: what an insider with the key would leave,
// somebody who edited the approvals table, or a broken gateway. Beside most, the nearest thing that an honest log may show.

import { fromTimestamp } from '../../lambdas/core/time.ts';
import { idOf } from '../support/sealed-entries.ts';
import { DENIED, ESCALATED, EXPIRED, PAYMENTS, RAN, USED, WAITED, WITHDRAWN } from './approval-day.ts';
import { STEP_LIES } from './approval-step-lies.ts';
import {
  type ApprovalLie,
  both,
  by,
  call,
  cutAfter,
  HASH,
  intent,
  moved,
  of,
  toEnd,
  unused,
  who,
} from './approval-tell.ts';
import { at, find } from './attack.ts';
import { change, type Loose, nested, remove } from './lies.ts';

const calls: readonly ApprovalLie[] = [
  {
    name: 'a held call that ran without approval',
    found: ['held_call_ran'],
    tell: unused,
    twin: {
      name: 'one that waited and met a fault of the gateway',
      tell: both(
        unused,
        change(
          'call.outcome',
          call(WAITED),
          nested('result', { status: 'failed', failure: { reason: 'gateway_fault' }, http: null }),
        ),
      ),
    },
  },
  {
    name: 'a held call that the server answered, whatever the gateway says',
    found: ['held_call_ran'],
    tell: both(
      unused,
      change(
        'call.outcome',
        call(WAITED),
        nested('result', { status: 'failed', failure: { reason: 'gateway_fault' } }),
      ),
    ),
  },
  {
    name: 'a held call that was tried without approval, and failed',
    found: ['held_call_ran'],
    tell: both(
      unused,
      change(
        'call.outcome',
        call(WAITED),
        nested('result', { status: 'failed', failure: { reason: 'unreachable' }, http: null }),
      ),
    ),
  },
  {
    name: 'a strict call that was denied, and ran',
    found: ['held_call_ran', 'strict_intent_missing'],
    tell: change('call.outcome', call(DENIED), nested('result', { status: 'result' })),
    twin: {
      name: 'one that met a fault of the gateway',
      tell: change(
        'call.outcome',
        call(DENIED),
        nested('result', { status: 'failed', failure: { reason: 'gateway_fault' } }),
      ),
    },
  },
  {
    name: 'an approval that was used after the call',
    found: ['held_call_ran'],
    tell: moved('approval.used', of(WAITED), toEnd),
    twin: {
      name: 'one that was sealed after the call',
      tell: (entries) => {
        const index = find(entries, 'approval.used', of(WAITED));
        return entries.toSpliced(index, 1).toSpliced(-1, 0, at(entries, index));
      },
    },
  },
  {
    name: 'a held call that ran, in a copy made before its approval was sealed',
    found: ['approval_unsealed'],
    verdict: 'valid',
    tell: both(cutAfter(RAN), remove('approval.used', of(USED))),
    twin: { name: 'and in one made after', tell: cutAfter(RAN) },
  },
  {
    name: 'an approval used for another intent',
    found: ['approval_other_call'],
    tell: change('approval.used', of(USED), nested('call', { intent: 'ab'.repeat(32) })),
  },
  {
    name: 'an approval used for another tool',
    found: ['approval_other_call'],
    tell: intent(RAN, nested('call', { subject: 'close_account' })),
    twin: { name: 'for one whose name may not be shown', tell: intent(RAN, nested('call', { subject: '‹name 13›' })) },
  },
  {
    name: 'an approval used for another person’s call',
    found: ['actor_changed', 'approval_other_call'],
    tell: intent(RAN, who({ sub: 'mallory' })),
    twin: {
      name: 'for a call under a renewed token',
      tell: intent(RAN, who({ jti: 'another', groups: ['analysts'] })),
    },
  },
  {
    name: 'an approval used under other policies',
    found: ['approval_other_call'],
    tell: intent(RAN, nested('decision', { policy: HASH })),
  },
  {
    name: 'an approval used for a call that nothing held',
    found: ['approval_intent_missing'],
    tell: intent(RAN, (entry) => ({ ...entry, decision: { effect: 'permit', reasons: [], policy: HASH } })),
  },
  {
    name: 'a request of a call that is not in the log',
    found: ['approval_intent_missing'],
    tell: change('approval.requested', of(DENIED), nested('call', { callId: idOf(99, '7002') })),
  },
  {
    name: 'a request on softer terms than the policies demand',
    found: ['approval_terms'],
    tell: change('approval.requested', of(USED), { acr: [] }),
  },
  {
    name: 'a request of any arguments, where one exact call was demanded',
    found: ['approval_terms', 'approval_binding'],
    tell: change('approval.requested', of(EXPIRED), nested('binding', { params: null })),
  },
];

const people: readonly ApprovalLie[] = [
  {
    name: 'too few people',
    found: ['approval_quorum'],
    tell: both(
      remove('approval.granted', of(USED, 2)),
      change('approval.granted', of(USED), { version: '2' }),
      change('approval.used', of(USED), { version: '3' }),
    ),
  },
  {
    name: 'an approval used while people are still to decide',
    found: ['approval_quorum'],
    tell: both(remove('approval.granted', of(USED, 3)), change('approval.used', of(USED), { version: '3' })),
  },
  {
    name: 'enough people, and it goes on waiting',
    found: ['approval_quorum', 'approval_deadline'],
    tell: change('approval.granted', of(USED, 3), { state: 'pending' }),
  },
  {
    name: 'one person who agrees twice',
    found: ['approver_wrong', 'approval_quorum'],
    tell: change('approval.granted', of(USED, 3), who({ sub: 'paul' })),
    twin: {
      name: 'two of one name at two issuers',
      tell: change('approval.granted', of(USED, 3), who({ sub: 'paul', iss: 'https://other' })),
    },
  },
  {
    name: 'somebody who approves their own request',
    found: ['approval_by_requester'],
    tell: change('approval.granted', of(USED, 2), who({ sub: 'ana' })),
    twin: {
      name: 'their namesake at another issuer',
      tell: change('approval.granted', of(USED, 2), who({ sub: 'ana', iss: 'https://other' })),
    },
  },
  {
    name: 'somebody who denies their own request',
    found: ['approval_by_requester'],
    tell: change('approval.denied', of(DENIED), who({ sub: 'ana' })),
  },
  {
    name: 'somebody of a group that was not asked',
    found: ['approver_wrong', 'approval_quorum'],
    tell: change('approval.granted', of(USED, 2), who({ groups: ['second-line'] })),
    twin: {
      name: 'of the asked group and others',
      tell: change('approval.granted', of(USED, 2), who({ groups: ['x', ...PAYMENTS] })),
    },
  },
  {
    name: 'somebody of the second group before it was asked',
    found: ['approver_wrong'],
    tell: change('approval.granted', of(ESCALATED, 2), who({ groups: ['second-line'] })),
  },
  {
    name: 'an approval by a service',
    found: ['approver_wrong'],
    tell: change('approval.granted', of(USED, 2), who({ kind: 'service' })),
  },
  {
    name: 'a sign-in that is too weak',
    found: ['approver_wrong'],
    tell: change('approval.granted', of(USED, 2), who({ acr: 'pwd' })),
  },
  {
    name: 'a sign-in that is too old',
    found: ['approver_wrong'],
    tell: change('approval.granted', of(USED, 2), (entry) => who({ authTime: secondsBefore(entry, 962) })(entry)),
    twin: {
      name: 'one that is just young enough',
      tell: change('approval.granted', of(USED, 2), (entry) => who({ authTime: secondsBefore(entry, 900) })(entry)),
    },
  },
  {
    name: 'a sign-in that nobody knows the age of',
    found: ['approver_wrong'],
    tell: change('approval.granted', of(USED, 2), who({ authTime: null })),
  },
  {
    name: 'somebody who withdraws another’s request',
    found: ['approver_wrong'],
    tell: change('approval.withdrawn', of(WITHDRAWN), who({ sub: 'paul' })),
  },
];

const secondsBefore = ({ ts }: Loose, seconds: number): string =>
  String(Math.floor(fromTimestamp(String(ts)) / 1000) - seconds);

const facts: readonly ApprovalLie[] = [
  {
    name: 'a withdrawal after the deadline',
    found: ['approval_late'],
    tell: moved('approval.withdrawn', of(WITHDRAWN), toEnd),
    twin: {
      name: 'one that was decided in time and written just after',
      tell: moved('approval.withdrawn', of(WITHDRAWN), by(530)),
    },
  },
  {
    name: 'an approval that holds for longer than its terms say',
    found: ['approval_deadline'],
    tell: change('approval.granted', of(USED, 3), { deadline: '2026-11-23T10:00:00.000Z' }),
  },
  {
    name: 'a decision that gives more time to decide',
    found: ['approval_deadline'],
    tell: change('approval.granted', of(USED, 2), { deadline: '2026-11-22T11:00:00.000Z' }),
  },
  {
    name: 'a request that waits for longer than its terms say',
    found: ['approval_deadline'],
    tell: change('approval.requested', of(USED), { deadline: '2026-11-22T10:31:00.000Z' }),
  },
  {
    name: 'a request whose hash is not of its parts',
    found: ['approval_binding'],
    tell: change('approval.requested', of(USED), nested('binding', { params: HASH })),
  },
  ...(['approval.granted', 'approval.used', 'approval.viewed'] as const).map((type) => ({
    name: `${type} about something else than was asked for`,
    found: ['approval_binding'] as const,
    tell: change(type, of(USED), { binding: HASH }),
  })),
  {
    name: 'a request that demands more people than there can be',
    found: ['line_fields', 'approval_not_requested', 'body_unreferenced'],
    tell: change('approval.requested', of(USED), { approvers: [{ groups: PAYMENTS, quorum: '999999999999' }] }),
  },
  {
    name: 'a deadline in the 99th month',
    found: ['line_fields', 'approval_version_missing'],
    tell: change('approval.granted', of(USED, 2), { deadline: '2026-99-22T10:00:00.000Z' }),
  },
];

export const APPROVAL_LIES: readonly ApprovalLie[] = [...calls, ...STEP_LIES, ...people, ...facts];
