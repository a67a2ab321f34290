// What a client is told about a call that waits for people: a tool result, in words that a model can act on. A decision is
// not a fault of the protocol, so none of these is a JSON-RPC error (MCP, server/tools, "Error Handling"). Pure.

import type { RequestId } from '../mcp/message.ts';
import { toTimestamp } from '../time.ts';
import { type Approval, askedGroups } from './approval.ts';
import { missingOf } from './quorum.ts';

/** Whether the client speaks the revision in which a result names its kind. */
export interface AnswerTo {
  readonly id: RequestId;
  readonly era: 'legacy' | 'modern';
}

/** A JSON-RPC response whose result is one text marked as an error: the tool did not do what was asked. */
export const toolError = ({ id, era }: AnswerTo, text: string): string =>
  JSON.stringify({ jsonrpc: '2.0', id, result: toolResult(era, text) });

/** The result alone: one text, marked as an error. */
export const toolResult = (era: AnswerTo['era'], text: string): object => ({
  ...(era === 'modern' ? { resultType: 'complete' } : {}),
  content: [{ type: 'text', text }],
  isError: true,
});

/** Minutes and hours, as a person says them. */
const minuteOf = (epochMs: number): string => `${toTimestamp(epochMs).slice(0, 16).replace('T', ' ')} UTC`;

const untilWords = (approval: Approval): string => minuteOf(approval.deadlineAt);

const askedWords = (approval: Approval): string => {
  const missing = missingOf(
    approval.terms.approvers,
    approval.approvals,
    approval.escalated ? approval.terms.escalate : [],
  );
  const wanted = missing.map(({ groups, people }) => `${people} of ${groups.join(' or ')}`);
  return wanted.length > 0 ? wanted.join(' and ') : askedGroups(approval).join(', ');
};

/** The same in one line, for a client that follows a task. */
export const waitingText = (approval: Approval): string =>
  `Waits for approval by ${askedWords(approval)}, until ${untilWords(approval)}`;

/** Nobody has decided yet. */
export const pendingText = (approval: Approval, statusUrl: string): string =>
  [
    `This call has NOT run. It waits for approval by ${askedWords(approval)}; they have been asked.`,
    `Reference: ${approval.id}. Status: ${statusUrl}`,
    `To get the result, call ${approval.binding.tool} again later with exactly the same arguments (every minute is often enough), until ${untilWords(approval)} at the latest.`,
    'A call with other arguments is another request. Tell the user that people must decide first.',
  ].join('\n');

/** The worker found another call than the one that was approved. */
export const voidText = (id: string): string =>
  [
    'This call was approved and has NOT run: since then the policies or the definition of the tool have changed, and what was approved is no longer what would run.',
    `Reference: ${id}. Call the tool again to ask anew.`,
  ].join('\n');

/** The same call again, which may be a client that lost its answer. */
const brokenText = ({ id, requestedAt }: Approval): string =>
  [
    `This very call went out already under break-glass, at ${minuteOf(requestedAt)}. It was NOT made once more.`,
    `Reference: ${id}. Find out what became of it. Only if it must really be made again, call again in a minute.`,
  ].join('\n');

/** Why an ended request does not let the call through. */
export const endedText = (approval: Approval): string => {
  const reference = `Reference: ${approval.id}.`;
  switch (approval.state) {
    case 'denied': {
      const { name = null, subject = '', reason = null } = approval.ending ?? {};
      return [
        `This call was DENIED by ${name ?? subject} and has not run.`,
        ...(reason === null ? [] : [`Their reason: ${reason}`]),
        `${reference} Do not try again without changing what was refused, or asking them.`,
      ].join('\n');
    }
    case 'expired':
      return [
        `This call has not run: ${approval.approvals.length > 0 ? 'its approval was not complete, or not used,' : 'nobody decided'} in time.`,
        `${reference} Call the tool again to ask anew.`,
      ].join('\n');
    case 'withdrawn':
      return `This call has not run: the request for approval was withdrawn. ${reference} Call the tool again to ask anew.`;
    case 'used':
      if (approval.glass !== null) return brokenText(approval);
      return `This approval was used already, for one call. ${reference} Call the tool again to ask for another approval.`;
    case 'pending':
    case 'approved':
      throw new TypeError(`A request that is ${approval.state} has not ended`);
  }
};
