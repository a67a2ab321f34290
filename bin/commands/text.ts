// Plain text for a terminal: aligned columns, no colour codes in a pipe, no control characters from recorded data.

import { styleText } from 'node:util';

/** Removes control characters: a recorded name must not move the reader's cursor. */
export const plain = (text: string): string => text.replaceAll(/[\p{Cc}\p{Bidi_Control}]/gu, '�');

export const bold = (text: string): string => styleText('bold', text, { stream: process.stdout });
export const dim = (text: string): string => styleText('dim', text, { stream: process.stdout });
export const warn = (text: string): string => styleText(['bold', 'yellow'], text, { stream: process.stdout });

/** Rows as aligned columns, two spaces apart. */
export const columns = (rows: readonly (readonly string[])[]): string => {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return lines.join('\n');
};

/** `2026-11-22T11:43:24.121Z` as `11:43:24.121`, or to the second. */
export const timeOfDay = (timestamp: string, precision: 'ms' | 's' = 'ms'): string =>
  timestamp.slice(11, precision === 's' ? 19 : 23);

/** Bytes for people: `843 B`, `64.0 KB`. */
export const size = (bytes: number): string => (bytes < 1024 ? `${bytes} B` : `${(bytes / 1024).toFixed(1)} KB`);

export const write = (text: string): void => {
  process.stdout.write(`${text}\n`);
};
