// What may stand in the place of a masked value where a JSON schema says what is valid there. The first candidate that
// satisfies the schema is taken: the mask, null, zero, the format's own placeholder, then the value's shape in zeros. If
// none does, the caller withholds. JSON Schema 2020-12, as far as it speaks of one value. Pure.

import { RE2JS } from 're2js';
import { isObject, type JsonObject } from '../mcp/json.ts';
import { BY_FORMAT } from './placeholders.ts';

/** A value of JSON that can stand in for another. */
type Scalar = string | number | null;

/** Valid JSON text for a masked value under `schema`; `undefined` when nothing fits. */
export const placeholder = (schema: SchemaAt, mask: string, original: string | number): string | undefined => {
  const candidates: Scalar[] = [mask, null, 0, ...Object.values(BY_FORMAT)];
  if (typeof original === 'string') candidates.push(zeroed(original));
  const fitting = candidates.find((candidate) => schema.allows(candidate));
  return fitting === undefined ? undefined : JSON.stringify(fitting);
};

/** The shape of a value: each digit 0, each letter X. */
const zeroed = (value: string): string => value.replace(/\p{N}/gu, '0').replace(/\p{L}/gu, 'X');

const MAX_REFERENCES = 16;

/** A schema at one place of a document, with the document that its references point into. */
export class SchemaAt {
  readonly #root: unknown;
  readonly #schema: unknown;

  constructor(root: unknown, schema: unknown = root) {
    this.#root = root;
    this.#schema = schema;
  }

  /** Of a member; every branch of a combination that speaks of it has a say. */
  member(name: string): SchemaAt {
    return this.#step((schema) => memberSchemas(schema, name));
  }

  item(index: number): SchemaAt {
    return this.#step((schema) => {
      const prefix = Array.isArray(schema['prefixItems']) ? schema['prefixItems'] : [];
      if (index < prefix.length) return [prefix[index]];
      return schema['items'] === undefined ? [] : [schema['items']];
    });
  }

  allows(value: Scalar): boolean {
    return this.#allows(this.#schema, value, 0);
  }

  /** Whether a member may be left out. */
  requires(name: string): boolean {
    return this.#objects(this.#schema, 0).some(
      (schema) => Array.isArray(schema['required']) && schema['required'].includes(name),
    );
  }

  /** Whether an object may have a member of a name that its schema does not list. */
  get isOpen(): boolean {
    return this.#objects(this.#schema, 0).every(
      (schema) =>
        schema['additionalProperties'] !== false &&
        schema['unevaluatedProperties'] !== false &&
        schema['propertyNames'] === undefined,
    );
  }

  #step(into: (schema: JsonObject) => readonly unknown[]): SchemaAt {
    const found = this.#objects(this.#schema, 0).flatMap(into);
    if (found.length === 1) return new SchemaAt(this.#root, found[0]);
    return new SchemaAt(this.#root, found.length === 0 ? true : { allOf: found });
  }

  /** The schema itself, what it refers to, and the branches of its combinations. */
  #objects(schema: unknown, depth: number): JsonObject[] {
    if (!isObject(schema) || depth > MAX_REFERENCES) return [];
    const branches = ['allOf', 'anyOf', 'oneOf'].flatMap((name) => (Array.isArray(schema[name]) ? schema[name] : []));
    const others = [...branches, schema['then'], schema['else'], this.#target(schema)];
    return [schema, ...others.flatMap((other) => this.#objects(other, depth + 1))];
  }

  #target(schema: JsonObject): unknown {
    const reference = schema['$ref'];
    if (typeof reference !== 'string' || !reference.startsWith('#')) return undefined;
    return reference
      .slice(1)
      .split('/')
      .slice(1)
      .map((part) => decodeURIComponent(part).replaceAll('~1', '/').replaceAll('~0', '~'))
      .reduce<unknown>((at, part) => (isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined), this.#root);
  }

  #allows(schema: unknown, value: Scalar, depth: number): boolean {
    if (schema === false || depth > MAX_REFERENCES) return false;
    if (!isObject(schema)) return true;
    const all = (list: unknown) => !Array.isArray(list) || list.every((each) => this.#allows(each, value, depth + 1));
    const count = (list: unknown) =>
      Array.isArray(list) ? list.filter((each) => this.#allows(each, value, depth + 1)).length : 1;
    const isRefused = schema['not'] !== undefined && this.#allows(schema['not'], value, depth + 1);
    return (
      allowsScalar(schema, value) &&
      !isRefused &&
      all(schema['allOf']) &&
      count(schema['anyOf']) > 0 &&
      (schema['oneOf'] === undefined || count(schema['oneOf']) === 1) &&
      this.#allowsReference(schema, value, depth)
    );
  }

  #allowsReference(schema: JsonObject, value: Scalar, depth: number): boolean {
    if (schema['$ref'] === undefined && schema['$dynamicRef'] === undefined) return true;
    const target = this.#target(schema);
    // A reference that cannot be followed allows nothing that we could know of.
    return target !== undefined && this.#allows(target, value, depth + 1);
  }
}

const memberSchemas = (schema: JsonObject, name: string): readonly unknown[] => {
  const { properties, patternProperties, additionalProperties } = schema;
  if (isObject(properties) && Object.hasOwn(properties, name)) return [properties[name]];
  const byPattern = isObject(patternProperties)
    ? Object.entries(patternProperties).filter(([pattern]) => matchesPattern(pattern, name))
    : [];
  if (byPattern.length > 0) return byPattern.map(([, found]) => found);
  return additionalProperties === undefined ? [] : [additionalProperties];
};

const typeOf = (value: Scalar): string => (value === null ? 'null' : typeof value);

const allowsScalar = (schema: JsonObject, value: Scalar): boolean => {
  const { type, enum: values } = schema;
  const types: readonly unknown[] = type === undefined ? [] : Array.isArray(type) ? type : [type];
  const isOfType =
    types.length === 0 || types.includes(typeOf(value)) || (types.includes('integer') && Number.isInteger(value));
  if (!isOfType || (Array.isArray(values) && !values.includes(value))) return false;
  if ('const' in schema && schema['const'] !== value) return false;
  if (typeof value === 'string') return allowsString(schema, value);
  return typeof value !== 'number' || allowsNumber(schema, value);
};

const allowsString = (schema: JsonObject, value: string): boolean => {
  const { minLength, maxLength, pattern, format } = schema;
  const { length } = [...value];
  if (typeof minLength === 'number' && length < minLength) return false;
  if (typeof maxLength === 'number' && length > maxLength) return false;
  if (typeof pattern === 'string' && !matchesPattern(pattern, value)) return false;
  return typeof format !== 'string' || hasFormat(format, value);
};

const allowsNumber = (schema: JsonObject, value: number): boolean => {
  const { minimum, maximum, exclusiveMinimum, exclusiveMaximum } = schema;
  return (
    !(typeof minimum === 'number' && value < minimum) &&
    !(typeof maximum === 'number' && value > maximum) &&
    !(typeof exclusiveMinimum === 'number' && value <= exclusiveMinimum) &&
    !(typeof exclusiveMaximum === 'number' && value >= exclusiveMaximum)
  );
};

/** The pattern is the server's: matched in linear time; one that RE2 does not know matches nothing. */
const matchesPattern = (pattern: string, value: string): boolean => {
  try {
    return RE2JS.compile(pattern).matcher(value).find();
  } catch {
    return false;
  }
};

/** Formats we have a placeholder for are met by it alone; others say nothing that a validator must check. */
const hasFormat = (format: string, value: string): boolean =>
  !Object.hasOwn(BY_FORMAT, format) || BY_FORMAT[format] === value;
