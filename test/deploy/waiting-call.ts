// A call that is held under the first deployment and approved under the second, by people who sign in to each.

import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { deployedEnvironment } from '../support/deployed-environment.ts';

export interface WaitingCall {
  readonly approval: string;
  readonly args: { readonly reference: string };
  /** The same client's: another one's identical call is another request. */
  readonly token: string;
}

const file = (): string => join(dirname(deployedEnvironment()!.configFile), 'waiting-call.json');

export const leaveWaiting = (call: WaitingCall): void => writeFileSync(file(), JSON.stringify(call));

export const findWaiting = (): WaitingCall => JSON.parse(readFileSync(file(), 'utf8')) as WaitingCall;
