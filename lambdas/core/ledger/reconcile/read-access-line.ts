// One line of API Gateway's access log, and whether an entry must name its request. Fields are those of
// ACCESS_LOG_FIELDS in lib/access-log.ts; "-" is an absent one. Whoever can write the log group can write anything here.
// A request is left out only where the line says positively that API Gateway answered alone. Pure.

import { ROUTES } from '../../../contract.ts';
import { isObject } from '../../mcp/json.ts';

export interface LoggedRequest {
  readonly id: string;
  /** Epoch milliseconds at which API Gateway received it. */
  readonly at: number;
  /**
   * `recorded`: the authorizer decided or a function ran, so an entry must name it. `alone`: API Gateway answered without
   * either, or an open route did. `failed`: it was answered with an error of ours, which may be that nothing could be
   * recorded: named or not, it is no silent call.
   */
  readonly kind: 'recorded' | 'alone' | 'failed';
}

/** What API Gateway answers before it asks the authorizer (`$context.error.responseType`). */
const ALONE = new Set([
  ...['MISSING_AUTHENTICATION_TOKEN', 'RESOURCE_NOT_FOUND', 'THROTTLED', 'QUOTA_EXCEEDED', 'WAF_FILTERED'],
  ...['REQUEST_TOO_LARGE', 'BAD_REQUEST_PARAMETERS', 'BAD_REQUEST_BODY', 'UNSUPPORTED_MEDIA_TYPE'],
  ...['INVALID_API_KEY', 'INVALID_SIGNATURE', 'EXPIRED_TOKEN'],
]);
const OPEN_ROUTES = new Set(
  ROUTES.filter(({ authorized }) => !authorized).map(({ method, path }) => `${method} ${path}`),
);

/** `undefined` when the line is not one that API Gateway writes for us. */
export const readAccessLine = (line: string): LoggedRequest | undefined => {
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return undefined;
  }
  if (!isObject(fields)) return undefined;
  const field = (name: string): string | undefined => {
    const value = fields[name];
    return typeof value === 'string' && value !== '' && value !== '-' ? value : undefined;
  };
  const id = field('requestId');
  const at = Number(field('time') ?? Number.NaN);
  return id === undefined || !Number.isSafeInteger(at) ? undefined : { id, at, kind: kindOf(field) };
};

type Field = (name: string) => string | undefined;

const kindOf = (field: Field): LoggedRequest['kind'] => {
  const has = (...names: readonly string[]): boolean => names.some((name) => field(name) !== undefined);
  const integrated = has('integrationStatus', 'integrationRequestId', 'integrationMilliseconds', 'integrationError');
  const authorized = has('authorizerStatus', 'authorizerMilliseconds', 'authorizerError');
  const error = field('errorType') ?? '';
  if (integrated && OPEN_ROUTES.has(`${field('method')} ${field('resourcePath')}`)) return 'alone';
  if (!integrated && !authorized && ALONE.has(error)) return 'alone';
  // An authorizer that failed decided nothing, and nothing went on from there.
  if (!integrated && error.startsWith('AUTHORIZER_')) return 'failed';
  return /^5\d\d$/.test(field('status') ?? '') ? 'failed' : 'recorded';
};
