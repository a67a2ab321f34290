// Cuts an answer to what the principal could use: items of lists, and the capabilities whose lists are not theirs to ask
// for. The rest of the text stays byte for byte. In the modern era such an answer may not be cached for others. Pure.

import type { ApprovalRule, ResourceKind } from '../../policy-contract.ts';
import { parseUpstreamMessage } from '../mcp/answer.ts';
import { isObject, type JsonObject, parseStrictJson } from '../mcp/json.ts';
import {
  applyEdits,
  type Edit,
  itemSpans,
  type MemberSpan,
  memberSpans,
  rootStart,
  type Span,
  textAt,
} from '../mcp/json-spans.ts';
import type { PolicyCall } from '../policy/call.ts';
import type { Policy } from '../policy/policy.ts';
import { err, ok, type Result } from '../result.ts';
import { withGlassArgument, withJustificationArgument, withTasksExtension } from './announce-holds.ts';

export interface CutAnswer {
  readonly text: string;
  /** Items handed on and left out; `null` when the answer holds no list. */
  readonly counts: { readonly shown: number; readonly hidden: number } | null;
}

interface ListShape {
  readonly member: string;
  readonly kind: ResourceKind;
  readonly name: string;
  /** What one does with an item. */
  readonly action: string;
}

const LISTS: Readonly<Record<string, ListShape>> = {
  'tools/list': { member: 'tools', kind: 'Tool', name: 'name', action: 'tools/call' },
  'prompts/list': { member: 'prompts', kind: 'Prompt', name: 'name', action: 'prompts/get' },
  'resources/list': { member: 'resources', kind: 'Resource', name: 'uri', action: 'resources/read' },
  'resources/templates/list': {
    member: 'resourceTemplates',
    kind: 'Resource',
    name: 'uriTemplate',
    action: 'resources/read',
  },
};

/** Capabilities of a server, and the action without which they are of no use. */
const CAPABILITIES: Readonly<Record<string, string>> = {
  tools: 'tools/list',
  prompts: 'prompts/list',
  resources: 'resources/list',
  logging: 'logging/setLevel',
  tasks: 'tasks/get',
};

const DISCOVERIES: ReadonlySet<string> = new Set(['initialize', 'server/discover']);
/** A policy may look at the clock, and a deployment may change it: nobody should rely on a list for longer. */
const MAX_TTL_MS = 60_000;

type CutFault = 'a list that two readers could read differently';

/** Cuts the answers of one exchange; `undefined` where none of its answers can hold what is to be cut. */
export type CutAnswers = (text: string) => Result<CutAnswer, CutFault>;

export const answerCutter = (policy: Policy, call: PolicyCall): CutAnswers | undefined => {
  const isResumed = call.action === 'stream';
  const method = call.action;
  const isCached = method === 'resources/read' && call.era === 'modern';
  if (!isResumed && !isCached && !Object.hasOwn(LISTS, method) && !DISCOVERIES.has(method)) return undefined;
  const cutter = new Cutter(policy, call, isResumed);
  return (text) => cutter.cut(text);
};

class Cutter {
  readonly #policy: Policy;
  readonly #call: PolicyCall;
  /** A resumed stream brings answers of requests that are not known here: they are told by their shape. */
  readonly #byShape: boolean;

  constructor(policy: Policy, call: PolicyCall, byShape: boolean) {
    this.#policy = policy;
    this.#call = call;
    this.#byShape = byShape;
  }

  cut(text: string): Result<CutAnswer, CutFault> {
    if (!('result' in (parseUpstreamMessage(text) ?? {}))) return ok({ text, counts: null });
    const parsed = parseStrictJson(text);
    // A member written twice would be cut for one reader and be whole for another.
    if (!parsed.ok) return err('a list that two readers could read differently');
    const message = parsed.value;
    const result = isObject(message) ? message['result'] : undefined;
    if (!isObject(result)) return ok({ text, counts: null });
    const span = memberSpans(text, rootStart(text)).find(({ name }) => name === 'result');
    const members = span === undefined ? [] : memberSpans(text, span.value.start);
    const lists = this.#lists().map((list) => this.#cutList(text, members, result, list));
    const counts = lists.flatMap((list) => (list === undefined ? [] : [list]));
    const edits = [
      ...counts.flatMap(({ edit }) => edit),
      ...this.#cutCapabilities(text, members, result),
      ...this.#keepPrivate(members, result, span?.value.end ?? 0),
    ];
    return ok({ text: applyEdits(text, edits), counts: counts.length === 0 ? null : sum(counts) });
  }

  #lists(): readonly ListShape[] {
    if (this.#byShape) return Object.values(LISTS);
    const list = LISTS[this.#call.action];
    return list === undefined ? [] : [list];
  }

  #cutList(text: string, members: readonly MemberSpan[], result: JsonObject, list: ListShape) {
    const items = result[list.member];
    const span = members.find(({ name }) => name === list.member)?.value;
    if (!Array.isArray(items) || span === undefined) return undefined;
    const spans = itemSpans(text, span.start);
    const kept = spans.flatMap((item, index) =>
      this.#shows(items[index], list) ? [{ span: item, item: items[index] }] : [],
    );
    const hidden = spans.length - kept.length;
    const texts = kept.map(({ span: at, item }) => this.#announceHold(textAt(text, at), item, list));
    const edit: Edit[] =
      hidden > 0
        ? [{ span, text: `[${texts.join(',')}]` }]
        : kept.flatMap(({ span: at }, index) => changed(text, at, texts[index] ?? ''));
    return { edit, shown: kept.length, hidden };
  }

  #shows(item: unknown, { kind, name, action }: ListShape): boolean {
    const named = isObject(item) ? item[name] : undefined;
    if (typeof named !== 'string') return false;
    return this.#could(action, { kind, name: named });
  }

  /** A tool that is held until people agree says that they want to know why. */
  #announceHold(text: string, item: unknown, { kind, name, action }: ListShape): string {
    const named = isObject(item) ? item[name] : undefined;
    if (kind !== 'Tool' || typeof named !== 'string') return text;
    const rules = this.#heldBy(action, { kind, name: named });
    const asked = rules.some(({ justification }) => justification) ? withJustificationArgument(text) : text;
    return rules.some((rule) => this.#mayBreak(rule)) ? withGlassArgument(asked) : asked;
  }

  /** Which of several rules hold a call its arguments say; each is tried again with them. */
  #mayBreak({ glass }: ApprovalRule): boolean {
    const { kind, groups } = this.#call.principal;
    return glass !== null && kind === 'person' && glass.groups.some((group) => groups.includes(group));
  }

  #heldBy(action: string, resource: PolicyCall['resource']) {
    return this.#policy.heldBy({ ...this.#call, action, method: action, resource, args: undefined });
  }

  #could(action: string, resource: PolicyCall['resource']): boolean {
    return this.#policy.couldUse({ ...this.#call, action, method: action, resource, args: undefined });
  }

  #cutCapabilities(text: string, members: readonly MemberSpan[], result: JsonObject): readonly Edit[] {
    const isDiscovery = DISCOVERIES.has(this.#call.action) || (this.#byShape && 'protocolVersion' in result);
    const span = members.find(({ name }) => name === 'capabilities')?.value;
    if (!isDiscovery || span === undefined) return [];
    const announced = memberSpans(text, span.start);
    const kept = announced.filter(({ name }) => this.#announces(name));
    const shown =
      kept.length === announced.length
        ? textAt(text, span)
        : `{${kept.map(({ whole }) => textAt(text, whole)).join(',')}}`;
    return changed(text, span, this.#handsTasks() ? withTasksExtension(shown) : shown);
  }

  /** Whether a call of this principal could become a task of the gateway's, which its client may follow. */
  #handsTasks(): boolean {
    if (this.#call.era !== 'modern' || !this.#policy.holdsAt(this.#call.server)) return false;
    return this.#could('tasks/get', { kind: 'Server', name: '' });
  }

  #announces(capability: string): boolean {
    const action = Object.hasOwn(CAPABILITIES, capability) ? CAPABILITIES[capability] : undefined;
    return action === undefined || this.#could(action, { kind: 'Server', name: '' });
  }

  /** MCP 2026-07-28: a list filtered per user must be `private`. A resource that policy guards is as well. */
  #keepPrivate(members: readonly MemberSpan[], result: JsonObject, end: number): readonly Edit[] {
    if (this.#call.era !== 'modern') return [];
    const { cacheScope, ttlMs } = result;
    // What holds none of what is cut is none of our business.
    const held = ['cacheScope', 'capabilities', ...this.#lists().map(({ member }) => member)];
    if (!held.some((member) => member in result)) return [];
    const isShort = typeof ttlMs === 'number' && ttlMs <= MAX_TTL_MS;
    const wanted = [
      ...(cacheScope === 'private' ? [] : [['cacheScope', '"private"'] as const]),
      ...(isShort ? [] : [['ttlMs', String(MAX_TTL_MS)] as const]),
    ];
    if (this.#call.action !== 'resources/read') return setMembers(members, wanted, end);
    return cacheScope === undefined ? [] : setMembers(members, wanted.slice(0, cacheScope === 'private' ? 0 : 1), end);
  }
}

const changed = (text: string, span: Span, next: string): readonly Edit[] =>
  textAt(text, span) === next ? [] : [{ span, text: next }];

const sum = (lists: readonly { readonly shown: number; readonly hidden: number }[]) => ({
  shown: lists.reduce((total, { shown }) => total + shown, 0),
  hidden: lists.reduce((total, { hidden }) => total + hidden, 0),
});

/** Gives members of the object that ends at `end` other values; those it lacks are added as its last. */
const setMembers = (
  members: readonly MemberSpan[],
  wanted: readonly (readonly [string, string])[],
  end: number,
): readonly Edit[] => {
  const found = (name: string) => members.find((member) => member.name === name);
  const changed = wanted.flatMap(([name, text]) => {
    const span = found(name)?.value;
    return span === undefined ? [] : [{ span, text }];
  });
  const added = wanted.filter(([name]) => found(name) === undefined).map(([name, text]) => `"${name}":${text}`);
  if (added.length === 0) return changed;
  const text = [...(members.length === 0 ? [] : ['']), ...added].join(',');
  return [...changed, { span: { start: end - 1, end: end - 1 }, text }];
};
