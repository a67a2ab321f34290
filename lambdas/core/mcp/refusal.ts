// Every reason for which the gateway itself refuses an MCP request, and what the client is told.
// The recording keeps the whole refusal; the client gets the generic text. Pure.

import type { SealingRefusal } from '../ledger/sealing-lag.ts';
import type { EraFault } from './era.ts';
import type { MessageFault, RequestId } from './message.ts';

export type Refusal =
  | { readonly reason: 'unknown_server'; readonly server: string }
  | { readonly reason: 'origin_refused'; readonly origin: string }
  | {
      readonly reason: 'access_denied';
      readonly server: string;
      /** The forbids; none when nothing permits. */
      readonly policies: readonly string[];
      /** Words of the policies for whoever they refuse. */
      readonly advice: string | null;
      /** Whether the caller could not use this at all, and so must not learn whether it exists. */
      readonly hidden: boolean;
    }
  | {
      readonly reason: 'arguments_refused';
      readonly server: string;
      readonly argument: string;
      readonly expected: string;
    }
  | {
      readonly reason: 'approval_required';
      readonly server: string;
      readonly policies: readonly string[];
      readonly groups: readonly string[];
    }
  | { readonly reason: 'unsupported_media_type'; readonly contentType: string | null }
  | { readonly reason: 'request_too_large'; readonly bytes: number; readonly maxBytes: number }
  | MessageFault
  | EraFault
  | { readonly reason: 'method_not_allowed'; readonly httpMethod: string; readonly detail: string }
  | { readonly reason: 'session_unknown'; readonly claimed: string }
  | {
      readonly reason: 'session_foreign';
      readonly claimed: string;
      readonly difference: 'principal' | 'client' | 'server';
    }
  | { readonly reason: 'session_ended'; readonly claimed: string; readonly why: 'closed' | 'idle' | 'too_old' }
  | { readonly reason: 'session_revoked'; readonly claimed: string }
  | SealingRefusal
  | { readonly reason: 'ledger_unavailable' }
  | { readonly reason: 'outcome_not_recorded' };

/** Status, JSON-RPC error and headers of an answer that the gateway makes itself. */
export interface WireError {
  readonly status: number;
  readonly code: number;
  readonly message: string;
  readonly data?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

// Codes of the specification where it has one; ours lie outside -32768..-32000, which JSON-RPC reserves.
const PARSE_ERROR = -32700;
const INVALID_REQUEST = -32600;
const INVALID_PARAMS = -32602;
const HEADER_MISMATCH = -32020;
const UNSUPPORTED_VERSION = -32022;

const HIDDEN = 'Not permitted to you, or no such thing on this server';
const FORBIDDEN = 'Policy does not permit this call';

const SESSION_GONE: WireError = {
  status: 404,
  code: -31405,
  message: 'Session not found or ended; start again with initialize',
};

const SEALING_UNKNOWN: Readonly<Record<Extract<SealingRefusal, { reason: 'sealing_unknown' }>['detail'], string>> = {
  never:
    'Calls of this tool are refused until the log has begun: the sealer has not ended a run yet. After an installation it does within 5 minutes; then try again',
  ahead:
    'Calls of this tool are refused: the time up to which the log is sealed lies in the future. Tell the operators of the gateway',
  unreadable:
    'Calls of this tool are refused: it cannot be read how far the log is sealed. Try again, or tell the operators of the gateway',
};

/** What the client sees of a refusal: one exhaustive switch, so that a new reason cannot go out unmapped. */
export const refusalToWire = (refusal: Refusal): WireError => {
  switch (refusal.reason) {
    case 'unknown_server':
      return { status: 404, code: -31404, message: 'No MCP server of that name is configured in this gateway' };
    case 'origin_refused':
      return { status: 403, code: -31406, message: 'Origin not allowed; ask for it in allowedOrigins' };
    case 'access_denied':
      return { status: 403, code: -31403, message: refusal.hidden ? HIDDEN : (refusal.advice ?? FORBIDDEN) };
    case 'arguments_refused':
      return {
        status: 400,
        code: INVALID_PARAMS,
        message: `Invalid params: policy decides on ${refusal.argument}, which must be ${refusal.expected}`,
      };
    case 'approval_required':
      return { status: 403, code: -31409, message: 'This call needs an approval before it can be made' };
    case 'unsupported_media_type':
      return { status: 415, code: -31415, message: 'Expected Content-Type: application/json, in UTF-8' };
    case 'request_too_large':
      return {
        status: 413,
        code: -31413,
        message: `Request of ${refusal.bytes} bytes is over the limit of ${refusal.maxBytes} bytes`,
      };
    case 'invalid_json':
      return { status: 400, code: PARSE_ERROR, message: `Parse error: ${refusal.detail}` };
    case 'duplicate_member':
      return { status: 400, code: PARSE_ERROR, message: `Parse error: member "${refusal.member}" appears twice` };
    case 'lone_surrogate':
      return { status: 400, code: PARSE_ERROR, message: 'Parse error: a string holds half of a surrogate pair' };
    case 'too_deep':
      return { status: 400, code: PARSE_ERROR, message: `Parse error: nested deeper than ${refusal.limit} levels` };
    case 'batch':
      return { status: 400, code: INVALID_REQUEST, message: 'JSON-RPC batches are not accepted; send one message' };
    case 'invalid_message':
      return { status: 400, code: INVALID_REQUEST, message: `Invalid request: ${refusal.detail}` };
    case 'unsupported_version':
      return {
        status: 400,
        code: UNSUPPORTED_VERSION,
        message: `Unsupported protocol version: ${refusal.requested}`,
        data: { supported: refusal.supported, requested: refusal.requested },
      };
    case 'header_mismatch':
      return {
        status: 400,
        code: HEADER_MISMATCH,
        message: `Header mismatch: ${refusal.header} is ${refusal.sent ?? 'missing'}, the body says ${refusal.body}`,
      };
    case 'method_not_allowed':
      return { status: 405, code: -31407, message: refusal.detail, headers: { allow: 'POST, DELETE' } };
    // A foreign session id gets the very answer of an unknown one: its existence is nobody else's business.
    case 'session_unknown':
    case 'session_foreign':
    case 'session_ended':
      return SESSION_GONE;
    // Only its owner gets here. 404 all the same, so that a client may open another session (MCP, "Session Management").
    case 'session_revoked':
      return {
        status: 404,
        code: -31408,
        message: 'An operator ended this session; ask them before you start another with initialize',
      };
    case 'sealing_behind':
      return {
        status: 503,
        code: -31505,
        message: `Calls of this tool are refused while sealing is behind: entries wait for ${refusal.lagSeconds} s, the limit is ${refusal.limitSeconds} s. Tell the operators of the gateway; see its sealer function`,
        headers: { 'retry-after': '60' },
      };
    case 'sealing_unknown':
      return { status: 503, code: -31506, message: SEALING_UNKNOWN[refusal.detail], headers: { 'retry-after': '60' } };
    case 'ledger_unavailable':
      return {
        status: 503,
        code: -31503,
        message: 'The call cannot be recorded at the moment, so it was not made. Try again',
        headers: { 'retry-after': '2' },
      };
    case 'outcome_not_recorded':
      return {
        status: 503,
        code: -31504,
        message: 'The call was made, but its outcome could not be recorded, so the answer is withheld',
      };
  }
};

/** The JSON-RPC error body of a refusal or failure. `id` is null where the request's own id was not read. */
export const errorBody = (wire: WireError, id: RequestId | null, callId: string): string =>
  JSON.stringify({
    jsonrpc: '2.0',
    id,
    error: {
      code: wire.code,
      message: wire.message,
      data: wire.data ?? { callId },
    },
  });
