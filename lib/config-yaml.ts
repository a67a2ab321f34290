// YAML text with positions: where a path stands in the file, and what the parser itself refuses.
// Aliases are refused: a reviewer must see each value where it is used.
import { isCollection, isMap, isNode, isPair, LineCounter, type ParsedNode, parseDocument, visit } from 'yaml';
import type { ConfigProblem } from './config-problems.ts';

/** Plain data, as in JSON. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Path = readonly PropertyKey[];

export interface YamlFile {
  readonly file: string;
  readonly value: unknown;
  readonly root: ParsedNode | null;
  readonly lines: LineCounter;
  readonly syntaxProblems: readonly ConfigProblem[];
}

export interface Position {
  readonly line: number;
  readonly column: number;
}

/** Parses one YAML 1.2 document; syntax errors, duplicate keys and aliases become problems. */
export const openYaml = (file: string, text: string): YamlFile => {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, uniqueKeys: true });
  const place = (offset: number) => {
    const { line, col } = lines.linePos(offset);
    return { file, line, column: col, path: '(syntax)' };
  };
  const findings = [...document.errors, ...document.warnings];
  const syntaxProblems = [
    ...findings.map((finding) => ({ ...place(finding.pos[0]), ...syntaxWords(finding) })),
    ...aliasesIn(document.contents).map(({ offset, name }) => ({ ...place(offset), ...aliasWords(name) })),
  ];
  const value: unknown = syntaxProblems.length === 0 ? document.toJS() : undefined;
  return { file, value, root: document.contents, lines, syntaxProblems };
};

type Words = Pick<ConfigProblem, 'expected' | 'got' | 'advice'>;

const syntaxWords = ({ code, message }: { readonly code: string; readonly message: string }): Words =>
  code === 'DUPLICATE_KEY'
    ? { expected: 'each key once', got: 'a key that this mapping already has', advice: 'Keep one of the two' }
    : { expected: 'one valid YAML 1.2 document', got: message, advice: 'Correct the syntax' };

const aliasWords = (name: string): Words => ({
  expected: 'a value',
  got: `the alias *${name}`,
  advice: 'Write the value out, so that a reviewer sees it on the line where it applies',
});

const aliasesIn = (root: ParsedNode | null): readonly { readonly offset: number; readonly name: string }[] => {
  const found: { offset: number; name: string }[] = [];
  if (root === null) return found;
  visit(root, {
    Alias: (_key, node) => {
      found.push({ offset: node.range?.[0] ?? 0, name: node.source });
    },
  });
  return found;
};

/** Where `path` stands: its value, else the nearest key above it that is in the file. */
export const positionOf = (yaml: YamlFile, path: Path): Position => at(yaml, offsetOf(yaml.root, path));

/** Where the key that ends `path` stands. */
export const keyPositionOf = (yaml: YamlFile, path: Path): Position => {
  const parent = nodeAt(yaml.root, path.slice(0, -1));
  const key = path.at(-1);
  const pair = isMap(parent) ? parent.items.find((item) => keyText(item.key) === String(key)) : undefined;
  const offset = isNode(pair?.key) ? pair.key.range?.[0] : undefined;
  return offset === undefined ? positionOf(yaml, path) : at(yaml, offset);
};

const at = (yaml: YamlFile, offset: number): Position => {
  const { line, col } = yaml.lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
};

const keyText = (key: unknown): string => (isNode(key) ? String(key) : '');

const childOf = (node: unknown, key: PropertyKey): unknown =>
  isCollection(node) ? node.get(typeof key === 'symbol' ? '' : key, true) : undefined;

const nodeAt = (root: unknown, path: Path): unknown => path.reduce<unknown>(childOf, root);

const offsetOf = (root: ParsedNode | null, path: Path): number => {
  for (let depth = path.length; depth > 0; depth -= 1) {
    const here = path.slice(0, depth);
    const node = nodeAt(root, here);
    // A missing value is reported at the key of the mapping that should have it.
    if (isNode(node) && node.range) return depth === path.length ? node.range[0] : keyOffset(root, here, node.range[0]);
  }
  return 0;
};

const keyOffset = (root: unknown, path: Path, otherwise: number): number => {
  const parent = nodeAt(root, path.slice(0, -1));
  if (!isMap(parent)) return otherwise;
  const pair = parent.items.find((item) => isPair(item) && keyText(item.key) === String(path.at(-1)));
  return isNode(pair?.key) ? (pair.key.range?.[0] ?? otherwise) : otherwise;
};

export const isMapping = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Mappings merge key by key; anything else in the overlay replaces what the file says. So does a mapping of another
 * `kind`: the keys of the old kind would be unknown to the new one.
 */
export const merge = (base: unknown, overlay: unknown): unknown => {
  if (!isMapping(base) || !isMapping(overlay)) return overlay;
  if (overlay['kind'] !== undefined && overlay['kind'] !== base['kind']) return overlay;
  const changes = Object.entries(overlay).map(([key, value]) => [key, merge(base[key], value)] as const);
  return { ...base, ...Object.fromEntries(changes) };
};

/** Freezes a tree of plain data. */
export const deepFreeze = <T>(value: T): T => {
  if (typeof value === 'object' && value !== null) {
    for (const inner of Object.values(value)) deepFreeze(inner);
    Object.freeze(value);
  }
  return value;
};
