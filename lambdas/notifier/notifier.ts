// The steps of the approval machine that tell people and keep time. Each may be repeated: the request in DynamoDB says
// what is the case, and a step that was taken already is not taken again.
//
//     tell, escalate   messages to the channels of the asked groups, and an entry of what was sent
//     await            keeps the task token with the request; a request that has ended gives it back at once
//     expire           the deadline has passed: the state says so, and the wait of the machine ends
//     overdue          nobody reviewed a call for which the glass was broken: the state says so, and people hear it again
//     run_failed       the worker gave up: somebody must look

import { setTimeout } from 'node:timers/promises';
import { decisionOf } from '../adapters/approval-machine.ts';
import { ApprovalsError, type FoundApproval } from '../adapters/dynamo-approvals.ts';
import type { NotifierTask } from '../approval-machine.ts';
import { type Approval, askedGroups } from '../core/approvals/approval.ts';
import { escalate, expire } from '../core/approvals/decide.ts';
import { notifiedEntry, timedEntry } from '../core/approvals/entries.ts';
import { awaitsReview, overdue } from '../core/approvals/glass.ts';
import { approvalMessage, glassMessage, type Message } from '../core/approvals/message.ts';
import type { ApprovalNotified, EntryStamp } from '../core/ledger/entry.ts';
import { toWalEntry } from '../core/ledger/line.ts';
import { toTimestamp } from '../core/time.ts';
import type { ChannelConfig } from '../gateway-config.ts';
import type { NotifierPorts } from './ports.ts';

class NotifierError extends Error {
  readonly code: 'APPROVAL_UNKNOWN' | 'NOBODY_TOLD' | 'APPROVAL_BUSY';

  constructor(code: 'APPROVAL_UNKNOWN' | 'NOBODY_TOLD' | 'APPROVAL_BUSY', message: string) {
    super(message);
    this.code = code;
    // Step Functions retries by the name of an error.
    this.name = code;
  }
}

export const makeNotifier =
  (ports: NotifierPorts) =>
  async (task: NotifierTask): Promise<void> => {
    const found = await ports.approvals.find(task.approval);
    if (found === undefined) throw new NotifierError('APPROVAL_UNKNOWN', `No approval ${task.approval}`);
    switch (task.step) {
      case 'tell':
        if (found.approval.state === 'pending' || awaitsReview(found.approval)) {
          await tell(ports, found.approval, askedGroups(found.approval), 'tell');
        }
        return;
      case 'await':
        return keepToken(ports, found, task.token);
      case 'escalate':
        return escalateNow(ports, found.approval);
      case 'expire':
        return expireNow(ports, found);
      case 'overdue':
        return overdueNow(ports, found.approval);
      case 'run_failed':
        ports.diagnostics.error(`The worker gave up the approved call of ${task.approval}`, undefined);
        return;
    }
  };

const stampOf = ({ config, configDigest, gateway, clock, newId }: NotifierPorts): EntryStamp => ({
  v: 1,
  log: config.log.origin,
  id: newId(),
  ts: toTimestamp(clock.now()),
  config: configDigest,
  gw: gateway,
});

interface Sent {
  readonly group: string;
  readonly kind: ChannelConfig['kind'];
  readonly ok: boolean;
}

/** One channel that fails does not keep the others from hearing; if all fail, the machine tries again. */
const tell = async (
  ports: NotifierPorts,
  approval: Approval,
  groups: readonly string[],
  step: ApprovalNotified['step'],
): Promise<void> => {
  const about = {
    serverTitle: ports.config.servers[approval.binding.server]?.title ?? approval.binding.server,
    link: `${ports.publicUrl}/console/approvals/${approval.id}`,
  };
  const message =
    approval.glass === null
      ? approvalMessage(approval, { ...about, escalated: step === 'escalate' })
      : glassMessage(approval, about);
  const channels = groups.flatMap((group) =>
    (ports.config.approvals.channels[group] ?? []).map((channel) => ({ group, channel })),
  );
  const sent = await Promise.all(
    channels.map(async ({ group, channel }): Promise<Sent> => {
      const ok = await deliver(ports, approval.id, channel, message);
      return { group, kind: channel.kind, ok };
    }),
  );
  await ports.entries.append({ entry: toWalEntry(notifiedEntry(stampOf(ports), approval, step, sent)), body: null });
  if (sent.length > 0 && sent.every(({ ok }) => !ok)) {
    throw new NotifierError('NOBODY_TOLD', `No channel took the message about ${approval.id}`);
  }
};

const TRIES = 3;
const PAUSE_MS = 300;

const deliver = async (
  ports: NotifierPorts,
  id: string,
  channel: ChannelConfig,
  message: Message,
): Promise<boolean> => {
  for (let attempt = 1; attempt <= TRIES; attempt += 1) {
    try {
      await send(ports, channel, message);
      return true;
    } catch (cause) {
      ports.diagnostics.error(`A message about ${id} did not leave by ${channel.kind} (try ${attempt})`, cause);
      if (attempt < TRIES) await setTimeout(PAUSE_MS * 3 ** attempt);
    }
  }
  return false;
};

const send = async (ports: NotifierPorts, channel: ChannelConfig, message: Message): Promise<void> => {
  if (channel.kind === 'email') return ports.sendEmail(ports.config.approvals.from ?? '', channel.to, message);
  return ports.sendSlack(await ports.secrets.read(channel.secret), message);
};

const keepToken = async (ports: NotifierPorts, { approval }: FoundApproval, token: string): Promise<void> => {
  await ports.approvals.saveToken(approval.id, token);
  // Read again: whoever decided before the token was there could not send it.
  const now = await ports.approvals.find(approval.id);
  if (now !== undefined && now.approval.state !== 'pending') await ports.endWait(token, decisionOf(now.approval));
};

const escalateNow = async (ports: NotifierPorts, approval: Approval): Promise<void> => {
  const now = ports.clock.now();
  const after = escalate(approval, now);
  if (after !== undefined) await take(ports, approval, after, now);
  const current = after ?? approval;
  // A repeated step finds it escalated and tells again: the first try may have died before it told anybody.
  if (current.escalated && current.state === 'pending') await tell(ports, current, current.terms.escalate, 'escalate');
};

const expireNow = async (ports: NotifierPorts, { approval, token }: FoundApproval): Promise<void> => {
  const now = ports.clock.now();
  const after = expire(approval, now);
  if (after !== undefined) await take(ports, approval, after, now);
  const current = after ?? approval;
  if (token !== null && current.state !== 'pending') await ports.endWait(token, decisionOf(current));
};

const overdueNow = async (ports: NotifierPorts, approval: Approval): Promise<void> => {
  const now = ports.clock.now();
  const after = overdue(approval, now);
  if (after !== undefined) await take(ports, approval, after, now);
  const current = after ?? approval;
  // A repeated step finds it written and tells again, like an escalation.
  if (current.glass?.overdue === true && awaitsReview(current)) {
    await tell(ports, current, askedGroups(current), 'overdue');
  }
};

const take = async (ports: NotifierPorts, before: Approval, after: Approval, now: number): Promise<void> => {
  try {
    const entry = { entry: toWalEntry(timedEntry(stampOf(ports), after)), body: null };
    await ports.approvals.take({ kind: 'change', before, after, now }, [entry]);
  } catch (cause) {
    if (!(cause instanceof ApprovalsError && cause.code === 'conflict')) throw cause;
    // Somebody decided meanwhile: the machine asks again, and finds it so.
    throw new NotifierError('APPROVAL_BUSY', `Approval ${before.id} changed meanwhile`);
  }
};
