import { describe, expect, it } from 'vitest';
import { withDecimal } from '../../lib/policy/catalog.ts';
import { argumentTypes } from '../../lib/policy/json-schema.ts';

const typed = (schema: unknown, over: object = {}) =>
  argumentTypes({ type: 'object', properties: { value: schema }, ...over })['value'];

/** JSON Schema, and the Cedar type; `undefined`: none. docs/policies.md shows the same table. */
const TYPES: readonly (readonly [unknown, unknown])[] = [
  [{ type: 'string', format: 'date-time' }, 'string'],
  [{ type: 'integer', minimum: 1 }, 'long'],
  [{ type: 'number' }, 'decimal'],
  [{ type: 'boolean' }, 'bool'],
  [{ enum: ['a', 'b'] }, 'string'],
  [{ enum: [1, 2] }, 'long'],
  [{ const: true }, 'bool'],
  [{ enum: ['a', 1] }, undefined],
  [{ type: 'array', items: { type: 'string' } }, { set: 'string' }],
  [{ type: 'array' }, undefined],
  [{ type: 'array', prefixItems: [{ type: 'string' }] }, undefined],
  [{ type: 'array', items: { type: ['string', 'null'] } }, undefined],
  [{ type: 'object', additionalProperties: { type: 'string' } }, undefined],
  [{ type: ['string', 'integer'] }, undefined],
  [
    {
      anyOf: [
        { type: 'string', format: 'uuid' },
        { type: 'string', format: 'email' },
      ],
    },
    'string',
  ],
  [{ oneOf: [{ type: 'string' }, { type: 'integer' }] }, undefined],
  [{ allOf: [{ type: 'string' }] }, 'string'],
  [{ allOf: [{ type: 'string' }, { minLength: 1 }] }, undefined],
  [{ not: { type: 'string' } }, undefined],
  [{ $ref: 'https://schemas.example/amount.json' }, undefined],
  [{}, undefined],
  [true, undefined],
  [{ type: 'null' }, undefined],
];

describe('argumentTypes', () => {
  it.each(TYPES)('reads %j as %j', (schema, type) => {
    expect(typed(schema)?.type).toEqual(type);
  });

  it('reads nested objects, without what has no type', () => {
    const schema = { type: 'object', properties: { a: { type: 'integer' }, b: {} }, required: ['a', 'b'] };
    expect(typed(schema)?.type).toEqual({ record: { a: { type: 'long', required: true, nullable: false } } });
  });

  it.each([
    { type: ['string', 'null'] },
    { anyOf: [{ type: 'string' }, { type: 'null' }] },
    { oneOf: [{ type: 'string' }, { const: null }] },
  ])('takes null for absence, also where the argument is required: %j', (schema) => {
    expect(typed(schema, { required: ['value'] })).toEqual({ type: 'string', required: false, nullable: true });
  });

  it('knows what is required', () => {
    expect(typed({ type: 'string' }, { required: ['value'] })).toMatchObject({ required: true, nullable: false });
    expect(typed({ type: 'string' })).toMatchObject({ required: false });
  });

  it('follows references within the schema, and ends where they turn in circles', () => {
    const $defs = {
      money: { type: 'integer' },
      node: { type: 'object', properties: { next: { $ref: '#/$defs/node' } } },
    };
    expect(typed({ $ref: '#/$defs/money' }, { $defs })?.type).toBe('long');
    expect(JSON.stringify(typed({ $ref: '#/$defs/node' }, { $defs }))).toContain('next');
    expect(typed({ $ref: '#/$defs/none' }, { $defs })).toBeUndefined();
  });

  it('gives no type to names that mean something else in Cedar', () => {
    expect(argumentTypes({ properties: { __extn: { type: 'string' }, __entity: { type: 'string' } } })).toEqual({});
  });

  it.each([undefined, null, 7, [], { properties: [] }])('reads nothing from %j', (schema) => {
    expect(argumentTypes(schema)).toEqual({});
  });
});

describe('withDecimal', () => {
  const types = argumentTypes({
    properties: {
      amount: { type: 'string' },
      order: { type: 'object', properties: { amount: { type: 'string' } } },
      n: { type: 'number' },
    },
  });

  it('makes a string argument a decimal, at any depth', () => {
    expect(withDecimal(types, ['amount'])?.['amount']?.type).toBe('decimal-text');
    expect(withDecimal(types, ['order', 'amount'])?.['order']?.type).toMatchObject({
      record: { amount: { type: 'decimal-text' } },
    });
  });

  it.each([['n'], ['order'], ['none'], ['order', 'none'], ['amount', 'x'], ['__proto__']])('refuses %s', (...path) => {
    expect(withDecimal(types, path)).toBeUndefined();
  });
});
