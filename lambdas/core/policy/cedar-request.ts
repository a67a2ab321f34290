// A call as Cedar takes it: entities with their parents, and a context in which only named attributes stand. Pure.

import type { GatewayConfig } from '../../gateway-config.ts';
import {
  ACTION_GROUPS,
  ACTIONS,
  ACTIONS_WITH_ARGUMENTS,
  type ActionGroup,
  type CatalogTool,
} from '../../policy-contract.ts';
import { zonedTime } from '../time.ts';
import type { CedarRecord, CedarValue } from './arguments.ts';
import type { PolicyCall } from './call.ts';

interface EntityUid {
  readonly type: string;
  readonly id: string;
}

interface CedarEntity {
  readonly uid: EntityUid;
  readonly attrs: CedarRecord;
  readonly parents: readonly EntityUid[];
}

export interface CedarRequest {
  /** Of the resource: policies bound to another one need not be asked. */
  readonly server: string;
  readonly principal: EntityUid;
  readonly action: EntityUid;
  readonly resource: EntityUid;
  readonly context: CedarRecord;
  readonly entities: readonly CedarEntity[];
}

/** What stands for the approval and the arguments in one evaluation. */
export interface Assumed {
  readonly approved: boolean;
  readonly args: CedarRecord;
}

export const cedarRequest = (call: PolicyCall, config: GatewayConfig, assumed: Assumed): CedarRequest => {
  const principal = principalEntity(call);
  const action = actionEntity(call.action);
  const resource = resourceEntity(call, config);
  return {
    server: call.server,
    principal: principal.uid,
    action: action.uid,
    resource: resource.uid,
    context: contextOf(call, config, assumed),
    entities: [principal, action, resource],
  };
};

const uid = (type: string, id: string): EntityUid => ({ type: `Mcp::${type}`, id });

const principalEntity = ({ principal }: PolicyCall): CedarEntity => ({
  uid: uid(principal.kind === 'service' ? 'Service' : 'User', principal.subject),
  attrs: { issuer: principal.issuer },
  parents: principal.groups.map((group) => uid('Group', group)),
});

/** All groups above an action, so that no other action entity is needed. */
const groupsAbove = (group: ActionGroup): readonly ActionGroup[] => [
  group,
  ...ACTION_GROUPS[group].flatMap((above) => groupsAbove(above)),
];

const actionEntity = (action: string): CedarEntity => {
  const group = ACTIONS[action]?.group ?? null;
  const parents = group === null ? [] : groupsAbove(group).map((name) => uid('Action', name));
  return { uid: uid('Action', action), attrs: {}, parents };
};

/** What MCP assumes of a tool without annotations: the worst (schema of `ToolAnnotations`). */
const UNKNOWN_HINTS = { readOnly: false, destructive: true, idempotent: false, openWorld: true } as const;

const hintsOf = ({
  readOnly,
  destructive,
  idempotent,
  openWorld,
}: Omit<CatalogTool, 'args' | 'trialArgs' | 'definition'>): CedarRecord => ({
  readOnly,
  destructive,
  idempotent,
  openWorld,
});

const resourceEntity = ({ server, resource }: PolicyCall, { servers }: GatewayConfig): CedarEntity => {
  const above = uid('Server', server);
  if (resource.kind === 'Server') return { uid: above, attrs: {}, parents: [] };
  const { kind, name } = resource;
  const entity = { uid: uid(kind, `${server}/${name}`), parents: [above] };
  if (kind === 'Resource') return { ...entity, attrs: { uri: name } };
  if (kind === 'Prompt') return { ...entity, attrs: { name } };
  const tools = servers[server]?.catalog?.tools ?? {};
  const tool = Object.hasOwn(tools, name) ? tools[name] : undefined;
  return { ...entity, attrs: { name, ...hintsOf(tool ?? UNKNOWN_HINTS) } };
};

const contextOf = (call: PolicyCall, config: GatewayConfig, { approved, args }: Assumed): CedarRecord => {
  const wanted = new Wanted(config.policy.named);
  const parts: readonly [string, () => CedarValue][] = [
    ['approved', () => approved],
    ['method', () => call.method],
    ['era', () => call.era],
    ['ip', () => ({ __extn: { fn: 'ip', arg: call.ip } })],
    ['client', () => wanted.members('client', clientOf(call, config))],
    ['token', () => wanted.members('token', tokenOf(call))],
    ['time', () => wanted.members('time', timeOf(call, config.policy.timeZone))],
  ];
  const context = parts.flatMap(([name, value]) => (wanted.has(name) ? [[name, value()] as const] : []));
  const hasArguments = (ACTIONS_WITH_ARGUMENTS as readonly string[]).includes(call.action);
  return Object.fromEntries(hasArguments && wanted.has('args') ? [...context, ['args', args]] : context);
};

/** Handing a value to the engine costs more than making it: what no policy names stays outside. */
class Wanted {
  readonly #named: readonly string[] | null;

  constructor(named: readonly string[] | null) {
    this.#named = named;
  }

  has(name: string): boolean {
    return this.#named?.some((one) => one === name || one.startsWith(`${name}.`)) ?? true;
  }

  members(name: string, record: CedarRecord): CedarRecord {
    const named = this.#named;
    if (named === null || named.includes(name)) return record;
    return Object.fromEntries(Object.entries(record).filter(([member]) => named.includes(`${name}.${member}`)));
  }
}

const clientOf = ({ principal }: PolicyCall, { identity }: GatewayConfig): CedarRecord => ({
  id: principal.client,
  registered: identity.clients?.includes(principal.client) ?? false,
});

const tokenOf = ({ principal, at }: PolicyCall): CedarRecord => {
  const { acr, amr, scopes, authTime } = principal;
  // A sign-in in the future is no recent one: it has no age, so what asks for an age does not hold.
  const age = authTime === null ? -1 : Math.floor(at / 1000) - Math.floor(authTime);
  return { amr, scopes, ...(acr === null ? {} : { acr }), ...(age >= 0 ? { authAgeSeconds: age } : {}) };
};

const timeOf = ({ at }: PolicyCall, timeZone: string): CedarRecord => ({
  epochSeconds: Math.floor(at / 1000),
  utc: { ...zonedTime(at, 'UTC') },
  local: { ...zonedTime(at, timeZone) },
});
