// Whether a call that policy held went to its server, by what its outcome says. Pure.

/** What a reader knows of an outcome. */
export interface SaidOutcome {
  readonly status: string;
  readonly failure: string | null;
  /** Whether the MCP server answered. */
  readonly answered: boolean;
}

/**
 * Failures that may come before a held call is let through: a fault of the gateway while it waited, or a strict intent that
 * was not signed or locked. Every other failure is one of a call that went out.
 */
const BEFORE_THE_CALL: ReadonlySet<string> = new Set(['gateway_fault', 'intent_not_signed', 'intent_not_locked']);

/** `held` is the gateway's own answer, in the place of the server's. */
export const wasLetThrough = ({ status, failure, answered }: SaidOutcome): boolean =>
  status !== 'held' && (answered || failure === null || !BEFORE_THE_CALL.has(failure));
