// One server-sent event with its data exchanged: every other byte stays (line ends, the space after a colon, the order of
// fields). WHATWG HTML, 9.2.6. Pure.

import type { Result } from '../../result.ts';
import { err, ok } from '../../result.ts';
import type { MaskResult } from '../masker.ts';
import type { Withheld } from '../withheld.ts';
import type { Work } from '../work.ts';

const LINE = /([^\r\n]*)(\r\n|\n|\r|$)/g;
/** What a client hands back, or acts upon: masked it would not work. */
const WORKING_FIELDS: ReadonlySet<string> = new Set(['id', 'event', 'retry']);

/** Replaces the event's data, whose lines are as many as before, and masks comments and fields that nobody knows. */
export function* rewriteEvent(
  event: Buffer,
  data: string | null,
  maskText: (text: string) => Work<MaskResult>,
): Work<Result<Buffer, Withheld>> {
  const dataLines = data?.split('\n').values();
  const parts: string[] = [];
  for (const [, line = '', ending = ''] of event.toString('utf8').matchAll(LINE)) {
    const field = fieldOf(line);
    const value = field.name === 'data' ? nextData(dataLines, field.value) : yield* maskField(field, maskText);
    if (!value.ok) return value;
    parts.push(field.prefix, value.value, ending);
  }
  if (dataLines?.next().done === false) return err(LINES_DIFFER);
  return ok(Buffer.from(parts.join(''), 'utf8'));
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
