// Why a message is withheld. Withholding is the answer to everything that masking cannot be sure of. Pure.

import type { DetectorFault } from './comprehend/question.ts';
import { shownPath } from './paths.ts';
import type { RuleRef } from './plan.ts';

export type Withheld =
  | { readonly reason: 'invalid_json'; readonly at: number }
  | { readonly reason: 'too_deep'; readonly limit: number }
  | { readonly reason: 'too_large'; readonly maxBytes: number }
  | { readonly reason: 'over_budget' }
  /** A detector outside was not asked, or said nothing that could be used. */
  | { readonly reason: 'detector_unavailable'; readonly fault: DetectorFault }
  /** More text than may be sent to a detector outside. */
  | { readonly reason: 'too_much_text'; readonly maxBytes: number }
  | { readonly reason: 'refused_by_rule'; readonly rule: string; readonly path: string }
  | { readonly reason: 'binary_refused'; readonly path: string }
  | { readonly reason: 'unknown_content'; readonly path: string }
  /** A value that the protocol hands back and forth holds data: masked it would not work, unmasked it would leak. */
  | { readonly reason: 'handle_holds_data'; readonly rule: string; readonly path: string }
  /** No masked value satisfies the tool's output schema there. */
  | { readonly reason: 'schema_unsatisfiable'; readonly path: string }
  | { readonly reason: 'masking_failed'; readonly detail: string };

/** What the client is told: why, and never what was found. */
export const withheldText = (withheld: Withheld): string => `${WITHHELD}: ${whyText(withheld)}; the call has run`;

const WITHHELD = 'The answer was withheld, because it could not be masked';

const whyText = (withheld: Withheld): string => {
  switch (withheld.reason) {
    case 'invalid_json':
      return 'it is not JSON';
    case 'too_deep':
      return `it is nested deeper than ${withheld.limit} levels`;
    case 'too_large':
      return `it is over ${withheld.maxBytes} bytes`;
    case 'over_budget':
      return 'that took too long';
    case 'detector_unavailable':
      return 'the detector of personal data did not answer';
    case 'too_much_text':
      return `it holds over ${withheld.maxBytes} bytes of text, more than is sent to the detector of personal data`;
    case 'refused_by_rule':
      return `rule ${withheld.rule} lets no such answer pass`;
    case 'binary_refused':
      return 'it holds an image, a sound or a file, which this tool may not hand on';
    case 'unknown_content':
      return 'it holds content of a type that is not known';
    case 'handle_holds_data':
      return `a cursor, id or state in it holds what rule ${withheld.rule} masks`;
    case 'schema_unsatisfiable':
      return "nothing masked satisfies the tool's outputSchema";
    case 'masking_failed':
      return 'of a fault of the gateway';
  }
};

/** As it may stand in an entry: places without names that may be data. */
export const withheldRecord = (withheld: Withheld): Withheld =>
  'path' in withheld ? { ...withheld, path: shownPath(withheld.path) } : withheld;

/** Ends the masking of a message from wherever it is; never leaves this folder. */
export class Withholding extends Error {
  readonly withheld: Withheld;

  constructor(withheld: Withheld) {
    super(withheld.reason);
    this.withheld = withheld;
  }
}

export const refusedBy = (rule: RuleRef, path: string): Withholding =>
  new Withholding({ reason: 'refused_by_rule', rule: rule.id, path });
