// What an approval is bound to: one exact call, or one tool for a while. Two calls are the same only if no reader could
// tell them apart, so numbers keep their digits: 10.00 and 10 are different arguments, and so are two integers that
// JavaScript would round to one. Pure.

import { createHash } from 'node:crypto';
import { canonicalJson } from '../ledger/jcs.ts';
import { isObject } from '../mcp/json.ts';
import { itemSpans, type MemberSpan, memberSpans, rootStart, type Span, textAt } from '../mcp/json-spans.ts';

/** Everything that must be the same when the call comes back, or runs later. */
export interface CallBinding {
  readonly issuer: string;
  readonly subject: string;
  readonly client: string;
  readonly server: string;
  readonly tool: string;
  /** `sha256:` of the tool's definition as the server announced it; `null` when it never did. */
  readonly definition: string | null;
  /** `sha256:` of the policy set that asked for the approval. */
  readonly policy: string;
  /** {@link paramsDigest} of the call; `null` for an approval of every call of the tool for a while. */
  readonly params: string | null;
}

/** SHA-256 (hex) of the RFC 8785 form of the binding: the name under which an identical call finds its approval. */
export const bindingHash = (binding: CallBinding): string =>
  createHash('sha256')
    .update(canonicalJson({ v: 1, ...binding }))
    .digest('hex');

/** Where an identical call finds its approval: everything but the tool's definition, whose change is told and not lost. */
export const callKey = (binding: CallBinding): string => bindingHash({ ...binding, definition: null });

/** Members of `params` that say how a call travels and not what it does; all others are bound. */
const TRANSPORT_MEMBERS: ReadonlySet<string> = new Set(['_meta', 'task']);

/**
 * `sha256:` of what a `tools/call` asks for: every member of `params` but the transport's, in canonical order, numbers as
 * they were written. `text` is the JSON-RPC request; it must have passed the strict parser (core/mcp/json.ts). `without`
 * names members of `arguments` that the gateway added to the tool's schema and strips before forwarding.
 */
export const paramsDigest = (text: string, without: readonly string[] = []): string => {
  const members = paramsOf(text).filter(({ name }) => !TRANSPORT_MEMBERS.has(name));
  const canonical = writeMembers(members, ({ name, value }) =>
    name === 'arguments' && text[value.start] === '{' ? writeArguments(text, value, without) : write(text, value),
  );
  return `sha256:${createHash('sha256').update(canonical).digest('hex')}`;
};

const writeArguments = (text: string, { start }: Span, without: readonly string[]): string => {
  const kept = memberSpans(text, start).filter(({ name }) => !without.includes(name));
  return writeMembers(kept, ({ value }) => write(text, value));
};

const paramsOf = (text: string): readonly MemberSpan[] => {
  const params = memberSpans(text, rootStart(text)).find(({ name }) => name === 'params');
  if (params === undefined || text[params.value.start] !== '{') throw new TypeError('A call to be approved has params');
  return memberSpans(text, params.value.start);
};

/** Members sorted by UTF-16 code units, as RFC 8785 section 3.2.3 sorts. */
const writeMembers = (members: readonly MemberSpan[], writeValue: (member: MemberSpan) => string): string =>
  `{${members
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((member) => `${JSON.stringify(member.name)}:${writeValue(member)}`)
    .join(',')}}`;

/** A value in canonical order: strings are quoted anew, since escapes say nothing; numbers stay as they were written. */
const write = (text: string, span: Span): string => {
  switch (text[span.start]) {
    case '{':
      return writeMembers(memberSpans(text, span.start), ({ value }) => write(text, value));
    case '[':
      return `[${itemSpans(text, span.start)
        .map((item) => write(text, item))
        .join(',')}]`;
    case '"':
      return JSON.stringify(JSON.parse(textAt(text, span)));
    default:
      return textAt(text, span);
  }
};

/** `sha256:` of a tool's definition: name, description, schemas and annotations, as canonical JSON. */
export const definitionDigest = (tool: unknown): string => {
  if (!isObject(tool)) throw new TypeError('A tool definition is a JSON object');
  // What the server may say anew with every list is not the tool.
  const { _meta: _changing, ...definition } = tool;
  return `sha256:${createHash('sha256').update(canonicalJson(definition)).digest('hex')}`;
};
