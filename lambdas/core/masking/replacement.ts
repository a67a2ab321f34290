// What stands in the place of a removed value. Pure.

import { createHmac } from 'node:crypto';
import { normalValue, type RuleRef } from './plan.ts';
import { isMasked, lastFour, redacted, TOKEN_ALPHABET, TOKEN_LENGTH, tokenised } from './text/masks.ts';

/** The mask of a value under a rule. Where a member can be dropped it is; the rest of `drop` is redaction. */
export const maskOf = (rule: RuleRef, value: string, tokenKey: Uint8Array): string => {
  if (isMasked(value)) return value;
  switch (rule.action) {
    case 'partial':
      return lastFour(rule.label, value);
    case 'tokenise':
      return tokenised(rule.label, tokenOf(rule.label, value, tokenKey));
    case 'redact':
    case 'drop':
    case 'refuse':
      return redacted(rule.label);
  }
};

/** The same value under the same label and key has the same token, however it was written. */
const tokenOf = (label: string, value: string, tokenKey: Uint8Array): string => {
  const mac = createHmac('sha256', tokenKey)
    .update(`countersign masking token v1\0${label}\0${normalValue(value)}`)
    .digest();
  let token = '';
  for (let index = 0; index < TOKEN_LENGTH / 2; index += 1) {
    const byte = mac.readUInt8(index);
    token += `${TOKEN_ALPHABET[byte >> 4]}${TOKEN_ALPHABET[byte & 15]}`;
  }
  return token;
};
