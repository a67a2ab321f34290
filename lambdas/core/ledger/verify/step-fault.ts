// What is wrong with a step of a request.

import type { Reason } from './reasons.ts';

export interface StepFault {
  readonly reason: Reason;
  readonly detail: string;
}

export const wrong = (reason: Reason, detail: string): StepFault => ({ reason, detail });
