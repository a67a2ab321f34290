// The texts of a notification that may go on in the next of its kind. Pure.

import { isObject, type JsonObject } from '../../mcp/json.ts';

export interface TextOfMessage {
  /** Messages with the same channel are read as one text. */
  readonly channel: string;
  /** The exact path, as the tree masker knows it (exactPath). */
  readonly path: string;
  readonly text: string;
}

/** What tells streams of messages apart: the call they belong to, or who logs. */
const TELLING_APART = ['progressToken', 'logger', 'taskId', 'uri'];
const MAX_TEXTS = 64;
const MAX_DEPTH = 16;

export const textsOf = (message: JsonObject): TextOfMessage[] => {
  const { method, params } = message;
  if (typeof method !== 'string' || !isObject(params)) return [];
  const kind = JSON.stringify([method, ...TELLING_APART.map((name) => params[name] ?? null)]);
  const texts: TextOfMessage[] = [];
  const visit = (value: unknown, steps: readonly (string | number)[]): void => {
    if (texts.length >= MAX_TEXTS || steps.length > MAX_DEPTH) return;
    if (typeof value === 'string') {
      const path = JSON.stringify(steps);
      texts.push({ channel: `${kind}${path}`, path, text: value });
    } else if (Array.isArray(value)) value.forEach((item, index) => void visit(item, [...steps, index]));
    else if (isObject(value)) for (const [name, item] of Object.entries(value)) visit(item, [...steps, name]);
  };
  for (const [name, value] of Object.entries(params)) if (!TELLING_APART.includes(name)) visit(value, [name]);
  return texts;
};
