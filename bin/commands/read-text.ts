// Files that the caller named: a mistake is said in one line.

import { readFileSync } from 'node:fs';
import { CliError } from './cli-error.ts';

export const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new CliError(`Cannot read ${file}: ${cause instanceof Error ? cause.message : 'unknown fault'}`);
  }
};
