// Why a call is wanted, in the requester's words: for those who must agree, and not for the MCP server. It travels as an
// extra argument, which any model can be told to add, or in `_meta`, and is taken out before the call goes on. Pure.

import { isObject, type JsonObject } from '../mcp/json.ts';
import { applyEdits, type MemberSpan, memberSpans, rootStart, type Span } from '../mcp/json-spans.ts';
import { MAX_REASON } from './decide.ts';

/** Argument of a held call that the gateway reads and strips. */
export const JUSTIFICATION_ARGUMENT = 'approval_reason';
/** The same in `_meta` (MCP, basic/index, "_meta"), for clients that can set it. */
const JUSTIFICATION_META = 'countersign.dev/approval-reason';

/** The justification of a `tools/call`; `null` when there is none to speak of. */
export const justificationOf = (params: JsonObject): string | null => {
  const { arguments: args, _meta: meta } = params;
  const given = [
    isObject(args) ? args[JUSTIFICATION_ARGUMENT] : undefined,
    isObject(meta) ? meta[JUSTIFICATION_META] : undefined,
  ];
  const text = given.find((value) => typeof value === 'string' && value.trim() !== '');
  return typeof text === 'string' ? text.trim().slice(0, MAX_REASON) : null;
};

/** The request without the argument that was meant for the gateway; every other byte as it came. */
export const withoutJustification = (text: string): string => {
  const params = spanOf(memberSpans(text, rootStart(text)), 'params');
  const args = params === undefined ? undefined : spanOf(memberSpans(text, params.start), 'arguments');
  if (args === undefined) return text;
  const members = memberSpans(text, args.start);
  const at = members.findIndex(({ name }) => name === JUSTIFICATION_ARGUMENT);
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
