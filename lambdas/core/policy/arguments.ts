// Arguments as Cedar may see them: only what the compiled types name, and only if it fits them exactly. A policy must
// never be silent because a number came as a string, or a name in another spelling: what does not fit is refused. Pure.

import type { ArgumentType, RecordType } from '../../policy-contract.ts';
import { isObject, type JsonObject } from '../mcp/json.ts';
import { err, ok, type Result } from '../result.ts';

export type CedarValue =
  | boolean
  | number
  | string
  | readonly CedarValue[]
  | CedarRecord
  | { readonly __extn: { readonly fn: string; readonly arg: string } };

export type CedarRecord = { readonly [name: string]: CedarValue };

/** An argument that the policies cannot decide on, and what they expect in its place. */
export interface Misfit {
  /** Dotted path in words of the catalogue; `(arguments)` for the whole. */
  readonly argument: string;
  readonly expected: string;
}

/** Reads `arguments` by the types that policies name. No named argument, nothing to read. */
export const fitArguments = (args: unknown, types: RecordType): Result<CedarRecord, Misfit> => {
  if (Object.keys(types).length === 0) return ok({});
  if (args !== undefined && !isObject(args)) return misfit(['(arguments)'], 'an object');
  return fitRecord(args ?? {}, types, []);
};

type Path = readonly string[];

const misfit = (path: Path, expected: string): Result<never, Misfit> => err({ argument: path.join('.'), expected });

const fitRecord = (value: JsonObject, types: RecordType, path: Path): Result<CedarRecord, Misfit> => {
  const imitated = lookalike(value, types);
  if (imitated !== undefined) return misfit([...path, imitated], 'no second spelling of its name');
  const fitted: [string, CedarValue][] = [];
  for (const [name, { type, required, nullable }] of Object.entries(types)) {
    const given = Object.hasOwn(value, name) ? value[name] : undefined;
    if ((given === undefined && !required) || (given === null && nullable)) continue;
    const part = fitValue(given, type, [...path, name]);
    if (!part.ok) return part;
    fitted.push([name, part.value]);
  }
  return ok(Object.fromEntries(fitted));
};

/** How lenient readers see a name: case, width, separators and characters without a shape say nothing. */
const fold = (name: string): string =>
  name
    .normalize('NFKC')
    .replaceAll(/[\p{Default_Ignorable_Code_Point}\s_.-]/gu, '')
    .replaceAll(/[\u0130\u0131]/g, 'i')
    .toLowerCase();

/** The catalogued name that another member imitates: a server that reads leniently would take the one for the other. */
const lookalike = (value: JsonObject, types: RecordType): string | undefined => {
  const folded = new Map(Object.keys(types).map((name) => [fold(name), name]));
  const other = Object.keys(value).find((name) => !Object.hasOwn(types, name) && folded.has(fold(name)));
  return other === undefined ? undefined : folded.get(fold(other));
};

const fitValue = (value: unknown, type: ArgumentType, path: Path): Result<CedarValue, Misfit> => {
  if (typeof type === 'object') return 'set' in type ? fitSet(value, type.set, path) : fitObject(value, type, path);
  return fitPlain(value, type, path);
};

const fitPlain = (value: unknown, type: Extract<ArgumentType, string>, path: Path): Result<CedarValue, Misfit> => {
  switch (type) {
    case 'string':
      return typeof value === 'string' ? ok(value) : misfit(path, 'a string');
    case 'bool':
      return typeof value === 'boolean' ? ok(value) : misfit(path, 'true or false');
    case 'long':
      // Beyond 2^53 the number that was read need not be the one that was written.
      return Number.isSafeInteger(value) ? ok((value as number) + 0) : misfit(path, 'a whole number below 2^53');
    case 'decimal':
      return decimal(typeof value === 'number' ? decimalText(value) : undefined, path);
    case 'decimal-text':
      return decimal(typeof value === 'string' ? writtenDecimal(value) : undefined, path);
  }
};

const fitSet = (value: unknown, element: ArgumentType, path: Path): Result<CedarValue, Misfit> => {
  if (!Array.isArray(value)) return misfit(path, 'a list');
  const items: CedarValue[] = [];
  for (const item of value) {
    const fitted = fitValue(item, element, path);
    if (!fitted.ok) return fitted;
    items.push(fitted.value);
  }
  return ok(items);
};

const fitObject = (value: unknown, type: { readonly record: RecordType }, path: Path): Result<CedarValue, Misfit> =>
  isObject(value) ? fitRecord(value, type.record, path) : misfit(path, 'an object');

const decimal = (text: string | undefined, path: Path): Result<CedarValue, Misfit> =>
  text === undefined
    ? misfit(path, 'a decimal number of at most 4 decimal places')
    : ok({ __extn: { fn: 'decimal', arg: text } });

/** Below this bound doubles still hold four decimal places; Cedar's own bound is higher. */
const MAX_DECIMAL = 900_000_000_000;

/** The exact decimal of a number, when it has one of at most four places. */
const decimalText = (value: number): string | undefined => {
  if (!(Math.abs(value) <= MAX_DECIMAL)) return undefined;
  const text = (value + 0).toFixed(4);
  return Number(text) === value ? text : undefined;
};

/** A decimal as people write one: no exponent, no grouping, no sign but a minus, ASCII digits only. */
const writtenDecimal = (text: string): string | undefined => {
  const [, whole, fraction = '0'] = /^(-?[0-9]{1,14})(?:\.([0-9]{1,4}))?$/.exec(text) ?? [];
  return whole === undefined ? undefined : `${whole}.${fraction}`;
};
