/** How the bank's tools are registered: one shape, every call noted, text and structured content together. */
import type { CallToolResult, McpServer, ServerContext, ToolAnnotations } from '@modelcontextprotocol/server';
import type { z } from 'zod';
import type { Bank, BankCall } from '../operations.ts';

export interface BankTool<In extends z.ZodObject, Out extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: In;
  readonly output: Out;
  readonly annotations: ToolAnnotations;
  run(args: z.output<In>, bank: Bank, call: BankCall, ctx: ServerContext): z.output<Out> | Promise<z.output<Out>>;
  /**
   * What a model reads instead of the structured result.
   * @default the structured result as JSON
   */
  readonly render?: (result: z.output<Out>) => string;
}

export const READS: ToolAnnotations = { readOnlyHint: true, openWorldHint: false };
export const CHANGES: ToolAnnotations = { readOnlyHint: false, destructiveHint: true, openWorldHint: false };

/** Registers `tool`. A call is noted before it runs, so that a call that fails is noted too. */
export function addTool<In extends z.ZodObject, Out extends z.ZodObject>(
  server: McpServer,
  bank: Bank,
  tool: BankTool<In, Out>,
): void {
  const { name, title, description, annotations } = tool;
  // Widened for the SDK, whose callback type cannot follow a generic schema; `parse` below gives the type back.
  const inputSchema: z.ZodObject = tool.input;
  const config = { title, description, annotations, inputSchema, outputSchema: tool.output };
  server.registerTool(name, config, async (received, ctx): Promise<CallToolResult> => {
    const args = tool.input.parse(received);
    const call: BankCall = { tool: name, args };
    bank.calls.push(call);
    const structuredContent = await tool.run(args, bank, call, ctx);
    const text = tool.render?.(structuredContent) ?? JSON.stringify(structuredContent, null, 2);
    return { content: [{ type: 'text', text }], structuredContent };
  });
}
