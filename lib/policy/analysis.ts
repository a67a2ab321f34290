// What a policy looks at, read from its syntax tree: which attributes of the context, which arguments, which entities.
// Cedar has no variables and no computed names, so an attribute that is not written here is not read.

import type { ActionConstraint, Clause, EntityUidJson, PolicyJson } from '@cedar-policy/cedar-wasm/nodejs';
import { ACTION_GROUPS, ACTIONS, type ActionGroup, type ResourceKind } from '../../lambdas/policy-contract.ts';

/** `null`: all, since the record is used as a whole. */
type Names = ReadonlySet<string> | null;

export interface Looked {
  /** As `name`, or `name.member` where only that member is read. */
  readonly context: Names;
  readonly args: Names;
  readonly entities: readonly { readonly type: string; readonly id: string }[];
}

type Tree = { readonly [key: string]: unknown };

const isTree = (value: unknown): value is Tree => typeof value === 'object' && value !== null && !Array.isArray(value);

interface Access {
  readonly left: unknown;
  readonly names: readonly string[];
}

/** `left.name`, or `left has name`; a `has` may name a path. */
const accessOf = (node: Tree): Access | undefined => {
  const access = node['.'] ?? node['has'];
  if (!isTree(access)) return undefined;
  const { left, attr } = access;
  if (typeof attr === 'string') return { left, names: [attr] };
  return Array.isArray(attr) ? { left, names: attr.map(String) } : undefined;
};

const isContext = (node: unknown): boolean => isTree(node) && node['Var'] === 'context';

const isArguments = (node: unknown): boolean => {
  if (!isTree(node) || node['.'] === undefined) return false;
  const access = accessOf(node);
  return access !== undefined && isContext(access.left) && access.names[0] === 'args';
};

/** `token` of `context.token`, whose members are handed over one by one. */
const memberOf = (node: unknown): string | undefined => {
  const access = isTree(node) && node['.'] !== undefined ? accessOf(node) : undefined;
  return access !== undefined && isContext(access.left) ? access.names[0] : undefined;
};

class Looker {
  context: Set<string> | null = new Set();
  args: Set<string> | null = new Set();
  readonly entities: { type: string; id: string }[] = [];

  visit(node: unknown): void {
    if (Array.isArray(node)) for (const part of node) this.visit(part);
    if (!isTree(node)) return;
    if (isContext(node)) this.#everything();
    else if (isArguments(node)) this.#allArguments();
    else this.#visitParts(node);
  }

  #visitParts(node: Tree): void {
    this.#entity(node['__entity'] ?? node['entity']);
    const access = accessOf(node);
    if (access === undefined) for (const part of Object.values(node)) this.visit(part);
    else this.#access(access);
  }

  #access({ left, names: [name = '', second] }: Access): void {
    const member = memberOf(left);
    if (isArguments(left)) {
      this.context?.add('args');
      this.args?.add(name);
    } else if (member !== undefined) {
      this.context?.add(`${member}.${name}`);
    } else if (isContext(left)) {
      this.context?.add(second === undefined || name === 'args' ? name : `${name}.${second}`);
      if (name === 'args' && second !== undefined) this.args?.add(second);
    } else this.visit(left);
  }

  #everything(): void {
    this.context = null;
    this.args = null;
  }

  #allArguments(): void {
    this.context?.add('args');
    this.args = null;
  }

  #entity(uid: unknown): void {
    const inner = isTree(uid) && isTree(uid['__entity']) ? uid['__entity'] : uid;
    if (!isTree(inner)) return;
    const { type, id } = inner;
    // A record literal may have a member named `entity`, which names none.
    if (typeof type === 'string' && typeof id === 'string') this.entities.push({ type, id });
  }
}

export const lookAt = (policy: PolicyJson): Looked => {
  const looker = new Looker();
  const { principal, resource, action, conditions } = policy;
  looker.visit([principal, resource, conditions]);
  for (const uid of actionsIn(action)) looker.visit({ entity: uid });
  return { context: looker.context, args: looker.args, entities: looker.entities };
};

const lookAtClause = (body: unknown): Looker => {
  const looker = new Looker();
  looker.visit(body);
  return looker;
};

const mentionsArguments = (body: unknown): boolean => {
  const { args, context } = lookAtClause(body);
  return args === null || args.size > 0 || context === null;
};

const actionsIn = (action: ActionConstraint): readonly EntityUidJson[] => {
  if ('entities' in action) return action.entities;
  return 'entity' in action ? [action.entity] : [];
};

const idOf = (uid: EntityUidJson): string => ('__entity' in uid ? uid.__entity.id : uid.id);
const typeOf = (uid: EntityUidJson): string => ('__entity' in uid ? uid.__entity.type : uid.type);

const groupsAbove = (group: ActionGroup): readonly string[] => [group, ...ACTION_GROUPS[group].flatMap(groupsAbove)];

/** Whether the scope of a policy covers an action. */
export const coversAction = ({ action }: PolicyJson, name: string): boolean => {
  if (action.op === 'All') return true;
  const group = ACTIONS[name]?.group ?? null;
  const names = action.op === 'in' && group !== null ? [name, ...groupsAbove(group)] : [name];
  return actionsIn(action).some((uid) => names.includes(idOf(uid)));
};

/** The server to which the scope of a policy is bound; `null` for any. */
export const serverOf = ({ resource }: PolicyJson): string | null => {
  const within = resource.op === 'is' ? resource.in : resource;
  return within !== undefined && 'entity' in within ? (idOf(within.entity).split('/')[0] ?? null) : null;
};

/** Whether the scope of a policy covers a tool, prompt or resource of a server. */
export const coversResource = ({ resource }: PolicyJson, kind: ResourceKind, server: string, name: string): boolean => {
  if (resource.op === 'All') return true;
  const uids = [`Mcp::${kind}::${server}/${name}`, `Mcp::Server::${server}`];
  const names = (uid: EntityUidJson) => uids.includes(`${typeOf(uid)}::${idOf(uid)}`);
  if (resource.op !== 'is') return 'entity' in resource && names(resource.entity);
  if (resource.entity_type !== `Mcp::${kind}`) return false;
  return resource.in === undefined || ('entity' in resource.in && names(resource.in.entity));
};

/**
 * The policy while arguments are unknown. A permit loses its conditions on arguments: some arguments may meet them. A
 * forbid with such conditions is left out: some arguments may escape it. Together they show no less than can be used.
 */
export const withoutArguments = (policy: PolicyJson): PolicyJson | null => {
  if (!policy.conditions.some(({ body }) => mentionsArguments(body))) return policy;
  if (policy.effect === 'forbid') return null;
  return { ...policy, conditions: policy.conditions.flatMap(keptClauses) };
};

/** `when` holds if all its conjuncts do, `unless` if none of its disjuncts does: each counts by itself. */
const keptClauses = ({ kind, body }: Clause): readonly Clause[] =>
  partsOf(body, kind === 'when' ? '&&' : '||')
    .filter((part) => !mentionsArguments(part))
    .map((part) => ({ kind, body: part as Clause['body'] }));

const partsOf = (body: unknown, operator: '&&' | '||'): readonly unknown[] => {
  const pair = isTree(body) ? body[operator] : undefined;
  return isTree(pair) ? [...partsOf(pair['left'], operator), ...partsOf(pair['right'], operator)] : [body];
};
