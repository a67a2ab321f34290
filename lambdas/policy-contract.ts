// Words of the policy that the compiler (lib/policy, at synth) and the decision (lambdas/core/policy, at run time)
// share: the actions, and the shape in which compiled policies are deployed. Types and constants only.

/** What a method acts on, as the type of Cedar's `resource`. */
export type ResourceKind = 'Server' | 'Tool' | 'Prompt' | 'Resource';

/** Groups of actions, so that one line of policy permits what belongs together; each with the groups that contain it. */
export const ACTION_GROUPS = {
  /** Everything a server offers; not `other`. */
  use: [],
  /** Open a session, keep it, close it, and ask what there is. Lists show only what the principal could use. */
  connect: ['use'],
  session: ['connect'],
  list: ['connect'],
  /** Read resources, prompts and completions; `tools/call` is never part of it. */
  read: ['use'],
  tasks: ['use'],
} as const;

export type ActionGroup = keyof typeof ACTION_GROUPS;

interface ActionShape {
  readonly group: ActionGroup | null;
  readonly on: readonly ResourceKind[];
}

const session = { group: 'session', on: ['Server'] } as const satisfies ActionShape;
const list = { group: 'list', on: ['Server'] } as const satisfies ActionShape;
const tasks = { group: 'tasks', on: ['Server'] } as const satisfies ActionShape;
const read = (...on: readonly ResourceKind[]): ActionShape => ({ group: 'read', on });

/** Actions that a client asks for. An MCP method that is not here is the action `other`. */
export const ACTIONS: Readonly<Record<string, ActionShape>> = {
  initialize: session,
  'server/discover': session,
  ping: session,
  'logging/setLevel': session,
  'subscriptions/listen': session,
  'notifications/initialized': session,
  'notifications/cancelled': session,
  'notifications/progress': session,
  'notifications/roots/list_changed': session,
  /** The client's answer to a request of the server (sampling, elicitation, roots). */
  respond: session,
  /** GET: a stream for notifications, or the rest of a broken one. */
  stream: session,
  /** DELETE: the end of a session. */
  terminate: session,
  'tools/list': list,
  'prompts/list': list,
  'resources/list': list,
  'resources/templates/list': list,
  'resources/read': read('Resource'),
  'resources/subscribe': read('Resource'),
  'resources/unsubscribe': read('Resource'),
  'prompts/get': read('Prompt'),
  'completion/complete': read('Prompt', 'Resource'),
  'tools/call': { group: 'use', on: ['Tool'] },
  'tasks/get': tasks,
  'tasks/result': tasks,
  'tasks/list': tasks,
  'tasks/update': tasks,
  'tasks/cancel': tasks,
  /** Any other method: `context.method` says which. In no group: whoever wants it must write it. */
  other: { group: null, on: ['Server'] },
};

/** Actions whose context has `args`, typed from the catalogue. */
export const ACTIONS_WITH_ARGUMENTS = ['tools/call', 'prompts/get'] as const;

/** The type of one argument, as policies see it. `decimal-text`: a decimal written as a string. */
export type ArgumentType =
  | 'string'
  | 'long'
  | 'bool'
  | 'decimal'
  | 'decimal-text'
  | { readonly set: ArgumentType }
  | { readonly record: RecordType };

export type RecordType = Readonly<
  Record<string, { readonly type: ArgumentType; readonly required: boolean; readonly nullable: boolean }>
>;

/** What policies know of a tool: the hints of its annotations, and the arguments that policies in force name. */
export interface CatalogTool {
  readonly readOnly: boolean;
  readonly destructive: boolean;
  readonly idempotent: boolean;
  readonly openWorld: boolean;
  /** `sha256:` of the reviewed definition as canonical JSON (RFC 8785), without its `_meta`. */
  readonly definition: string;
  readonly args: RecordType;
  /** The same with those that only log-only policies name: what does not fit them is no reason to refuse. */
  readonly trialArgs: RecordType;
  /** JSON Schema of `structuredContent`, when the tool has one: what is masked in it stays valid. */
  readonly outputSchema?: Readonly<Record<string, unknown>>;
}

export type CatalogPrompt = Pick<CatalogTool, 'args' | 'trialArgs'>;

/** The reviewed tools and prompts of a server; one that is not here is refused. */
export interface ServerCatalog {
  readonly tools: Readonly<Record<string, CatalogTool>>;
  readonly prompts: Readonly<Record<string, CatalogPrompt>>;
}

/** What the annotations of one forbid demand before an approval lifts it. */
export interface ApprovalRule {
  /** Members of any of these groups may approve. */
  readonly groups: readonly string[];
  /** Distinct people who must approve. */
  readonly quorum: number;
  /** Seconds a request may wait. */
  readonly expiresSeconds: number;
  /** Seconds for which one approval covers further calls of that tool; `null`: this one call only. */
  readonly windowSeconds: number | null;
  readonly justification: boolean;
  /** Oldest sign-in, in seconds, with which an approver may decide; `null`: any. */
  readonly stepUpSeconds: number | null;
  /** `acr` that the approver's sign-in must have; `null`: any. */
  readonly acr: string | null;
  /** Groups asked as well when nobody decides in time. */
  readonly escalate: readonly string[];
  /** Who may proceed at once with a justification, and in how many seconds others must review it; `null`: nobody. */
  readonly glass: { readonly groups: readonly string[]; readonly reviewSeconds: number } | null;
}

export interface PolicyRule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  /** The one server that its scope allows; `null`: any. */
  readonly server: string | null;
  /** `log-only`: recorded, and decides nothing. */
  readonly mode: 'enforce' | 'log-only';
  /** File, relative to the policy folder, and the line where it begins. */
  readonly file: string;
  readonly line: number;
  readonly text: string;
  /**
   * The policy while arguments are unknown, for lists: a permit without its conditions on arguments; `null` for a forbid
   * with such conditions.
   */
  readonly shown: string | null;
  readonly approval: ApprovalRule | null;
  /** What a caller whom it refuses is told. */
  readonly advice: string | null;
}

/** The compiled policies, as they are deployed. */
export interface PolicyConfig {
  /** `sha256:<hex>` of the policies and of everything that they were checked against. */
  readonly digest: string;
  /** `sha256:<hex>` of the Cedar engine (WebAssembly) that checked them; no other may decide. */
  readonly engine: string;
  /** IANA name; the zone of `context.time.local`. */
  readonly timeZone: string;
  /** Attributes of `context` that some policy names, as `name` or `name.member`; `null`: all. */
  readonly named: readonly string[] | null;
  readonly rules: readonly PolicyRule[];
}
