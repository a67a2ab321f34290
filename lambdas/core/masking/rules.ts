// What a bank writes about masking, as types: which values are masked for whom, and how. The rules are data; compile.ts
// makes a masker of them, and rejects what it does not understand. Pure.

import type { EntityType } from './comprehend/entity-types.ts';
import type { DetectorId } from './detectors/catalog.ts';

/**
 * What happens to a value. `partial` leaves its last four characters, `tokenise` puts a keyed token in its place that is
 * the same wherever the value is (within the scope of the key), `drop` removes the member of an object (elsewhere it
 * redacts), `refuse` withholds the whole response.
 */
export const ACTIONS = ['redact', 'partial', 'tokenise', 'drop', 'refuse'] as const;
export type Action = (typeof ACTIONS)[number];

export const PACK_NAMES = ['us-bank', 'eu-bank', 'secrets'] as const;
export type PackName = (typeof PACK_NAMES)[number];

export const BINARY_ACTIONS = ['pass', 'refuse', 'drop'] as const;
export type BinaryAction = (typeof BINARY_ACTIONS)[number];

/** Where a rule applies; what is left out applies everywhere. */
export interface Where {
  readonly servers?: readonly string[] | undefined;
  readonly tools?: readonly string[] | undefined;
  readonly groups?: readonly string[] | undefined;
}

/** Who gets a message, and from where it comes. */
export interface Caller {
  readonly server: string;
  /**
   * `null` when no tool is involved; `undefined` when nobody can tell which, as on a resumed stream. Then it may be any: what
   * masks for some tool applies, and what shows for some tool does not.
   */
  readonly tool: string | null | undefined;
  /** `'record'`: the form that everybody else sees. Rules for any group apply, and nothing that shows to some group does. */
  readonly groups: readonly string[] | 'record';
}

interface Named {
  /** Stands in every entry, with the version: `us-bank.ssn`. */
  readonly id: string;
  readonly version: number;
  readonly where?: Where | undefined;
  readonly action: Action;
  /** How its values are called in their masks: ‹label›. @default the detector's name, or the last word of the id */
  readonly label?: string | undefined;
}

/** Masks whole values by the names of their fields, headers and columns; `*` stands for any letters. */
export interface KeyRule extends Named {
  readonly keys: readonly string[];
}

/** Masks whole values by their place: `$.structuredContent.rows[*].ssn`, `$..ssn`. */
interface PathRule extends Named {
  readonly paths: readonly string[];
}

/** Masks what these detectors find, anywhere in text. */
export interface DetectorRule extends Named {
  readonly detectors: readonly DetectorId[];
}

/** Masks what a pattern of the bank's own finds. RE2 syntax: linear in time, so nobody can make it hang. */
interface PatternRule extends Named {
  readonly pattern: string;
}

export type Rule = KeyRule | PathRule | DetectorRule | PatternRule;

/** Fields and values that are known to be safe. */
interface Allowance {
  readonly id: string;
  readonly where?: Where | undefined;
  readonly keys?: readonly string[] | undefined;
  readonly paths?: readonly string[] | undefined;
  /** Values as they stand, but for spaces and separators. */
  readonly values?: readonly string[] | undefined;
}

/** A group that sees clear text where these rules would mask it: a decision, and recorded like one. */
export interface Exception {
  readonly id: string;
  readonly groups: readonly string[];
  /** Ids of rules. */
  readonly rules: readonly string[];
  readonly where?: Where | undefined;
}

/** What Comprehend finds has no certain end, so nothing of it is left to be seen; and there is no member to drop. */
export const ENTITY_ACTIONS = ['redact', 'tokenise', 'refuse'] as const;

/** What is masked in text with words because Amazon Comprehend finds it there. */
interface ComprehendRules {
  readonly where?: Where | undefined;
  readonly language: 'en' | 'es';
  readonly entities: readonly EntityType[];
  readonly action: (typeof ENTITY_ACTIONS)[number];
  /** Findings of which the service is less sure, from 0 to 1, are none. */
  readonly minScore: number;
  /** Most text of one message that is sent; a message with more is withheld. */
  readonly maxBytes: number;
}

interface BinaryRule {
  readonly where: Where;
  readonly action: BinaryAction;
}

export interface RuleSet {
  readonly packs: readonly PackName[];
  readonly rules: readonly Rule[];
  readonly allow: readonly Allowance[];
  readonly exceptions: readonly Exception[];
  readonly binary: readonly BinaryRule[];
  /** Tools whose images, audio and blobs are refused unless a rule of {@link binary} says otherwise. */
  readonly sensitive: readonly Where[];
  /** `null`: nothing is sent to Amazon Comprehend. */
  readonly comprehend: ComprehendRules | null;
  readonly limits: { readonly maxBytes: number };
}

const DEFAULT_LIMITS = { maxBytes: 16 * 1024 * 1024 } as const;

/** No rule at all; a base for tests and for configuration that adds to it. */
export const NO_RULES: RuleSet = {
  packs: [],
  rules: [],
  allow: [],
  exceptions: [],
  binary: [],
  sensitive: [],
  comprehend: null,
  limits: DEFAULT_LIMITS,
};
