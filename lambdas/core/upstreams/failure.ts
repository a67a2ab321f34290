// Every way in which an upstream can fail a call that was already recorded as intended, and what the client is told.
// An upstream's failure is never reported as the client's fault: above all its 401 must not start a sign-in. Pure.

import { type Withheld, withheldText } from '../masking/withheld.ts';
import type { WireError } from '../mcp/refusal.ts';

export type UpstreamFailure =
  /** A strict call that was not made: its intent could not be signed, or not be put into the locked bucket. */
  | { readonly reason: 'intent_not_signed' }
  | { readonly reason: 'intent_not_locked'; readonly detail: 'unavailable' | 'exists' }
  | { readonly reason: 'credential_unavailable'; readonly detail: string }
  | { readonly reason: 'unreachable'; readonly detail: string }
  | { readonly reason: 'headers_timeout'; readonly seconds: number }
  | { readonly reason: 'idle_timeout'; readonly seconds: number }
  | { readonly reason: 'stream_limit'; readonly seconds: number }
  | { readonly reason: 'auth_refused'; readonly status: number }
  | { readonly reason: 'redirect'; readonly status: number }
  | { readonly reason: 'server_error'; readonly status: number }
  | { readonly reason: 'garbage'; readonly detail: string }
  | { readonly reason: 'response_too_large'; readonly maxBytes: number }
  | { readonly reason: 'broken_off'; readonly detail: string }
  /** The answer was not handed on, because it could not be masked with certainty, or a rule refuses it. */
  | { readonly reason: 'masking_withheld'; readonly why: Withheld }
  | { readonly reason: 'gateway_fault' }
  | { readonly reason: 'client_closed' };

/** What the client sees of a failed upstream; docs/errors.md is the same table for people. */
export const failureToWire = (failure: UpstreamFailure): WireError => {
  switch (failure.reason) {
    case 'intent_not_signed':
      return held(-31523, 'The call must be signed before it is made, and could not be; it was not made. Try again');
    case 'intent_not_locked':
      return held(
        -31524,
        'The call must lie in the locked store before it is made, and could not be put there; it was not made. Try again',
      );
    case 'credential_unavailable':
      return bad(-31511, 'The gateway has no usable credential for this server; its owner must mend the secret');
    case 'unreachable':
      return bad(-31512, 'The MCP server could not be reached; the call was not made');
    case 'headers_timeout':
      return late(-31513, `The MCP server did not answer within ${failure.seconds} s; the call may have run`);
    case 'idle_timeout':
      return late(-31514, `The MCP server fell silent for ${failure.seconds} s; the call may have run`);
    case 'stream_limit':
      return late(-31515, `The stream reached its limit of ${failure.seconds} s and was ended`);
    case 'auth_refused':
      return bad(-31516, "The MCP server refused the gateway's credential; its owner must mend the secret");
    case 'redirect':
      return bad(-31517, 'The MCP server answered with a redirect, which the gateway does not follow');
    case 'server_error':
      return bad(-31518, `The MCP server failed with status ${failure.status}; the call may have run`);
    case 'garbage':
      return bad(-31519, 'The MCP server sent something that is not an MCP message; it was withheld');
    case 'response_too_large':
      return bad(-31520, `The answer is over this server's limit of ${failure.maxBytes} bytes and was withheld`);
    case 'broken_off':
      return bad(-31521, 'The MCP server broke the connection before its answer was complete; the call may have run');
    case 'masking_withheld':
      return bad(-31525, withheldText(failure.why));
    case 'gateway_fault':
      return {
        status: 500,
        code: -31522,
        message: 'The gateway failed while it handled the answer; the call may have run',
      };
    case 'client_closed':
      return { status: 499, code: -31499, message: 'The client closed the stream, which cancels the request' };
  }
};

const held = (code: number, message: string): WireError => ({
  ...{ status: 503, code, message },
  headers: { 'retry-after': '2' },
});

const bad = (code: number, message: string): WireError => ({ status: 502, code, message });

const late = (code: number, message: string): WireError => ({ status: 504, code, message });
