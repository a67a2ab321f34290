// Why a call is wanted, in the requester's words: for those who must agree, and not for the MCP server. It travels as an
// extra argument, which any model can be told to add, or in `_meta`, and is taken out before the call goes on. Pure.

import { isObject, type JsonObject } from '../mcp/json.ts';
import { applyEdits, type MemberSpan, memberSpans, rootStart, type Span } from '../mcp/json-spans.ts';
import { MAX_REASON } from './decide.ts';

/** Argument of a held call that the gateway reads and strips. */
export const JUSTIFICATION_ARGUMENT = 'approval_reason';
/** Why somebody does not wait for people, who may break the glass; of anybody else it is a justification. */
export const GLASS_ARGUMENT = 'break_glass_reason';
/** Arguments that are for the gateway: no part of what is approved, and never sent to a server. */
export const OWN_ARGUMENTS: readonly string[] = [JUSTIFICATION_ARGUMENT, GLASS_ARGUMENT];
/** The same in `_meta` (MCP, basic/index, "_meta"), for clients that can set it. */
const JUSTIFICATION_META = 'countersign.dev/approval-reason';
const GLASS_META = 'countersign.dev/break-glass-reason';

/** The justification of a `tools/call`; `null` when there is none to speak of. */
export const justificationOf = (params: JsonObject): string | null =>
  textIn(params, JUSTIFICATION_ARGUMENT, JUSTIFICATION_META) ?? glassReasonOf(params);

/** Why the glass is to be broken; `null` when nobody asks for that. */
export const glassReasonOf = (params: JsonObject): string | null => textIn(params, GLASS_ARGUMENT, GLASS_META);

const textIn = ({ arguments: args, _meta: meta }: JsonObject, argument: string, member: string): string | null => {
  const given = [isObject(args) ? args[argument] : undefined, isObject(meta) ? meta[member] : undefined];
  const text = given.find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof text === 'string' ? text.trim().slice(0, MAX_REASON) : null;
};

/** The request without the arguments that were meant for the gateway; every other byte as it came. */
export const withoutJustification = (text: string): string => OWN_ARGUMENTS.reduce(withoutArgument, text);

const withoutArgument = (text: string, name: string): string => {
  const params = spanOf(memberSpans(text, rootStart(text)), 'params');
  const args = params === undefined ? undefined : spanOf(memberSpans(text, params.start), 'arguments');
  if (args === undefined) return text;
  const members = memberSpans(text, args.start);
  const at = members.findIndex((member) => member.name === name);
  const found = members[at];
  if (found === undefined) return text;
  return applyEdits(text, [{ span: withComma(members, at, found.whole), text: '' }]);
};

const spanOf = (members: readonly MemberSpan[], name: string): Span | undefined =>
  members.find((member) => member.name === name)?.value;

/** A member and the comma that stands between it and its neighbour. */
const withComma = (members: readonly MemberSpan[], at: number, whole: Span): Span => {
  const next = members[at + 1];
  if (next !== undefined) return { start: whole.start, end: next.whole.start };
  return { start: members[at - 1]?.whole.end ?? whole.start, end: whole.end };
};

/** What a client is told when the policy wants to hear why. */
export const wantedText = (tool: string): string =>
  [
    'This call has NOT run, and nobody has been asked yet: people must approve it, and they must be told why.',
    `Call ${tool} again with the same arguments and one more: "${JUSTIFICATION_ARGUMENT}", a sentence or two for the approvers. It is not sent to the server.`,
  ].join('\n');
