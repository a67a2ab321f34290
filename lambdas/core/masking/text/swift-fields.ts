// Fields of SWIFT messages (MT) that name an account or a bank by a number: `:59:/12345678`, `:57A:DEUTDEFFXXX`. Pure.

import { ACCOUNT, BIC } from './words.ts';

/** 50 to 59 name who orders, the banks between, and who receives; what begins with a slash is an account. */
const FIELD = /:5\d[A-Z]?:/y;
const SLASH = 0x2f;
const NEW_LINE = 0x0a;

/** The field whose colon stands at `at`, at the beginning of a line. */
export const swiftFieldAt = (
  text: string,
  at: number,
  start: number,
  end: number,
): { context: number; end: number } | undefined => {
  if (at > start && text.charCodeAt(at - 1) !== NEW_LINE) return undefined;
  FIELD.lastIndex = at;
  const field = FIELD.exec(text)?.[0];
  if (field === undefined || at + field.length >= end) return undefined;
  const after = at + field.length;
  return { context: text.charCodeAt(after) === SLASH ? ACCOUNT : BIC, end: after };
};
