// HTTP to an upstream MCP server: one attempt, no redirects, no content decoding, every wait bounded.

import { err, ok, type Result } from '../core/result.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';

export interface UpstreamRequest {
  readonly url: string;
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
  /** Seconds until the response headers must be there. */
  readonly headersSeconds: number;
  /** Ends the exchange from our side: the client left, or the function's time is up. */
  readonly signal: AbortSignal;
}

export interface UpstreamResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it comes; `null` when there is none. Must be read to its end or cancelled by the signal. */
  readonly body: AsyncIterable<Uint8Array> | null;
  /** Gives the body up unread. */
  cancel(): void;
}

export interface Upstream {
  send(request: UpstreamRequest): Promise<Result<UpstreamResponse, UpstreamFailure>>;
}

export const makeUpstream = (): Upstream => ({
  send: async (request) => {
    const headersTimeout = new AbortController();
    const cancelled = new AbortController();
    const timer = setTimeout(() => headersTimeout.abort(), request.headersSeconds * 1000);
    try {
      const response = await fetch(request.url, {
        method: request.method,
        headers: request.headers,
        body: request.body,
        // A redirect would carry the credential to an address nobody configured.
        redirect: 'manual',
        signal: AbortSignal.any([request.signal, headersTimeout.signal, cancelled.signal]),
      });
      const headers = Object.fromEntries(response.headers);
      return ok({ status: response.status, headers, body: response.body, cancel: () => cancelled.abort() });
    } catch (cause) {
      if (request.signal.aborted) return err(abortReason(request.signal));
      if (headersTimeout.signal.aborted) return err({ reason: 'headers_timeout', seconds: request.headersSeconds });
      return err(networkFailure(cause));
    } finally {
      clearTimeout(timer);
    }
  },
});

/** The failure that the aborting side put into the signal. */
const abortReason = (signal: AbortSignal): UpstreamFailure => {
  const reason: unknown = signal.reason;
  return isFailure(reason) ? reason : { reason: 'client_closed' };
};

const isFailure = (value: unknown): value is UpstreamFailure =>
  typeof value === 'object' && value !== null && 'reason' in value && typeof value.reason === 'string';

/** Codes that prove that nothing was sent: no address, no connection, or a certificate that was refused. */
const NOTHING_SENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
  ...['CERT_HAS_EXPIRED', 'DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN'],
  ...['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'ERR_TLS_CERT_ALTNAME_INVALID'],
]);

// Whatever else happened, the request may have been read before the connection broke, and the call may have run.
const networkFailure = (cause: unknown): UpstreamFailure => {
  const detail = networkCode(cause);
  // fetch reports the network as the cause of its error; an error without one is about the request itself.
  const refusedToSend = cause instanceof Error && cause.cause === undefined;
  return { reason: refusedToSend || NOTHING_SENT.has(detail) ? 'unreachable' : 'broken_off', detail };
};

// Codes such as ECONNREFUSED or ENOTFOUND; never a message, which can quote the address with its query.
const networkCode = (cause: unknown): string => {
  const inner = cause instanceof Error && cause.cause instanceof Error ? cause.cause : cause;
  const code = inner instanceof Error && 'code' in inner ? String(inner.code) : undefined;
  return code ?? 'network error';
};
