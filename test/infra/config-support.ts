// Variations of the sample configuration, and what the reader says about them.
import { cpSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { readConfig } from '../../lib/config.ts';
import { ConfigError, type ConfigProblem } from '../../lib/config-problems.ts';
import type { Json } from '../../lib/config-yaml.ts';
import { SAMPLE } from './support.ts';

export const SAMPLE_TEXT = readFileSync(SAMPLE, 'utf8');
export const folder = mkdtempSync(join(tmpdir(), 'countersign-config-'));
for (const beside of ['policies', 'catalog']) {
  cpSync(join(dirname(SAMPLE), beside), join(folder, beside), { recursive: true });
}

export const write = (text: string): string => {
  const file = join(folder, 'countersign.yaml');
  writeFileSync(file, text);
  return file;
};

/** The sample with one exact piece of text replaced. */
export const edited = (from: string, to: string): string => {
  if (!SAMPLE_TEXT.includes(from)) throw new Error(`the sample no longer has: ${from}`);
  return write(SAMPLE_TEXT.replace(from, to));
};

export const problemsOf = (read: () => unknown): readonly ConfigProblem[] => {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
};

export const lineOf = (text: string, part: string): number => text.slice(0, text.indexOf(part)).split('\n').length;

export const at = (path: string, value: Json): Json =>
  path.split('.').reduceRight<Json>((inner, key) => ({ [key]: inner }), value);

export const withOverlay = (path: string, value: Json) =>
  problemsOf(() => readConfig(SAMPLE, { overlay: at(path, value) }));
