// Maskers for tests: the packs, or rules of the test's own.

import { compile } from '../../../lambdas/core/masking/compile.ts';
import type { MaskContext, Masked, Masker } from '../../../lambdas/core/masking/masker.ts';
import { PACKS } from '../../../lambdas/core/masking/packs.ts';
import { NO_RULES, PACK_NAMES, type RuleSet } from '../../../lambdas/core/masking/rules.ts';
import type { Withheld } from '../../../lambdas/core/masking/withheld.ts';

export const CONTEXT: MaskContext = {
  server: 'core-banking',
  tool: 'get_customer',
  groups: ['analysts'],
  outputSchema: null,
  tokenKey: Buffer.alloc(32, 7),
};

export const maskerOf = (rules: Partial<RuleSet>): Masker => {
  const compiled = compile({ ...NO_RULES, ...rules }, PACKS);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
  return compiled.value;
};

export const packMasker = (rules: Partial<RuleSet> = {}): Masker => maskerOf({ packs: PACK_NAMES, ...rules });

export const answer = (result: unknown): string => JSON.stringify({ jsonrpc: '2.0', id: 1, result });
export const textAnswer = (text: string): string => answer({ content: [{ type: 'text', text }] });

export const masked = (masker: Masker, json: string, context: Partial<MaskContext> = {}): Masked => {
  const result = masker.maskMessage(json, { ...CONTEXT, ...context });
  if (!result.ok) throw new Error(`withheld: ${JSON.stringify(result.error)}`);
  return result.value;
};

/** The masked `result`, read. */
export const maskedResult = (masker: Masker, result: unknown, context: Partial<MaskContext> = {}): unknown =>
  JSON.parse(masked(masker, answer(result), context).text).result;

/** The masked text of one content block. */
export const maskedText = (masker: Masker, text: string, context: Partial<MaskContext> = {}): string =>
  JSON.parse(masked(masker, textAnswer(text), context).text).result.content[0].text;

export const withheld = (masker: Masker, json: string, context: Partial<MaskContext> = {}): Withheld => {
  const result = masker.maskMessage(json, { ...CONTEXT, ...context });
  if (result.ok) throw new Error(`not withheld: ${result.value.text}`);
  return result.error;
};
