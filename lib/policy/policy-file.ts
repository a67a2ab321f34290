// Policy files, cut into policies that know where they stand. Cedar counts in bytes of UTF-8; people count lines.

import {
  checkParsePolicySet,
  type DetailedError,
  type PolicyJson,
  policySetTextToParts,
  policyToJson,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { ConfigProblem } from '../config-problems.ts';
import type { Position } from '../config-yaml.ts';

/** One file as it was read. */
export interface PolicyFile {
  readonly file: string;
  readonly text: string;
}

/** One policy of a file. */
export interface PolicySource {
  readonly file: PolicyFile;
  /** Where it begins, in characters of the file. */
  readonly offset: number;
  readonly text: string;
  readonly json: PolicyJson;
}

export interface CutFile {
  readonly policies: readonly PolicySource[];
  readonly problems: readonly ConfigProblem[];
}

type Words = Pick<ConfigProblem, 'path' | 'expected' | 'got' | 'advice'>;

/** Line and column, both from 1, of a character of the file. */
const positionIn = ({ text }: PolicyFile, offset: number): Position => {
  const before = text.slice(0, offset).split('\n');
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
};

const problemIn = (file: PolicyFile, offset: number, words: Words): ConfigProblem => ({
  file: file.file,
  ...positionIn(file, offset),
  ...words,
});

/** A finding about a policy, at `part` of its text where that occurs, else where the policy begins. */
export const problemAt = (policy: PolicySource, words: Omit<Words, 'path'>, part = ''): ConfigProblem => {
  const at = part === '' ? 0 : Math.max(0, policy.text.indexOf(part));
  return problemIn(policy.file, policy.offset + at, { path: idOf(policy) ?? '(policy)', ...words });
};

/** The `@id` of a policy, if it has one. */
export const idOf = ({ json }: PolicySource): string | undefined => json.annotations?.['id'] ?? undefined;

/** Cedar's own finding about a policy or a file whose text starts at `offset`. */
export const cedarProblem = (
  source: { readonly file: PolicyFile; readonly offset: number; readonly text: string },
  error: DetailedError,
  path: string,
): ConfigProblem => {
  const start = error.sourceLocations?.[0]?.start ?? 0;
  const label = error.sourceLocations?.[0]?.label ?? null;
  const characters = Buffer.from(source.text).subarray(0, start).toString().length;
  return problemIn(source.file, source.offset + characters, {
    path,
    expected: label?.replace(/^expected /, '') ?? 'a policy that Cedar accepts',
    got: error.message.replace(/^for policy `[^`]*`, /, '').replace(/^failed to parse policies from string: /, ''),
    advice: error.help === null ? 'See docs/policies.md' : capital(error.help),
  });
};

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1).replace(/[.?]$/, '');

/** Cuts a file; one that does not parse gives problems only. */
export const cutFile = (file: PolicyFile): CutFile => {
  const parsed = checkParsePolicySet({ staticPolicies: file.text });
  const whole = { file, offset: 0, text: file.text };
  if (parsed.type === 'failure') {
    return { policies: [], problems: parsed.errors.map((error) => cedarProblem(whole, error, '(syntax)')) };
  }
  const parts = policySetTextToParts(file.text);
  if (parts.type === 'failure') {
    return { policies: [], problems: parts.errors.map((error) => cedarProblem(whole, error, '(syntax)')) };
  }
  const templates = parts.policy_templates.map((text) =>
    problemIn(file, file.text.indexOf(text), {
      path: '(policy)',
      expected: 'a policy',
      got: 'a template with ?principal or ?resource',
      advice: 'Write the principal and the resource out',
    }),
  );
  return { policies: placed(file, parts.policies), problems: templates };
};

/** The policies in the order of the file. Equal texts stand one after the other. */
const placed = (file: PolicyFile, texts: readonly string[]): readonly PolicySource[] => {
  const next = new Map<string, number>();
  const sources = texts.map((text) => {
    const offset = file.text.indexOf(text, next.get(text) ?? 0);
    next.set(text, offset + text.length);
    return { file, offset, text, json: jsonOf(text) };
  });
  return sources.toSorted((a, b) => a.offset - b.offset);
};

const jsonOf = (text: string): PolicyJson => {
  const parsed = policyToJson(text);
  if (parsed.type === 'failure') throw new TypeError(`Cedar parsed a policy once and not twice: ${text}`);
  return parsed.json;
};
