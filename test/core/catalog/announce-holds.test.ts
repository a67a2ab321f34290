import { describe, expect, it } from 'vitest';
import {
  withGlassArgument,
  withJustificationArgument,
  withTasksExtension,
} from '../../../lambdas/core/catalog/announce-holds.ts';

const ARGUMENT = 'approval_reason';
const schemaOf = (tool: string) => JSON.parse(withJustificationArgument(tool)).inputSchema;

describe('the argument for the approvers', () => {
  it('is one more, and every other byte stays', () => {
    const tool =
      '{ "name":"wire", "inputSchema":{"type":"object","properties":{"n":{"minimum":1.0}},"required":["n"]},"x":"\\u0041" }';
    const shown = withJustificationArgument(tool);
    expect(shown).toContain('"n":{"minimum":1.0},"approval_reason":{');
    expect(shown).toContain('"required":["n","approval_reason"]');
    expect(shown).toContain('"x":"\\u0041" }');
  });

  it.each(['{}', '{"type":"object"}', '{"properties":{}}', '{"required":[]}'])(
    'is added to the schema %s',
    (schema) => {
      const seen = schemaOf(`{"inputSchema":${schema}}`);
      expect(Object.keys(seen.properties)).toEqual([ARGUMENT]);
      expect(seen.required).toEqual([ARGUMENT]);
    },
  );

  it('leaves a tool alone that has one of its own, or no schema', () => {
    for (const tool of [`{"inputSchema":{"properties":{"${ARGUMENT}":{}}}}`, '{"name":"a"}', '{"inputSchema":true}']) {
      expect(withJustificationArgument(tool)).toBe(tool);
    }
  });
});

describe('the argument that breaks the glass', () => {
  it.each(['{}', '{"type":"object"}', '{"properties":{}}', '{"required":["n"]}'])('is optional in %s', (schema) => {
    const seen = JSON.parse(withGlassArgument(`{"inputSchema":${schema}}`)).inputSchema;
    expect(Object.keys(seen.properties)).toEqual(['break_glass_reason']);
    expect(seen.required).toEqual(JSON.parse(schema).required);
  });
});

describe('the tasks extension', () => {
  it.each([
    ['{}', '{"extensions":{"io.modelcontextprotocol/tasks":{}}}'],
    ['{ "tools":{} }', '{ "tools":{} ,"extensions":{"io.modelcontextprotocol/tasks":{}}}'],
    ['{"extensions":{"a":1.0}}', '{"extensions":{"a":1.0,"io.modelcontextprotocol/tasks":{}}}'],
    ['{"extensions":{"io.modelcontextprotocol/tasks":{}}}', '{"extensions":{"io.modelcontextprotocol/tasks":{}}}'],
  ])('is announced beside %s', (capabilities, shown) => {
    expect(withTasksExtension(capabilities)).toBe(shown);
  });
});
