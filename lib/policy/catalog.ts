// The reviewed tools and prompts of a server: `config/catalog/<server>.json`, as `countersign catalog pull` wrote it and
// a person committed it. Of each tool, policies see the hints and the arguments that some policy names.

import { createHash } from 'node:crypto';
import canonicalize from 'canonicalize';
import { z } from 'zod';
import type { ArgumentType, RecordType } from '../../lambdas/policy-contract.ts';
import { argumentTypes } from './json-schema.ts';

const hint = z.boolean().optional();

/** Only what is read here; the file keeps the rest for the reviewer. */
const catalogFile = z.object({
  tools: z.array(
    z.object({
      name: z.string(),
      inputSchema: z.record(z.string(), z.unknown()),
      outputSchema: z.record(z.string(), z.unknown()).optional(),
      annotations: z
        .object({ readOnlyHint: hint, destructiveHint: hint, idempotentHint: hint, openWorldHint: hint })
        .optional(),
    }),
  ),
  prompts: z.array(
    z.object({
      name: z.string(),
      arguments: z.array(z.object({ name: z.string(), required: z.boolean().optional() })).optional(),
    }),
  ),
});

/** A tool with all its arguments. */
interface ReviewedTool {
  readonly hints: {
    readonly readOnly: boolean;
    readonly destructive: boolean;
    readonly idempotent: boolean;
    readonly openWorld: boolean;
  };
  /** `sha256:` of the definition as canonical JSON (RFC 8785), without its `_meta`: as a held call is bound to it. */
  readonly definition: string;
  readonly args: RecordType;
  /** JSON Schema of its structured results. */
  readonly outputSchema: Readonly<Record<string, unknown>> | null;
}

export interface ReviewedCatalog {
  readonly tools: ReadonlyMap<string, ReviewedTool>;
  readonly prompts: ReadonlyMap<string, RecordType>;
}

/** Reads a catalogue file; the text of what is wrong with it otherwise. */
export const readCatalog = (text: string): ReviewedCatalog | string => {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'text that is not JSON';
  }
  const parsed = catalogFile.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return `${issue?.path.join('.') || 'a file'}: ${issue?.message ?? 'of another shape'}`;
  }
  const { tools, prompts } = parsed.data;
  const whole = (value as { readonly tools: readonly object[] }).tools;
  const names = [...tools, ...prompts].map(({ name }) => name);
  const twice = tools.find(({ name }, index) => names.indexOf(name) !== index);
  if (twice !== undefined) return `two tools named ${JSON.stringify(twice.name)}`;
  return {
    tools: new Map(tools.map((tool, index) => [tool.name, reviewedTool(tool, whole[index])])),
    prompts: new Map(prompts.map((prompt) => [prompt.name, promptTypes(prompt.arguments ?? [])])),
  };
};

type FileTool = z.infer<typeof catalogFile>['tools'][number];

/** The defaults are MCP's own: without a hint, the worst (schema of `ToolAnnotations`). */
const reviewedTool = ({ inputSchema, outputSchema, annotations = {} }: FileTool, whole: object = {}): ReviewedTool => ({
  hints: {
    readOnly: annotations.readOnlyHint ?? false,
    destructive: annotations.destructiveHint ?? true,
    idempotent: annotations.idempotentHint ?? false,
    openWorld: annotations.openWorldHint ?? true,
  },
  definition: digestOf(whole),
  args: argumentTypes(inputSchema),
  outputSchema: outputSchema ?? null,
});

const digestOf = (tool: object): string => {
  const { _meta: _changing, ...definition } = tool as { readonly _meta?: unknown };
  return `sha256:${createHash('sha256')
    .update(canonicalize(definition) ?? '')
    .digest('hex')}`;
};

/** Arguments of a prompt are strings. */
const promptTypes = (args: readonly { readonly name: string; readonly required?: boolean | undefined }[]): RecordType =>
  Object.fromEntries(
    args.map(({ name, required }) => [
      name,
      { type: 'string', required: required ?? false, nullable: false } satisfies RecordType[string],
    ]),
  );

/** Turns a string argument into a decimal one; `undefined` when there is no such string argument. */
export const withDecimal = (types: RecordType, path: readonly string[]): RecordType | undefined => {
  const [name = '', ...rest] = path;
  const member = Object.hasOwn(types, name) ? types[name] : undefined;
  if (member === undefined) return undefined;
  const type = rest.length === 0 ? decimalOf(member.type) : nested(member.type, rest);
  return type === undefined ? undefined : { ...types, [name]: { ...member, type } };
};

const decimalOf = (type: ArgumentType): ArgumentType | undefined => (type === 'string' ? 'decimal-text' : undefined);

const nested = (type: ArgumentType, path: readonly string[]): ArgumentType | undefined => {
  if (typeof type !== 'object' || 'set' in type) return undefined;
  const record = withDecimal(type.record, path);
  return record === undefined ? undefined : { record };
};
