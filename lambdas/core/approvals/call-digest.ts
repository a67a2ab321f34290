// What of a request an approval is for: everything that its server gets, and nothing that was meant for the gateway. Pure.

import { paramsDigest } from './exact-call.ts';
import { OWN_ARGUMENTS } from './justification.ts';
import { withoutOwnInput } from './own-input.ts';

/** {@link paramsDigest} of a `tools/call` as a client sent it. */
export const callDigest = (body: string): string => paramsDigest(withoutOwnInput(body), OWN_ARGUMENTS);
