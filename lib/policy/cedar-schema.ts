// The Cedar schema that a policy is checked against. `context.args` has the type of one tool at a time: a policy is
// checked once for every tool it can apply to.

import {
  ACTION_GROUPS,
  ACTIONS,
  ACTIONS_WITH_ARGUMENTS,
  type ArgumentType,
  type RecordType,
} from '../../lambdas/policy-contract.ts';

const quoted = (name: string): string => JSON.stringify(name);

const typeText = (type: ArgumentType): string => {
  if (typeof type === 'object') return 'set' in type ? `Set<${typeText(type.set)}>` : recordText(type.record);
  switch (type) {
    case 'string':
      return 'String';
    case 'long':
      return 'Long';
    case 'bool':
      return 'Bool';
    case 'decimal':
    case 'decimal-text':
      return 'decimal';
  }
};

const recordText = (record: RecordType): string => {
  const members = Object.entries(record).map(
    ([name, { type, required }]) => `${quoted(name)}${required ? '' : '?'}: ${typeText(type)}`,
  );
  return `{${members.join(', ')}}`;
};

/** Attributes of the context of every action; `lambdas/core/policy/cedar-request.ts` fills them in. */
const CONTEXT = [
  'approved: Bool',
  'method: String',
  'era: String',
  'ip: ipaddr',
  'client: { id: String, registered: Bool }',
  'token: { acr?: String, amr: Set<String>, scopes: Set<String>, authAgeSeconds?: Long }',
  'time: { epochSeconds: Long, utc: Clock, local: Clock }',
];

const ENTITIES = `  type Clock = { hour: Long, minute: Long, weekday: String, date: String };
  entity Group;
  entity User in [Group] { issuer: String };
  entity Service in [Group] { issuer: String };
  entity Server;
  entity Tool in [Server] { name: String, readOnly: Bool, destructive: Bool, idempotent: Bool, openWorld: Bool };
  entity Prompt in [Server] { name: String };
  entity Resource in [Server] { uri: String };`;

/** Types of `context.args` for the two actions that have it. */
export interface SchemaArguments {
  readonly tool?: RecordType;
  readonly prompt?: RecordType;
}

const inGroups = (groups: readonly string[]): string =>
  groups.length === 0 ? '' : ` in [${groups.map(quoted).join(', ')}]`;

/** The schema with these arguments, as Cedar text. */
export const cedarSchema = ({ tool = {}, prompt = {} }: SchemaArguments = {}): string => {
  const groups = Object.entries(ACTION_GROUPS).map(([name, above]) => `  action ${quoted(name)}${inGroups(above)};`);
  const actions = Object.entries(ACTIONS).map(([name, { group, on }]) => {
    const hasArguments = (ACTIONS_WITH_ARGUMENTS as readonly string[]).includes(name);
    const args = hasArguments ? [`args: ${recordText(name === 'tools/call' ? tool : prompt)}`] : [];
    const context = `{ ${[...CONTEXT, ...args].join(', ')} }`;
    const scope = `principal: [User, Service], resource: [${on.join(', ')}], context: ${context}`;
    return `  action ${quoted(name)}${inGroups(group === null ? [] : [group])} appliesTo { ${scope} };`;
  });
  return `namespace Mcp {\n${[ENTITIES, ...groups, ...actions].join('\n')}\n}\n`;
};
