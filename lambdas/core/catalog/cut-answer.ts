// Cuts an answer to what the principal could use: items of lists, and the capabilities whose lists are not theirs to ask
// for. The rest of the text stays byte for byte. In the modern era such an answer may not be cached for others. Pure.

import type { ApprovalRule, ResourceKind } from '../../policy-contract.ts';
import { ARRAY, type JsonNode, NUMBER, OBJECT, STRING, stringText } from '../masking/json/nodes.ts';
import { lastMembers, readJson, scalarOf } from '../masking/json/read.ts';
import type { Work } from '../masking/work.ts';
import { applyEdits, type Edit, memberSpans, type Span, textAt } from '../mcp/json-spans.ts';
import { strictFault } from '../mcp/strict-spans.ts';
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
export type CutAnswers = (text: string) => Work<Result<CutAnswer, CutFault>>;

export const answerCutter = (policy: Policy, call: PolicyCall): CutAnswers | undefined => {
  const isResumed = call.action === 'stream';
  const method = call.action;
  const isCached = method === 'resources/read' && call.era === 'modern';
  if (!isResumed && !isCached && !Object.hasOwn(LISTS, method) && !DISCOVERIES.has(method)) return undefined;
  const cutter = new Cutter(policy, call, isResumed);
  return (text) => cutter.cut(text);
};

/** Members of a result by name. */
type Members = ReadonlyMap<string, JsonNode>;

/** Those that are asked for beside the lists. */
const RESULT_MEMBERS = ['capabilities', 'protocolVersion', 'cacheScope', 'ttlMs'];

interface CutList {
  readonly edits: readonly Edit[];
  readonly shown: number;
  readonly hidden: number;
}

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

  *cut(text: string): Work<Result<CutAnswer, CutFault>> {
    const root = yield* readJson(text);
    const result = root === undefined ? undefined : (yield* lastMembers(text, root, ['result'])).get('result');
    if (root === undefined || result === undefined) return ok({ text, counts: null });
    // A member written twice would be cut for one reader and be whole for another.
    if ((yield* strictFault(text, root)) !== undefined) return err('a list that two readers could read differently');
    if (result.kind !== OBJECT) return ok({ text, counts: null });
    const members = yield* lastMembers(text, result, [...RESULT_MEMBERS, ...this.#lists().map(({ member }) => member)]);
    const counts: CutList[] = [];
    for (const list of this.#lists()) {
      const items = members.get(list.member);
      if (items?.kind === ARRAY) counts.push(yield* this.#cutList(text, items, list));
    }
    const edits = [
      ...counts.flatMap(({ edits: each }) => each),
      ...this.#cutCapabilities(text, members),
      ...this.#keepPrivate(text, members, result),
    ];
    return ok({ text: applyEdits(text, edits), counts: counts.length === 0 ? null : sum(counts) });
  }

  #lists(): readonly ListShape[] {
    if (this.#byShape) return Object.values(LISTS);
    const list = LISTS[this.#call.action];
    return list === undefined ? [] : [list];
  }

  *#cutList(text: string, items: JsonNode, list: ListShape): Work<CutList> {
    const edits: Edit[] = [];
    const kept: string[] = [];
    for (let item = items.first; item !== null; item = item.next) {
      const name = yield* nameOf(text, item, list);
      if (name !== undefined && this.#could(list.action, { kind: list.kind, name })) {
        const announced = this.#announceHold(textAt(text, item), name, list);
        edits.push(...changed(text, item, announced));
        kept.push(announced);
      }
      // Policy is asked for each of them.
      yield;
    }
    const hidden = items.count - kept.length;
    return { edits: hidden > 0 ? [{ span: items, text: `[${kept.join(',')}]` }] : edits, shown: kept.length, hidden };
  }

  /** A tool that is held until people agree says that they want to know why. */
  #announceHold(text: string, name: string, { kind, action }: ListShape): string {
    if (kind !== 'Tool') return text;
    const rules = this.#heldBy(action, { kind, name });
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

  #cutCapabilities(text: string, members: Members): readonly Edit[] {
    const isDiscovery = DISCOVERIES.has(this.#call.action) || (this.#byShape && members.has('protocolVersion'));
    const span = members.get('capabilities');
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
  #keepPrivate(text: string, members: Members, result: JsonNode): readonly Edit[] {
    if (this.#call.era !== 'modern') return [];
    // What holds none of what is cut is none of our business.
    const held = ['cacheScope', 'capabilities', ...this.#lists().map(({ member }) => member)];
    if (!held.some((member) => members.has(member))) return [];
    const [cacheScope, ttlMs] = [members.get('cacheScope'), members.get('ttlMs')];
    const isPrivate = cacheScope?.kind === STRING && stringText(text, cacheScope) === 'private';
    const isShort = ttlMs?.kind === NUMBER && Number(scalarOf(text, ttlMs)) <= MAX_TTL_MS;
    const wanted = [
      ...(isPrivate ? [] : [['cacheScope', '"private"'] as const]),
      ...(isShort ? [] : [['ttlMs', String(MAX_TTL_MS)] as const]),
    ];
    if (this.#call.action !== 'resources/read') return setMembers(members, wanted, result);
    return cacheScope === undefined ? [] : setMembers(members, wanted.slice(0, isPrivate ? 0 : 1), result);
  }
}

/** What a list is cut by: the name of a tool, the URI of a resource. */
function* nameOf(text: string, item: JsonNode, { name }: ListShape): Work<string | undefined> {
  const node = (yield* lastMembers(text, item, [name])).get(name);
  return node?.kind === STRING ? stringText(text, node) : undefined;
}

const changed = (text: string, span: Span, next: string): readonly Edit[] =>
  textAt(text, span) === next ? [] : [{ span, text: next }];

const sum = (lists: readonly { readonly shown: number; readonly hidden: number }[]) => ({
  shown: lists.reduce((total, { shown }) => total + shown, 0),
  hidden: lists.reduce((total, { hidden }) => total + hidden, 0),
});

/** Gives members of an object other values; those it lacks are added as its last. */
const setMembers = (
  members: Members,
  wanted: readonly (readonly [string, string])[],
  object: JsonNode,
): readonly Edit[] => {
  const changed = wanted.flatMap(([name, text]) => {
    const span = members.get(name);
    return span === undefined ? [] : [{ span, text }];
  });
  const added = wanted.filter(([name]) => !members.has(name)).map(([name, text]) => `"${name}":${text}`);
  if (added.length === 0) return changed;
  const text = [...(object.count === 0 ? [] : ['']), ...added].join(',');
  return [...changed, { span: { start: object.end - 1, end: object.end - 1 }, text }];
};
