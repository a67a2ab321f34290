// What a client is shown of approvals beforehand: an argument for the approvers in the schema of a tool that people must
// agree to, one more for somebody who may break the glass, and the tasks extension among the capabilities. Everything else stays byte for byte. Pure.

import { GLASS_ARGUMENT, JUSTIFICATION_ARGUMENT } from '../approvals/justification.ts';
import { TASKS_EXTENSION } from '../approvals/tasks.ts';
import { applyEdits, type Edit, itemSpans, memberSpans, rootStart, type Span } from '../mcp/json-spans.ts';

const JUSTIFICATION_SCHEMA = JSON.stringify({
  type: 'string',
  description:
    'For the people who must approve this call: a sentence or two on why it is wanted. They see it; the server does not.',
});

const GLASS_SCHEMA = JSON.stringify({
  type: 'string',
  description:
    'Emergencies only: why this call must not wait for approval. It then runs at once where policy allows it, people are alerted, and somebody else reviews it.',
});

/** A tool of `tools/list` with the argument that says why it is wanted, required. */
export const withJustificationArgument = (tool: string): string =>
  withArgument(tool, JUSTIFICATION_ARGUMENT, JUSTIFICATION_SCHEMA, true);

/** A tool of `tools/list` with the argument that breaks the glass, for nobody but those who may. */
export const withGlassArgument = (tool: string): string => withArgument(tool, GLASS_ARGUMENT, GLASS_SCHEMA, false);

/** Adds an argument that the gateway reads and strips; a tool that has one of that name keeps it. */
const withArgument = (tool: string, argumentName: string, argumentSchema: string, isRequired: boolean): string => {
  const schema = spanOf(tool, rootStart(tool), 'inputSchema');
  if (schema === undefined || tool[schema.start] !== '{') return tool;
  const properties = spanOf(tool, schema.start, 'properties');
  if (properties !== undefined && spanOf(tool, properties.start, argumentName) !== undefined) return tool;
  const required = spanOf(tool, schema.start, 'required');
  const argument = member(argumentName, argumentSchema);
  const name = JSON.stringify(argumentName);
  const added = [
    ...(properties === undefined ? [member('properties', `{${argument}}`)] : []),
    ...(isRequired && required === undefined ? [member('required', `[${name}]`)] : []),
  ];
  return applyEdits(tool, [
    ...(properties === undefined ? [] : [append(tool, properties, argument)]),
    ...(isRequired && required !== undefined ? [append(tool, required, name)] : []),
    ...(added.length === 0 ? [] : [append(tool, schema, added.join(','))]),
  ]);
};

/** The capabilities of a server (MCP 2026-07-28, server/discover), with the tasks extension. */
export const withTasksExtension = (capabilities: string): string => {
  const root = { start: rootStart(capabilities), end: capabilities.trimEnd().length };
  const extensions = spanOf(capabilities, root.start, 'extensions');
  const ours = member(TASKS_EXTENSION, '{}');
  if (extensions === undefined)
    return applyEdits(capabilities, [append(capabilities, root, member('extensions', `{${ours}}`))]);
  if (spanOf(capabilities, extensions.start, TASKS_EXTENSION) !== undefined) return capabilities;
  return applyEdits(capabilities, [append(capabilities, extensions, ours)]);
};

const member = (name: string, value: string): string => `${JSON.stringify(name)}:${value}`;

const spanOf = (text: string, start: number, name: string): Span | undefined =>
  text[start] === '{' ? memberSpans(text, start).find((found) => found.name === name)?.value : undefined;

/** One more member or item, as the last one of an object or array. */
const append = (text: string, span: Span, added: string): Edit => {
  const isEmpty =
    text[span.start] === '{' ? memberSpans(text, span.start).length === 0 : itemSpans(text, span.start).length === 0;
  return { span: { start: span.end - 1, end: span.end - 1 }, text: isEmpty ? added : `,${added}` };
};
