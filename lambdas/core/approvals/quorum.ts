// Whether the people who approved are all that is demanded. Nobody counts twice, however many groups they are in: each
// approval fills one place of one demand, and all places must be filled at the same time. Pure.

import type { ApprovalDemand } from '../policy/demand.ts';
import type { Approving } from './approval.ts';

type Demand = ApprovalDemand['approvers'][number];

/** People that are still missing, demand by demand; an empty list means that all demands are met. */
export interface Missing {
  readonly groups: readonly string[];
  readonly people: number;
}

/**
 * A largest matching of approvers to places (Kuhn's algorithm). Members of `standIns` may fill any place: the groups that
 * were asked besides.
 */
export const missingOf = (
  demands: readonly Demand[],
  approvals: readonly Approving[],
  standIns: readonly string[],
): readonly Missing[] => {
  const places = demands.flatMap((demand) => Array.from({ length: demand.quorum }, () => demand));
  const takenBy: (number | undefined)[] = places.map(() => undefined);
  const fits = (demand: Demand, { groups }: Approving): boolean =>
    groups.some((group) => demand.groups.includes(group) || standIns.includes(group));
  const seat = (approver: number, tried: Set<number>): boolean => {
    const approving = approvals[approver];
    return places.some((place, at) => {
      if (approving === undefined || tried.has(at) || !fits(place, approving)) return false;
      tried.add(at);
      const occupant = takenBy[at];
      if (occupant !== undefined && !seat(occupant, tried)) return false;
      takenBy[at] = approver;
      return true;
    });
  };
  for (const approver of approvals.keys()) seat(approver, new Set());
  const empty = places.filter((_, at) => takenBy[at] === undefined);
  return demands
    .map((demand) => ({ groups: demand.groups, people: empty.filter((place) => place === demand).length }))
    .filter(({ people }) => people > 0);
};
