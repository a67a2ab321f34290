// A tool's input schema in Cedar's types. Cedar has no unions, maps, floats or null; what it cannot express has no type
// here, and a policy that names it is refused at synth rather than silent at run time. docs/policies.md has the table.

import type { ArgumentType, RecordType } from '../../lambdas/policy-contract.ts';
import { isMapping } from '../config-yaml.ts';

type Schema = Readonly<Record<string, unknown>>;
type Member = RecordType[string];

/** Deeper structures have no type; it also ends schemas that refer to themselves. */
const MAX_DEPTH = 8;
/** Member names that mean something else in Cedar's JSON. */
const RESERVED: ReadonlySet<string> = new Set(['__entity', '__extn', '__expr']);

/** Types of the members of an input schema. */
export const argumentTypes = (inputSchema: unknown): RecordType => {
  const root = isMapping(inputSchema) ? inputSchema : {};
  return membersOf(root, { root, depth: 0 });
};

interface Place {
  readonly root: Schema;
  readonly depth: number;
}

const membersOf = (schema: Schema, place: Place): RecordType => {
  const properties = schema['properties'];
  const required = Array.isArray(schema['required']) ? schema['required'] : [];
  if (!isMapping(properties)) return {};
  const members = Object.entries(properties).flatMap(([name, property]) => {
    const typed = RESERVED.has(name) ? undefined : typeOf(property, { ...place, depth: place.depth + 1 });
    if (typed === undefined) return [];
    // A member that may be null may be without a value: in Cedar both are its absence.
    return [[name, { ...typed, required: required.includes(name) && !typed.nullable }] as const];
  });
  return Object.fromEntries(members);
};

type Typed = Pick<Member, 'type' | 'nullable'>;

const typeOf = (schema: unknown, place: Place): Typed | undefined => {
  if (!isMapping(schema) || place.depth > MAX_DEPTH) return undefined;
  const reference = schema['$ref'];
  if (typeof reference === 'string') return typeOf(resolve(reference, place.root), deeper(place));
  const { type } = schema;
  if (typeof type === 'string') return plain(ofKind(type, schema, place));
  if (Array.isArray(type)) return ofKinds(type, schema, place);
  const branches = schema['anyOf'] ?? schema['oneOf'] ?? schema['allOf'];
  if (Array.isArray(branches)) return schema['allOf'] === branches ? ofAll(branches, place) : ofAny(branches, place);
  return plain(ofValues(schema));
};

const deeper = (place: Place): Place => ({ ...place, depth: place.depth + 1 });

const plain = (type: ArgumentType | undefined): Typed | undefined =>
  type === undefined ? undefined : { type, nullable: false };

const ofKind = (kind: string, schema: Schema, place: Place): ArgumentType | undefined => {
  switch (kind) {
    case 'string':
      return 'string';
    case 'integer':
      return 'long';
    case 'number':
      return 'decimal';
    case 'boolean':
      return 'bool';
    case 'array':
      return ofItems(schema['items'], place);
    case 'object':
      return isMapping(schema['properties']) ? { record: membersOf(schema, place) } : undefined;
    default:
      return undefined;
  }
};

const ofItems = (items: unknown, place: Place): ArgumentType | undefined => {
  const typed = typeOf(items, deeper(place));
  return typed === undefined || typed.nullable ? undefined : { set: typed.type };
};

const ofKinds = (kinds: readonly unknown[], schema: Schema, place: Place): Typed | undefined => {
  const [kind, ...others] = kinds.filter((one) => one !== 'null');
  if (typeof kind !== 'string' || others.length > 0) return undefined;
  const type = ofKind(kind, schema, place);
  return type === undefined ? undefined : { type, nullable: kinds.includes('null') };
};

/** One type in all branches, `null` aside; several are a union. */
const ofAny = (branches: readonly unknown[], place: Place): Typed | undefined => {
  const isNull = (branch: unknown) => isMapping(branch) && (branch['type'] === 'null' || branch['const'] === null);
  const typed = branches.filter((branch) => !isNull(branch)).map((branch) => typeOf(branch, deeper(place)));
  const [first] = typed;
  if (first === undefined || typed.some((one) => JSON.stringify(one?.type) !== JSON.stringify(first.type))) {
    return undefined;
  }
  const nullable = branches.some(isNull) || typed.some((one) => one?.nullable === true);
  return { type: first.type, nullable };
};

/** Only the trivial case: what several schemas say together is not for us to work out. */
const ofAll = (branches: readonly unknown[], place: Place): Typed | undefined =>
  branches.length === 1 ? typeOf(branches[0], deeper(place)) : undefined;

const ofValues = (schema: Schema): ArgumentType | undefined => {
  const values = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : [];
  if (values.length === 0) return undefined;
  if (values.every((value) => typeof value === 'string')) return 'string';
  if (values.every((value) => Number.isSafeInteger(value))) return 'long';
  return values.every((value) => typeof value === 'boolean') ? 'bool' : undefined;
};

/** A pointer into the same document (RFC 6901); others are nobody's business at synth. */
const resolve = (reference: string, root: Schema): unknown => {
  if (!reference.startsWith('#/')) return undefined;
  const path = reference
    .slice(2)
    .split('/')
    .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'));
  return path.reduce<unknown>((node, part) => (isMapping(node) ? node[part] : undefined), root);
};
