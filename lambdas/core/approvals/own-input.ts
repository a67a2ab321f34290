// What a client sends along to answer a question of the gateway's (core/approvals/elicitation.ts), taken out of its request.
// What a server asks for by itself is part of the call. Pure.

import { applyEdits, type MemberSpan, memberSpans, rootStart, type Span } from '../mcp/json-spans.ts';

/** How a `requestState` of the gateway's begins. */
export const OWN_STATE = 'countersign:';

/** The request without what answers the gateway; every other byte as it came. */
export const withoutOwnInput = (text: string): string => {
  const params = memberSpans(text, rootStart(text)).find(({ name }) => name === 'params')?.value;
  if (params === undefined || text[params.start] !== '{') return text;
  const members = memberSpans(text, params.start);
  const state = members.find(({ name }) => name === 'requestState')?.value;
  if (state === undefined || !isOwnState(text, state)) return text;
  const kept = members.filter(({ name }) => name !== 'requestState' && name !== 'inputResponses');
  return applyEdits(text, [{ span: params, text: `{${kept.map((member) => whole(text, member)).join(',')}}` }]);
};

const whole = (text: string, { whole: { start, end } }: MemberSpan): string => text.slice(start, end);

const isOwnState = (text: string, { start, end }: Span): boolean => {
  const state: unknown = JSON.parse(text.slice(start, end));
  return typeof state === 'string' && state.startsWith(OWN_STATE);
};
