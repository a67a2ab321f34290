// Where the parts of a JSON text stand, so that one part can be changed and every other stays byte for byte what it was.
// The text must be valid JSON already (`parseStrictJson`): this reader only finds its way. Pure.

/** From `start` to `end` (exclusive) in the text. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

export interface MemberSpan {
  readonly name: string;
  /** Name, colon and value. */
  readonly whole: Span;
  readonly value: Span;
}

/** A change of the text: `span` becomes `text`. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

const skipSpace = (text: string, at: number): number => {
  let next = at;
  while (' \t\n\r'.includes(text[next] ?? '-')) next += 1;
  return next;
};

const stringEnd = (text: string, start: number): number => {
  let at = start + 1;
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1;
  return at + 1;
};

const valueEnd = (text: string, start: number): number => {
  const first = text[start];
  if (first === '"') return stringEnd(text, start);
  return first === '{' || first === '[' ? nestedEnd(text, start) : plainEnd(text, start);
};

/** A number, true, false or null. */
const plainEnd = (text: string, start: number): number => {
  let at = start;
  while (!' \t\n\r,]}'.includes(text[at] ?? ' ')) at += 1;
  return at;
};

const DEPTH_CHANGES: Readonly<Record<string, number>> = { '{': 1, '[': 1, '}': -1, ']': -1 };

const nestedEnd = (text: string, start: number): number => {
  let depth = 0;
  for (let at = start; ; at += 1) {
    const mark = text[at] ?? '';
    if (mark === '"') at = stringEnd(text, at) - 1;
    else depth += DEPTH_CHANGES[mark] ?? 0;
    if (depth === 0) return at + 1;
  }
};

/** Reads part after part of the object or list that opens at `start`; `read` returns where its part ends. */
const eachPart = (text: string, start: number, close: '}' | ']', read: (at: number) => number): void => {
  let at = skipSpace(text, start + 1);
  while (text[at] !== close) {
    at = skipSpace(text, read(at));
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
};

/** The members of the object at `start`; none when something else stands there. */
export const memberSpans = (text: string, start: number): readonly MemberSpan[] => {
  const members: MemberSpan[] = [];
  if (text[start] !== '{') return members;
  eachPart(text, start, '}', (at) => {
    const nameEnd = stringEnd(text, at);
    const from = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const value = { start: from, end: valueEnd(text, from) };
    members.push({ name: JSON.parse(text.slice(at, nameEnd)), whole: { start: at, end: value.end }, value });
    return value.end;
  });
  return members;
};

/** The items of the list at `start`; none when something else stands there. */
export const itemSpans = (text: string, start: number): readonly Span[] => {
  const items: Span[] = [];
  if (text[start] !== '[') return items;
  eachPart(text, start, ']', (at) => {
    const end = valueEnd(text, at);
    items.push({ start: at, end });
    return end;
  });
  return items;
};

/** Where the first value of a text begins. */
export const rootStart = (text: string): number => skipSpace(text, 0);

export const textAt = (text: string, { start, end }: Span): string => text.slice(start, end);

/** The text with non-overlapping changes made. */
export const applyEdits = (text: string, edits: readonly Edit[]): string => {
  let changed = '';
  let at = 0;
  for (const { span, text: part } of edits.toSorted((a, b) => a.span.start - b.span.start)) {
    changed += text.slice(at, span.start) + part;
    at = span.end;
  }
  return changed + text.slice(at);
};
