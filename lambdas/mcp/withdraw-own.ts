// The requester takes a request back: by cancelling its task, or in a form.

import { decisionOf } from '../adapters/approval-machine.ts';
import { takesStep } from '../adapters/dynamo-approvals.ts';
import type { Approval } from '../core/approvals/approval.ts';
import { withdraw } from '../core/approvals/decide.ts';
import { withdrawnEntry } from '../core/approvals/entries.ts';
import { actorRecord, requestRecord } from '../core/ledger/records.ts';
import type { Exchange } from './exchange.ts';
import type { GatePorts } from './gate-ports.ts';
import { stamp, stored } from './recorder.ts';

const MAX_TRIES = 5;

/** Withdraws the request of the one who calls, while it is open; returns how it stands afterwards. */
export const withdrawOwn = async (ports: GatePorts, { admitted }: Exchange, approval: Approval): Promise<Approval> => {
  const by = { actor: actorRecord(admitted.request.principal), req: requestRecord(admitted.request) };
  for (let attempt = 1; ; attempt += 1) {
    const found = await ports.approvals.find(approval.id);
    if (found === undefined) throw new Error(`Approval ${approval.id} is gone`);
    const now = ports.clock.now();
    const { approval: before, token } = found;
    const withdrawn = withdraw(before, admitted.request.principal, now);
    if (!withdrawn.ok || attempt > MAX_TRIES) return before;
    const after = withdrawn.value;
    const entry = stored(withdrawnEntry(stamp(ports), after, by));
    if (!(await takesStep(ports.approvals, { kind: 'change', before, after, now }, [entry]))) continue;
    if (token !== null) await ports.endWait(token, decisionOf(after));
    return after;
  }
};
