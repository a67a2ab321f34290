// What is wrong with a configuration, in words an operator can act on: place, expected, got, what to do.
// Never prints a value that may be a secret.
import type { z } from 'zod';
import { isMapping, keyPositionOf, type Path, type Position, positionOf, type YamlFile } from './config-yaml.ts';

/** One thing to correct in the configuration. */
export interface ConfigProblem extends Position {
  readonly file: string;
  /** Dotted path, e.g. `servers.core-banking.url`. */
  readonly path: string;
  readonly expected: string;
  readonly got: string;
  readonly advice: string;
}

/** Thrown by `readConfig`; its message is the whole list, ready to print. */
export class ConfigError extends Error {
  readonly code = 'CONFIG_INVALID';
  readonly problems: readonly ConfigProblem[];

  constructor(file: string, problems: readonly ConfigProblem[]) {
    const sorted = [...problems].sort((a, b) =>
      a.file < b.file ? -1 : a.file > b.file ? 1 : a.line - b.line || a.column - b.column,
    );
    const count = sorted.length === 1 ? '1 error' : `${sorted.length} errors`;
    super([`${file}: ${count} in the configuration; nothing was built.`, ...sorted.map(render)].join('\n'));
    this.name = 'ConfigError';
    this.problems = sorted;
  }
}

const render = (p: ConfigProblem): string =>
  `  ${p.file}:${p.line}:${p.column} ${p.path}: expected ${p.expected}, got ${p.got}. ${p.advice}.`;

/** How the schema states a rule: zod carries it as the issue's message, `problemsOf` takes it apart. */
export const says = (expected: string, advice: string): string => `${expected}\n${advice}`;

/** How the schema names the keys that a mapping may have. */
export const saysKeys = (known: readonly string[]): string => says('known keys', known.join(' '));

/** Turns zod's issues into problems; one per unknown key. */
export const problemsOf = (yaml: YamlFile, issues: readonly z.core.$ZodIssue[]): readonly ConfigProblem[] =>
  issues.flatMap((issue) => {
    const [expected = '', advice = ''] = issue.message.split('\n');
    if (issue.code !== 'unrecognized_keys') {
      const position = issue.code === 'invalid_key' ? keyPositionOf(yaml, issue.path) : positionOf(yaml, issue.path);
      return [problem(yaml, issue.path, position, { expected, got: shown(issue.input), advice })];
    }
    return issue.keys.map((key) => unknownKey(yaml, [...issue.path, key], advice.split(' ')));
  });

const unknownKey = (yaml: YamlFile, path: Path, known: readonly string[]): ConfigProblem => {
  const key = String(path.at(-1));
  const nearest = nearestOf(key, known);
  return problem(yaml, path, keyPositionOf(yaml, path), {
    expected: `one of ${known.join(', ')}`,
    got: `the unknown key "${key}"`,
    advice: nearest === undefined ? 'Remove it' : `Did you mean "${nearest}"? Else remove it`,
  });
};

const problem = (
  yaml: YamlFile,
  path: Path,
  position: Position,
  words: Pick<ConfigProblem, 'expected' | 'got' | 'advice'>,
): ConfigProblem => ({
  file: yaml.file,
  ...position,
  path: path.length === 0 ? '(file)' : path.map(String).join('.'),
  ...words,
});

const shown = (input: unknown): string => {
  if (input === undefined) return 'nothing (the key is missing)';
  if (Array.isArray(input)) return input.length === 0 ? 'an empty list' : 'a list';
  if (isMapping(input)) return Object.keys(input).length === 0 ? 'an empty mapping' : 'a mapping';
  if (typeof input === 'string' && looksSecret(input)) return 'a value that is not repeated here';
  return JSON.stringify(input) ?? String(input);
};

/** Shapes of secrets that are never a name, a URL or a group. */
const SECRET_SHAPES: readonly RegExp[] = [
  /-----BEGIN [A-Z ]+-----/,
  /\beyJ[\w-]{8,}\.[\w-]{8,}\./,
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/,
  /\b(?:ghp|gho|ghu|ghs|github_pat|glpat|xox[abeprs]|sk|rk|pk)[-_][\w-]{16,}/,
  /^(?:Bearer|Basic)\s+\S{8,}/i,
  // Credentials in a URL: RFC 3986 section 3.2.1 deprecates them, proxies and logs keep them.
  /^[a-z][a-z0-9+.-]*:\/\/[^/?#@]*:[^/?#@]*@/i,
];

/** Below this length a mixed-case string is likelier a name than a key. */
const TOKEN_LENGTH = 20;

const looksSecret = (text: string): boolean => SECRET_SHAPES.some((shape) => shape.test(text));

/** A secret pasted where its name belongs: one long word of mixed case and digits. */
const looksRandom = (text: string): boolean =>
  text.length >= TOKEN_LENGTH && !text.includes('/') && /[a-z]/.test(text) && /[A-Z]/.test(text) && /\d/.test(text);

/** Every string in the input that looks like a secret; client ids may look random, names of secrets may not. */
export const secretsIn = (yaml: YamlFile, input: unknown, path: Path = []): readonly ConfigProblem[] => {
  if (typeof input === 'string') {
    const suspect = looksSecret(input) || (path.includes('credential') && looksRandom(input));
    return suspect ? [secretAt(yaml, path)] : [];
  }
  if (Array.isArray(input)) return input.flatMap((item, index) => secretsIn(yaml, item, [...path, index]));
  if (!isMapping(input)) return [];
  return Object.entries(input).flatMap(([key, value]) => secretsIn(yaml, value, [...path, key]));
};

const secretAt = (yaml: YamlFile, path: Path): ConfigProblem =>
  problem(yaml, path, positionOf(yaml, path), {
    expected: 'no secret in the configuration',
    got: 'a value that looks like one and is not repeated here',
    advice: 'Store it in AWS Secrets Manager, write its name here, and rotate it: it has been in a file',
  });

/** The known key within two edits, or a third of the word, of what was written. */
const nearestOf = (word: string, known: readonly string[]): string | undefined => {
  const ranked = known
    .map((key) => ({ key, distance: editDistance(word.toLowerCase(), key.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= Math.max(2, Math.floor(word.length / 3)) ? best.key : undefined;
};

const editDistance = (a: string, b: string): number => {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitution = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      row.push(Math.min((previous[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, substitution));
    }
    previous = row;
  }
  return previous[b.length] ?? Math.max(a.length, b.length);
};
