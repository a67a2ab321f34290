// Broken glass: whoever did it must be one of those who may, and each is told, so that an auditor sees it. Pure.

import type { ReadActor, ReadGlass, ReadRequest, ReadReview } from './approval-lines.ts';
import { type StepFault, wrong } from './step-fault.ts';

export const nameOf = ({ iss, sub }: Pick<ReadActor, 'iss' | 'sub'>): string => `${sub} (${iss})`;

/** A person in some of each of these groups. */
export const mayBreak = ({ groups }: ReadGlass, caller: Pick<ReadActor, 'kind' | 'groups'>): boolean =>
  caller.kind === 'person' && groups.every((some) => some.some((group) => caller.groups.includes(group)));

/** What a request says that waited for nobody. */
export const brokenFaults = ({ actor, server, tool, words }: ReadRequest, glass: ReadGlass): readonly StepFault[] => [
  wrong('glass_broken', `${nameOf(actor)} ran ${tool} at ${server}`),
  ...(mayBreak(glass, actor) ? [] : [wrong('glass_not_allowed', `${nameOf(actor)} is not one of them`)]),
  ...(words.content === null ? [wrong('approval_step_wrong', 'the glass was broken without saying why')] : []),
];

/** A review that finds fault is a finding of its own, and names the fault. */
export const verdictFaults = ({ actor, verdict, words }: ReadReview): readonly StepFault[] => {
  if (verdict === 'justified') return [];
  const unsaid = words.content === null ? [wrong('approval_step_wrong', 'a review finds fault and names none')] : [];
  return [wrong('glass_unjustified', `says ${nameOf(actor)}`), ...unsaid];
};
