// One server-sent event with its data exchanged: every other byte stays (line ends, the space after a colon, the order of
// fields). WHATWG HTML, 9.2.6. Pure.

import { Joiner, linesOf } from '../../mcp/sse.ts';
import type { Result } from '../../result.ts';
import { err, ok } from '../../result.ts';
import type { MaskResult } from '../masker.ts';
import type { Withheld } from '../withheld.ts';
import type { Work } from '../work.ts';

/** What a client hands back, or acts upon: masked it would not work. */
const WORKING_FIELDS: ReadonlySet<string> = new Set(['id', 'event', 'retry']);

/** Replaces the event's data, whose lines are as many as before, and masks comments and fields that nobody knows. */
export function* rewriteEvent(
  event: Buffer,
  data: string | null,
  maskText: (text: string) => Work<MaskResult>,
): Work<Result<Buffer, Withheld>> {
  const text = event.toString('utf8');
  const dataLines = data === null ? undefined : dataLinesOf(data);
  const parts = new Joiner();
  for (const { start, end, next } of linesOf(text)) {
    const field = fieldOf(text.slice(start, end));
    const value = field.name === 'data' ? nextData(dataLines, field.value) : yield* maskField(field, maskText);
    if (!value.ok) return value;
    if (parts.add(field.prefix, value.value, text.slice(end, next))) yield;
  }
  if (dataLines?.next().done === false) return err(LINES_DIFFER);
  yield;
  const written = parts.finish();
  yield;
  return ok(Buffer.from(written, 'utf8'));
}

/** Masked data has its own line feeds where the data had them, and no other line ends. */
function* dataLinesOf(data: string): Generator<string> {
  for (let start = 0; start <= data.length; ) {
    const end = data.indexOf('\n', start);
    yield data.slice(start, end === -1 ? data.length : end);
    start = end === -1 ? data.length + 1 : end + 1;
  }
}

const LINES_DIFFER: Withheld = { reason: 'masking_failed', detail: 'data lines' };

const nextData = (lines: Iterator<string> | undefined, old: string): Result<string, Withheld> => {
  if (lines === undefined) return ok(old);
  const next = lines.next();
  return next.done === true ? err(LINES_DIFFER) : ok(next.value);
};

function* maskField(
  { name, value }: Field,
  maskText: (text: string) => Work<MaskResult>,
): Work<Result<string, Withheld>> {
  if (value === '') return ok(value);
  const masked = yield* maskText(value);
  if (!masked.ok) return masked;
  const { text, findings } = masked.value;
  if (text === value || !WORKING_FIELDS.has(name)) return ok(text);
  return err({ reason: 'handle_holds_data', rule: findings[0]?.rule.id ?? '', path: `event field ${name}` });
}

interface Field {
  /** A comment has none. */
  readonly name: string;
  /** What stands before the value. */
  readonly prefix: string;
  readonly value: string;
}

const fieldOf = (line: string): Field => {
  const colon = line.indexOf(':');
  if (colon === -1) return { name: line.replace(/^\uFEFF/, ''), prefix: line, value: '' };
  const start = line[colon + 1] === ' ' ? colon + 2 : colon + 1;
  return {
    name: line.slice(0, colon).replace(/^\uFEFF/, ''),
    prefix: line.slice(0, start),
    value: line.slice(start),
  };
};
