// Asking a client's user in the middle of a held call (MCP 2026-07-28, basic/utilities/mrtr): for the reason, or whether to
// go on waiting. What comes back is the requester's word and never an approval. Pure.
//
//     requestState   countersign:why        the reason was asked for
//                    countersign:wait:3     the third round of waiting
//
// The state says only how often was asked; a client that makes one up deceives itself. It and the answers are taken out
// before the call is compared or goes on, and what a server asks for by itself is neither: it is part of the call.

import { isObject, type JsonObject } from '../mcp/json.ts';
import type { RequestId } from '../mcp/message.ts';
import { MAX_REASON } from './decide.ts';
import { OWN_STATE } from './own-input.ts';
import { clientCapabilities } from './tasks.ts';

const WHY = `${OWN_STATE}why`;
const WAIT = `${OWN_STATE}wait:`;
/** Key of the one input that is asked for. */
const INPUT = 'countersign';
/** Rounds of waiting before a client is told to call again by itself. */
const MAX_ROUNDS = 8;

export type ElicitationMode = 'url' | 'form';

/** What the client of this very request can show its user; `elicitation: {}` means forms. */
export const elicitationModes = (params: JsonObject): ReadonlySet<ElicitationMode> => {
  const { elicitation } = clientCapabilities(params);
  if (!isObject(elicitation)) return new Set();
  const modes = (['url', 'form'] as const).filter((mode) => isObject(elicitation[mode]));
  return new Set(modes.length === 0 ? ['form'] : modes);
};

const stateOf = ({ requestState }: JsonObject): string | null =>
  typeof requestState === 'string' && requestState.startsWith(OWN_STATE) ? requestState : null;

/** What the user did with what was asked last; `null` when nothing was asked, or the answer is none. */
const answerOf = (params: JsonObject): JsonObject | null => {
  const { inputResponses } = params;
  const answer = isObject(inputResponses) ? inputResponses[INPUT] : undefined;
  return stateOf(params) !== null && isObject(answer) ? answer : null;
};

/** The reason that the user gave in a form; `null` when they gave none. */
export const elicitedReason = (params: JsonObject): string | null => {
  const { action, content } = answerOf(params) ?? {};
  const reason = action === 'accept' && isObject(content) ? content['reason'] : undefined;
  return typeof reason === 'string' && reason.trim() !== '' ? reason.trim().slice(0, MAX_REASON) : null;
};

/** Whether the reason was asked for already: a user who gave none is not asked again and again. */
export const askedWhy = (params: JsonObject): boolean => stateOf(params) === WHY;

/** Whether the user takes the request back. */
export const elicitedWithdrawal = (params: JsonObject): boolean => {
  const { action, content } = answerOf(params) ?? {};
  if (!stateOf(params)?.startsWith(WAIT)) return false;
  return action === 'decline' || (action === 'accept' && isObject(content) && content['choice'] === 'withdraw');
};

/** Rounds of waiting that this call has behind it. */
export const roundsOf = (params: JsonObject): number => {
  const state = stateOf(params);
  const rounds = state?.startsWith(WAIT) ? Number(state.slice(WAIT.length)) : 0;
  return Number.isSafeInteger(rounds) && rounds > 0 ? rounds : 0;
};

/** Whether the user is asked once more whether to wait. Somebody who closed the form wants no other. */
export const mayAskToWait = (params: JsonObject): boolean =>
  roundsOf(params) < MAX_ROUNDS && answerOf(params)?.['action'] !== 'cancel';

const inputRequired = (id: RequestId, params: object, requestState: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    result: {
      resultType: 'input_required',
      inputRequests: { [INPUT]: { method: 'elicitation/create', params } },
      requestState,
    },
  });

/** A form for the reason. */
export const whyForm = (id: RequestId, tool: string): string =>
  inputRequired(
    id,
    {
      mode: 'form',
      message: `People must approve this call of ${tool} before it runs. Why is it wanted? They will read it; the server will not.`,
      requestedSchema: {
        type: 'object',
        properties: { reason: { type: 'string', title: 'Reason', minLength: 1, maxLength: MAX_REASON } },
        required: ['reason'],
      },
    },
    WHY,
  );

/** The page on which the requester sees how the request stands. */
export const statusPage = (id: RequestId, params: JsonObject, message: string, url: string): string =>
  inputRequired(id, { mode: 'url', message, url }, `${WAIT}${roundsOf(params) + 1}`);

/** A form that asks whether to go on waiting. */
export const waitForm = (id: RequestId, params: JsonObject, message: string): string =>
  inputRequired(
    id,
    {
      mode: 'form',
      message,
      requestedSchema: {
        type: 'object',
        properties: {
          choice: {
            type: 'string',
            title: 'Go on?',
            enum: ['wait', 'withdraw'],
            enumNames: ['Go on waiting', 'Take the request back'],
            default: 'wait',
          },
        },
        required: ['choice'],
      },
    },
    `${WAIT}${roundsOf(params) + 1}`,
  );
