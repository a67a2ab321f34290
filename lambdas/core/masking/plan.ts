// The rules that apply to one call: to this server and tool, for these groups. Made once for each combination and used for
// every message of the call. Pure.

import type { RE2JS } from 're2js';
import type { EntityPlan } from './comprehend/texts.ts';
import { DETECTORS, type DetectorId } from './detectors/catalog.ts';
import { DetectorSet } from './detectors/detector-set.ts';
import type { PathPattern } from './paths.ts';
import type { Action, BinaryAction } from './rules.ts';
import { contextIn } from './text/lookahead.ts';

/** A rule as it applies here. */
export interface RuleRef {
  readonly id: string;
  readonly version: number;
  readonly label: string;
  readonly action: Action;
  /** The exception by which this caller sees the value all the same; it is reported. */
  readonly shownBy: string | null;
}

export interface Pattern {
  readonly matcher: RE2JS;
  readonly rule: RuleRef;
}

/** What the name of a field, header or column says of its values. */
export interface NameFacts {
  readonly rule: RuleRef | undefined;
  readonly isAllowed: boolean;
  /** Contexts for the detectors, one bit each. */
  readonly contexts: number;
}

export interface PlanParts {
  readonly byDetector: ReadonlyMap<DetectorId, RuleRef>;
  readonly keys: readonly { readonly matches: (name: string) => boolean; readonly rule: RuleRef }[];
  readonly paths: readonly { readonly pattern: PathPattern; readonly rule: RuleRef | null }[];
  readonly patterns: readonly Pattern[];
  readonly allowedKeys: readonly ((name: string) => boolean)[];
  readonly allowedValues: ReadonlySet<string>;
  readonly binary: BinaryAction;
  readonly entities: EntityPlan | null;
}

/** Names as they are compared: `Social_Security-Number` and `socialSecurityNumber` are one. */
export const normalName = (name: string): string => name.replace(/[^\p{L}\p{N}]/gu, '').toLowerCase();

/** Values as they are compared and committed to: without what people put between. */
export const normalValue = (value: string): string =>
  value
    .normalize('NFKC')
    .replace(/[^\p{L}\p{N}@]/gu, '')
    .toUpperCase();

/** Of a name that says nothing. */
export const NOTHING: NameFacts = { rule: undefined, isAllowed: false, contexts: 0 };

/** A server can send any number of names; past this many the memory of them begins anew. */
const MAX_NAMES = 4096;

export class Plan {
  readonly detectors: DetectorSet;
  readonly patterns: readonly Pattern[];
  readonly paths: PlanParts['paths'];
  readonly binary: BinaryAction;
  /** What Amazon Comprehend is asked for; `null` for nothing. */
  readonly entities: EntityPlan | null;
  readonly #parts: PlanParts;
  readonly #names = new Map<string, NameFacts>();

  constructor(parts: PlanParts) {
    this.#parts = parts;
    this.detectors = new DetectorSet(new Set(parts.byDetector.keys()));
    this.patterns = parts.patterns;
    this.paths = parts.paths;
    this.binary = parts.binary;
    this.entities = parts.entities;
  }

  ruleOf(detector: DetectorId): RuleRef | undefined {
    return this.#parts.byDetector.get(detector);
  }

  isAllowedValue(value: string): boolean {
    return this.#parts.allowedValues.size > 0 && this.#parts.allowedValues.has(normalValue(value));
  }

  /** What a heading of a table in text says of its column, if anything. */
  headingFacts(heading: string): NameFacts | undefined {
    const facts = this.nameFacts(heading);
    if (facts.rule !== undefined) return facts;
    return facts.contexts !== 0 && !facts.isAllowed && LIKE_A_NAME.test(heading) ? facts : undefined;
  }

  nameFacts(name: string): NameFacts {
    const known = this.#names.get(name);
    if (known !== undefined) return known;
    if (this.#names.size >= MAX_NAMES) this.#names.clear();
    // A mask in a name says what the name was, not what its value is.
    const said = name.replace(/‹[^›]{0,80}›/g, ' ');
    const normal = normalName(said);
    const rule = this.#parts.keys.find(({ matches }) => matches(normal))?.rule;
    const isAllowed = this.#parts.allowedKeys.some((matches) => matches(normal));
    const contexts = contextIn(said);
    // Most names say nothing, and one object may have hundreds of thousands of them.
    const says = rule !== undefined || isAllowed || contexts !== 0;
    const facts = says ? { rule, isAllowed, contexts } : NOTHING;
    this.#names.set(name, facts);
    return facts;
  }
}

/** A heading that only hints at its column is a name, and no sentence with commas. */
const LIKE_A_NAME =
  /^(?!.*(?:accounts|accts|phones|comptes)$)[\p{L}\p{N}_#/()°º-]{1,40}(?:[ .][\p{L}\p{N}_#/()°º.-]{1,24}){0,4}$/iu;

export const showsLastFour = (detector: DetectorId): boolean => DETECTORS[detector].showsLastFour;
