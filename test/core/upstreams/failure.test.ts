import { describe, expect, it } from 'vitest';
import { failureToWire, type UpstreamFailure } from '../../../lambdas/core/upstreams/failure.ts';

type Of<Reason extends UpstreamFailure['reason']> = Extract<UpstreamFailure, { reason: Reason }>;
/** One of each; a new reason does not compile without a line here. */
const EACH: { readonly [Reason in UpstreamFailure['reason']]: readonly [Of<Reason>, status: number, code: number] } = {
  intent_not_signed: [{ reason: 'intent_not_signed' }, 503, -31523],
  intent_not_locked: [{ reason: 'intent_not_locked', detail: 'unavailable' }, 503, -31524],
  credential_unavailable: [{ reason: 'credential_unavailable', detail: 'PLANTED' }, 502, -31511],
  unreachable: [{ reason: 'unreachable', detail: 'PLANTED' }, 502, -31512],
  headers_timeout: [{ reason: 'headers_timeout', seconds: 7 }, 504, -31513],
  idle_timeout: [{ reason: 'idle_timeout', seconds: 7 }, 504, -31514],
  stream_limit: [{ reason: 'stream_limit', seconds: 7 }, 504, -31515],
  auth_refused: [{ reason: 'auth_refused', status: 401 }, 502, -31516],
  redirect: [{ reason: 'redirect', status: 302 }, 502, -31517],
  server_error: [{ reason: 'server_error', status: 500 }, 502, -31518],
  garbage: [{ reason: 'garbage', detail: 'PLANTED' }, 502, -31519],
  response_too_large: [{ reason: 'response_too_large', maxBytes: 7 }, 502, -31520],
  broken_off: [{ reason: 'broken_off', detail: 'PLANTED' }, 502, -31521],
  masking_withheld: [{ reason: 'masking_withheld', why: { reason: 'masking_failed', detail: 'PLANTED' } }, 502, -31525],
  gateway_fault: [{ reason: 'gateway_fault' }, 500, -31522],
  client_closed: [{ reason: 'client_closed' }, 499, -31499],
};
const all: readonly (readonly [UpstreamFailure, number, number])[] = Object.values(EACH);

describe('failureToWire', () => {
  it.each(all.map(([failure, status, code]) => [failure.reason, failure, status, code] as const))(
    'answers %s with its status and code, and no detail',
    (_reason, failure, status, code) => {
      const wire = failureToWire(failure);
      expect(wire).toMatchObject({ status, code });
      expect(JSON.stringify(wire)).not.toContain('PLANTED');
    },
  );

  it('has a code of its own for each reason, outside the range that JSON-RPC reserves', () => {
    const codes = all.map(([failure]) => failureToWire(failure).code);
    expect(new Set(codes).size).toBe(codes.length);
    expect(codes.filter((code) => code <= -32000 && code >= -32768)).toEqual([]);
  });

  it('never answers 401, 403 or 404, which would start a sign-in or a new session', () => {
    expect(
      all.map(([failure]) => failureToWire(failure).status).filter((status) => [401, 403, 404].includes(status)),
    ).toEqual([]);
  });

  it('says of a call that may have run that it may have run', () => {
    for (const reason of ['headers_timeout', 'idle_timeout', 'server_error', 'broken_off', 'gateway_fault'] as const)
      expect(failureToWire(EACH[reason][0]).message).toContain('may have run');
  });
});
