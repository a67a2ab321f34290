// What was decided, and how it stands in an entry. Pure.

import type { ApprovalDemand, GlassRule } from './demand.ts';

type Effect = 'permit' | 'forbid' | 'needs-approval';

/** Why a call is forbidden before, or in spite of, any policy. */
export type DecisionFault = 'not_catalogued' | 'arguments' | 'policy_error';

export interface Decision {
  readonly effect: Effect;
  /** Ids of the determining policies; none when nothing permits. */
  readonly reasons: readonly string[];
  /** Digest of the policies that decided. */
  readonly policy: string;
  readonly fault?: DecisionFault;
  /** Policies that could not be evaluated. An erring permit permits nothing; an erring forbid forbids. */
  readonly errors?: readonly string[];
  /** With `needs-approval`: what is demanded. */
  readonly demand?: ApprovalDemand;
  /** What would have been decided if the log-only policies counted, where that differs or one of them is a reason. */
  readonly trial?: { readonly effect: Effect; readonly reasons: readonly string[] };
}

type DemandRecord = Omit<
  ApprovalDemand,
  'approvers' | 'expiresSeconds' | 'windowSeconds' | 'stepUpSeconds' | 'glass'
> & {
  readonly glass: (Pick<GlassRule, 'groups'> & { readonly reviewSeconds: string }) | null;
  readonly approvers: readonly { readonly groups: readonly string[]; readonly quorum: string }[];
  readonly expiresSeconds: string;
  readonly windowSeconds: string | null;
  readonly stepUpSeconds: string | null;
};

/** A decision in an entry: numbers are decimal strings there. */
export type DecisionRecord = Omit<Decision, 'demand'> & { readonly demand?: DemandRecord };

export const decisionRecord = ({ demand, ...decision }: Decision): DecisionRecord =>
  demand === undefined ? decision : { ...decision, demand: demandRecord(demand) };

const textOrNull = (value: number | null): string | null => (value === null ? null : String(value));

const demandRecord = (demand: ApprovalDemand): DemandRecord => ({
  ...demand,
  approvers: demand.approvers.map(({ groups, quorum }) => ({ groups, quorum: String(quorum) })),
  expiresSeconds: String(demand.expiresSeconds),
  windowSeconds: textOrNull(demand.windowSeconds),
  stepUpSeconds: textOrNull(demand.stepUpSeconds),
  glass: demand.glass === null ? null : { ...demand.glass, reviewSeconds: String(demand.glass.reviewSeconds) },
});
