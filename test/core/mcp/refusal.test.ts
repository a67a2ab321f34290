import { describe, expect, it } from 'vitest';
import { errorBody, type Refusal, refusalToWire } from '../../../lambdas/core/mcp/refusal.ts';

type Of<Reason extends Refusal['reason']> = Extract<Refusal, { reason: Reason }>;

/** One of each; a new reason does not compile without a line here. */
const EACH: { readonly [Reason in Refusal['reason']]: readonly [Of<Reason>, status: number, code: number] } = {
  unknown_server: [{ reason: 'unknown_server', server: 's' }, 404, -31404],
  origin_refused: [{ reason: 'origin_refused', origin: 'o' }, 403, -31406],
  access_denied: [
    { reason: 'access_denied', server: 's', policies: ['secret-policy'], advice: null, hidden: false },
    403,
    -31403,
  ],
  arguments_refused: [
    { reason: 'arguments_refused', server: 's', argument: 'amount', expected: 'a string' },
    400,
    -32602,
  ],
  approval_required: [
    { reason: 'approval_required', server: 's', policies: ['secret-policy'], groups: ['secret-group'] },
    403,
    -31409,
  ],
  unsupported_media_type: [{ reason: 'unsupported_media_type', contentType: null }, 415, -31415],
  request_too_large: [{ reason: 'request_too_large', bytes: 2, maxBytes: 1 }, 413, -31413],
  invalid_json: [{ reason: 'invalid_json', detail: 'not JSON' }, 400, -32700],
  duplicate_member: [{ reason: 'duplicate_member', member: 'm' }, 400, -32700],
  lone_surrogate: [{ reason: 'lone_surrogate' }, 400, -32700],
  too_deep: [{ reason: 'too_deep', limit: 64 }, 400, -32700],
  batch: [{ reason: 'batch' }, 400, -32600],
  invalid_message: [{ reason: 'invalid_message', detail: 'd' }, 400, -32600],
  unsupported_version: [{ reason: 'unsupported_version', requested: 'r', supported: ['s'] }, 400, -32022],
  header_mismatch: [{ reason: 'header_mismatch', header: 'Mcp-Name', sent: 'a', body: 'b' }, 400, -32020],
  method_not_allowed: [{ reason: 'method_not_allowed', httpMethod: 'GET', detail: 'd' }, 405, -31407],
  session_unknown: [{ reason: 'session_unknown', claimed: 'c' }, 404, -31405],
  session_foreign: [{ reason: 'session_foreign', claimed: 'c', difference: 'principal' }, 404, -31405],
  session_ended: [{ reason: 'session_ended', claimed: 'c', why: 'idle' }, 404, -31405],
  session_revoked: [{ reason: 'session_revoked', claimed: 'c' }, 404, -31408],
  sealing_behind: [{ reason: 'sealing_behind', lagSeconds: 901, limitSeconds: 900 }, 503, -31505],
  sealing_unknown: [{ reason: 'sealing_unknown', detail: 'never' }, 503, -31506],
  ledger_unavailable: [{ reason: 'ledger_unavailable' }, 503, -31503],
  outcome_not_recorded: [{ reason: 'outcome_not_recorded' }, 503, -31504],
};
const all: readonly (readonly [Refusal, number, number])[] = Object.values(EACH);

describe('refusalToWire', () => {
  it.each(all.map(([refusal, status, code]) => [refusal.reason, refusal, status, code] as const))(
    'answers %s with its status and code',
    (_reason, refusal, status, code) => {
      expect(refusalToWire(refusal)).toMatchObject({ status, code });
    },
  );

  it('uses codes of the reserved range only where the specification has them', () => {
    const reserved = all
      .map(([refusal]) => refusalToWire(refusal).code)
      .filter((code) => code <= -32000 && code >= -32768);
    expect(new Set(reserved)).toEqual(new Set([-32700, -32600, -32602, -32020, -32022]));
  });

  it('says the very same of unknown, foreign and ended sessions', () => {
    const unknown = refusalToWire({ reason: 'session_unknown', claimed: 'a' });
    for (const difference of ['principal', 'client', 'server'] as const)
      expect(refusalToWire({ reason: 'session_foreign', claimed: 'b', difference })).toEqual(unknown);
    for (const why of ['closed', 'idle', 'too_old'] as const)
      expect(refusalToWire({ reason: 'session_ended', claimed: 'c', why })).toEqual(unknown);
  });

  it('tells nobody which policies decided, or who may approve', () => {
    expect(JSON.stringify(refusalToWire(EACH.access_denied[0]))).not.toContain('secret');
    expect(JSON.stringify(refusalToWire(EACH.approval_required[0]))).not.toContain('secret');
  });

  it('gives the advice of a policy only to whoever could use the tool at all', () => {
    const denied = { reason: 'access_denied', server: 's', policies: ['p'], advice: 'Ask the desk.' } as const;
    expect(refusalToWire({ ...denied, hidden: false }).message).toBe('Ask the desk.');
    expect(refusalToWire({ ...denied, hidden: true }).message).not.toContain('desk');
  });

  it('names the supported versions, as the specification asks', () => {
    expect(refusalToWire(EACH.unsupported_version[0]).data).toEqual({ supported: ['s'], requested: 'r' });
  });

  it('says when a mirrored header is missing', () => {
    const wire = refusalToWire({ reason: 'header_mismatch', header: 'Mcp-Name', sent: null, body: 'b' });
    expect(wire.message).toContain('Mcp-Name is missing');
  });

  it('names what is allowed where a method is not (RFC 9110 section 15.5.6)', () => {
    expect(refusalToWire(EACH.method_not_allowed[0]).headers).toEqual({ allow: 'POST, DELETE' });
  });

  it('asks for another try only where nothing was done', () => {
    expect(refusalToWire({ reason: 'ledger_unavailable' }).headers).toEqual({ 'retry-after': '2' });
    expect(refusalToWire({ reason: 'outcome_not_recorded' }).headers).toBeUndefined();
  });
});

describe('errorBody', () => {
  const wire = { status: 404, code: -31404, message: 'm' };

  it('is a JSON-RPC error that names the call', () => {
    expect(JSON.parse(errorBody(wire, 7, 'call-1'))).toEqual({
      jsonrpc: '2.0',
      id: 7,
      error: { code: -31404, message: 'm', data: { callId: 'call-1' } },
    });
  });

  it('carries the id null where no request was read', () => {
    expect(JSON.parse(errorBody(wire, null, 'call-1'))).toHaveProperty('id', null);
  });

  it('keeps the data that the specification prescribes', () => {
    expect(JSON.parse(errorBody({ ...wire, data: { supported: [] } }, 'a', 'call-1')).error.data).toEqual({
      supported: [],
    });
  });
});
