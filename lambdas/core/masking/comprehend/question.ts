// What is asked of Amazon Comprehend, and what it answers, as data. Pure.

import type { Result } from '../../result.ts';

/** Texts that a detector outside is asked about, none of them longer than it takes. */
export interface Question {
  readonly documents: readonly string[];
}

/** As the service says it: offsets count Unicode code points, the end is the first one behind. Nothing is checked yet. */
export interface DetectedEntity {
  readonly type: string;
  readonly begin: number;
  readonly end: number;
  readonly score: number;
}

/** Why there is no answer that can be used. */
export type DetectorFault =
  /** Over the account's requests per second, after all attempts. */
  | 'throttled'
  | 'timeout'
  /** No connection, or a fault of the service. */
  | 'unreachable'
  /** The service understood, and would not: no permission, a language or text that it does not take. */
  | 'refused'
  /** Offsets outside of the text, or a type that nobody knows. */
  | 'malformed'
  /** Nobody was there to ask. */
  | 'not_asked';

/** Of each document, in order, what was found in it. */
export type Answer = Result<readonly (readonly DetectedEntity[])[], DetectorFault>;
