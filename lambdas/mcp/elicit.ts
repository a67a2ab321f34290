// The rungs of the ladder on which a client's user is asked: why, and whether to go on waiting. Of clients that can show
// neither page nor form nothing is asked; they get a plain result.

import { waitingText } from '../core/approvals/answers.ts';
import type { Approval } from '../core/approvals/approval.ts';
import {
  askedWhy,
  elicitationModes,
  elicitedWithdrawal,
  mayAskToWait,
  roundsOf,
  statusPage,
  waitForm,
  whyForm,
} from '../core/approvals/elicitation.ts';
import { wantedText } from '../core/approvals/justification.ts';
import type { JsonObject } from '../core/mcp/json.ts';
import type { Exchange, Reply } from './exchange.ts';
import { answer, answerEnded, reply } from './gate-answers.ts';
import type { GatePorts } from './gate-ports.ts';
import { withdrawOwn } from './withdraw-own.ts';

/** Only the modern era carries a question in the place of a result. */
const paramsOf = ({ admitted: { call, message } }: Exchange): JsonObject | null =>
  call.era === 'modern' && message?.kind === 'request' ? message.params : null;

export const statusUrl = ({ publicUrl }: GatePorts, { id }: Approval): string => `${publicUrl}/console/approvals/${id}`;

/** The policy wants to hear why: a form where the client has one, else words that a model can act on. */
export const askWhy = (exchange: Exchange): Promise<Reply> => {
  const params = paramsOf(exchange);
  const tool = exchange.admitted.call.resource.name;
  if (params === null || askedWhy(params) || !elicitationModes(params).has('form')) {
    return answer(exchange, wantedText(tool), null);
  }
  return reply(exchange, null, (id) => whyForm(id, tool));
};

/**
 * A page at once, so that the user sees how the request stands; a form only after the client was kept for a while.
 * `undefined`: there is nothing to ask.
 */
export const askToWait = (
  ports: GatePorts,
  exchange: Exchange,
  approval: Approval,
  when: 'first' | 'later',
): Promise<Reply> | undefined => {
  const params = paramsOf(exchange);
  if (params === null || !mayAskToWait(params)) return undefined;
  const modes = elicitationModes(params);
  if (modes.has('url') && (when === 'later' || roundsOf(params) === 0)) {
    return reply(exchange, approval, (id) => statusPage(id, params, waitingText(approval), statusUrl(ports, approval)));
  }
  if (when === 'first' || !modes.has('form')) return undefined;
  return reply(exchange, approval, (id) => waitForm(id, params, waitingText(approval)));
};

/** Whether the user said in the form that they take the request back. */
export const takesBack = (exchange: Exchange): boolean => {
  const params = paramsOf(exchange);
  return params !== null && elicitedWithdrawal(params);
};

/** What the client is told when its user took the request back, or came too late for it. */
export const takeBack = async (ports: GatePorts, exchange: Exchange, approval: Approval): Promise<Reply> => {
  const after = await withdrawOwn(ports, exchange, approval);
  const isOpen = after.state === 'pending' || after.state === 'approved';
  return isOpen
    ? answer(exchange, waitingText(after), after)
    : answerEnded(ports, exchange, { kind: 'ended', approval: after });
};
