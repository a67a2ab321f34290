// Findings, collected check by check, and the verdict they add up to. Pure.

import { CHECKS, type CheckId, type Effect, REASONS, type Reason } from './reasons.ts';

export interface Place {
  /** Name of the object. */
  readonly file?: string | undefined;
  /** Index of the entry in the log. */
  readonly index?: number | undefined;
}

export interface Finding extends Place {
  readonly reason: Reason;
  readonly effect: Effect;
  readonly detail: string;
}

type CheckStatus = 'ok' | 'failed' | 'gap' | 'not checked';

export interface CheckReport {
  readonly check: CheckId;
  readonly status: CheckStatus;
  readonly summary: string;
  /** How often each reason was found; {@link findings} may hold fewer. */
  readonly counts: Readonly<Partial<Record<Reason, number>>>;
  readonly findings: readonly Finding[];
}

/** `unchecked`: nothing is known to be wrong, and something that must be checked could not be. */
export type Verdict = 'valid' | 'invalid' | 'unchecked';

/** Kept of one reason: enough to see what happened, bounded however large or broken the log is. */
const MAX_KEPT = 1000;

export class Findings {
  readonly #kept = new Map<CheckId, Finding[]>();
  readonly #counts = new Map<Reason, number>();

  add(reason: Reason, detail: string, place: Place = {}): void {
    const [check, effect] = REASONS[reason];
    const count = (this.#counts.get(reason) ?? 0) + 1;
    this.#counts.set(reason, count);
    if (count > MAX_KEPT) return;
    const kept = this.#kept.get(check) ?? [];
    kept.push({ reason, effect, detail, ...place });
    this.#kept.set(check, kept);
  }

  /** One report for each check of a whole log. */
  logReports(): readonly CheckReport[] {
    const checks = (Object.keys(CHECKS) as CheckId[]).filter((check) => check !== 'proof');
    return checks.map((check) => this.reportOf(check));
  }

  reportOf(check: CheckId): CheckReport {
    const reasons = [...this.#counts].filter(([reason]) => REASONS[reason][0] === check);
    return {
      check,
      status: statusOf(reasons.map(([reason]) => REASONS[reason][1])),
      summary: CHECKS[check],
      counts: Object.fromEntries(reasons),
      findings: this.#kept.get(check) ?? [],
    };
  }
}

const statusOf = (effects: readonly Effect[]): CheckStatus => {
  if (effects.includes('failed')) return 'failed';
  if (effects.includes('blocked') || effects.includes('skipped')) return 'not checked';
  return effects.includes('gap') ? 'gap' : 'ok';
};

export const verdictOf = (checks: readonly CheckReport[]): Verdict => {
  const effects = checks.flatMap(({ counts }) => (Object.keys(counts) as Reason[]).map((reason) => REASONS[reason][1]));
  if (effects.includes('failed')) return 'invalid';
  return effects.includes('blocked') ? 'unchecked' : 'valid';
};
