// What must happen before an approval lifts the forbids that hold a call: the union of what each of them demands. Pure.

import type { ApprovalRule } from '../../policy-contract.ts';

export interface ApprovalDemand {
  /** The forbids to be lifted. */
  readonly policies: readonly string[];
  /** All of these must be met: `quorum` distinct people, each in any of `groups`. */
  readonly approvers: readonly { readonly groups: readonly string[]; readonly quorum: number }[];
  readonly expiresSeconds: number;
  /** `null` unless every forbid allows a window. */
  readonly windowSeconds: number | null;
  readonly justification: boolean;
  readonly stepUpSeconds: number | null;
  /** Every one of these is demanded of an approver's sign-in; of two, no sign-in has both. */
  readonly acr: readonly string[];
  readonly escalate: readonly string[];
  readonly glass: GlassRule | null;
}

/** Breaking glass: `null` in a demand unless every forbid allows it. */
export interface GlassRule {
  /** All of these must be met: whoever breaks it is in some group of each. */
  readonly groups: readonly (readonly string[])[];
  readonly reviewSeconds: number;
}

/** The strictest of everything: nobody is spared a check because another policy asked for less. */
export const unite = (rules: readonly { readonly id: string; readonly approval: ApprovalRule }[]): ApprovalDemand => {
  const demands = rules.map(({ approval }) => approval);
  const windows = demands.map(({ windowSeconds }) => windowSeconds);
  return {
    policies: rules.map(({ id }) => id),
    approvers: approversOf(demands),
    expiresSeconds: Math.min(...demands.map(({ expiresSeconds }) => expiresSeconds)),
    windowSeconds: windows.includes(null) ? null : least(windows),
    justification: demands.some(({ justification }) => justification),
    stepUpSeconds: least(demands.map(({ stepUpSeconds }) => stepUpSeconds)),
    acr: distinct(demands.flatMap(({ acr }) => (acr === null ? [] : [acr]))),
    escalate: distinct(demands.flatMap(({ escalate }) => escalate)),
    glass: glassOf(demands),
  };
};

/** One forbid that nobody may break holds the call, whatever the others allow. */
const glassOf = (demands: readonly ApprovalRule[]): GlassRule | null => {
  const allowing = demands.flatMap(({ glass }) => (glass === null ? [] : [glass]));
  if (allowing.length === 0 || allowing.length < demands.length) return null;
  const groups = new Map(allowing.map((glass) => [JSON.stringify(glass.groups.toSorted()), glass.groups.toSorted()]));
  return {
    groups: [...groups.values()],
    reviewSeconds: Math.min(...allowing.map(({ reviewSeconds }) => reviewSeconds)),
  };
};

const approversOf = (demands: readonly ApprovalRule[]): ApprovalDemand['approvers'] => {
  const quorums = new Map<string, { readonly groups: readonly string[]; readonly quorum: number }>();
  for (const { groups, quorum } of demands) {
    const sorted = groups.toSorted();
    const key = JSON.stringify(sorted);
    quorums.set(key, { groups: sorted, quorum: Math.max(quorum, quorums.get(key)?.quorum ?? 0) });
  }
  return [...quorums.values()];
};

const least = (values: readonly (number | null)[]): number | null => {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.min(...known);
};

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];
