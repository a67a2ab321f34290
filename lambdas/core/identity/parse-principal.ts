// The principal as the authorizer handed it to API Gateway, read back. Anything unexpected is a fault of ours and
// must stop the request: a function that guessed here would act for nobody in particular. Pure.

import { isObject, type JsonObject } from '../mcp/json.ts';
import type { Principal } from './principal.ts';

export class PrincipalError extends Error {
  readonly code = 'PRINCIPAL_UNREADABLE';
}

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((item) => typeof item === 'string');

const isTextOrNull = (value: unknown): boolean => value === null || (typeof value === 'string' && value !== '');

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';

const isNumberOrNull = (value: unknown): boolean => value === null || typeof value === 'number';

const FIELDS: Readonly<Record<keyof Principal, (value: unknown) => boolean>> = {
  issuer: isText,
  subject: isText,
  kind: (value) => value === 'person' || value === 'service',
  name: isTextOrNull,
  groups: isTexts,
  client: isText,
  scopes: isTexts,
  tokenId: isTextOrNull,
  authTime: isNumberOrNull,
  acr: isTextOrNull,
  amr: isTexts,
  expiresAt: (value) => typeof value === 'number',
};

const isPrincipal = (value: JsonObject): value is JsonObject & Principal =>
  Object.entries(FIELDS).every(([field, holds]) => holds(value[field]));

/** Reads the authorizer's JSON; throws a {@link PrincipalError} on anything but a whole Principal. */
export const parsePrincipal = (json: unknown): Principal => {
  let value: unknown;
  try {
    value = typeof json === 'string' ? JSON.parse(json) : undefined;
  } catch {
    value = undefined;
  }
  if (!isObject(value) || !isPrincipal(value)) {
    throw new PrincipalError(
      'The request reached the function without a verified principal; is the authorizer attached?',
    );
  }
  return value;
};
