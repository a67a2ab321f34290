// Sends an exchange to its upstream under the gateway's own credential.

import type { UpstreamResponse } from '../adapters/upstream-http.ts';
import type { Admitted } from '../core/mcp/admit.ts';
import type { McpRequest } from '../core/mcp/http.ts';
import { err, ok, type Result } from '../core/result.ts';
import type { UpstreamFailure } from '../core/upstreams/failure.ts';
import { upstreamRequestHeaders } from '../core/upstreams/headers.ts';
import { classifyResponse, type ResponseKind } from '../core/upstreams/response.ts';
import { forServer } from './ask.ts';
import type { Exchange } from './exchange.ts';
import type { McpPorts } from './ports.ts';

export interface Answered {
  readonly response: UpstreamResponse;
  readonly kind: ResponseKind;
}

export type ForwardPorts = Pick<McpPorts, 'credentials' | 'upstream' | 'diagnostics'>;

/**
 * One attempt; a second only when the upstream refused a credential that was in memory, since a 401 means that
 * the call did not run and the secret may have been rotated.
 */
export const forward = (ports: ForwardPorts, exchange: Exchange): Promise<Result<Answered, UpstreamFailure>> => {
  const { admitted, session, held, abort } = exchange;
  const { request, server } = admitted;
  return send(ports, admitted, abort.signal, {
    url: server.url,
    method: request.httpMethod,
    headers: upstreamRequestHeaders(request.headers, admitted.classification.era, session.upstreamSession),
    body: request.body === '' ? null : held === null ? request.body : forServer(request.body),
  });
};

interface Outgoing {
  readonly url: string;
  readonly method: McpRequest['httpMethod'];
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** Sends a request to the server of `admitted` under the gateway's credential for it. */
export const send = async (
  ports: ForwardPorts,
  admitted: Admitted,
  signal: AbortSignal,
  outgoing: Outgoing,
): Promise<Result<Answered, UpstreamFailure>> => {
  const first = await attempt(ports, admitted, signal, { ...outgoing, fresh: false });
  if (!first.ok || first.value.response.status !== 401) return first;
  if (admitted.server.credential.kind === 'none') return first;
  first.value.response.cancel();
  return attempt(ports, admitted, signal, { ...outgoing, fresh: true });
};

const attempt = async (
  ports: ForwardPorts,
  { request, server }: Admitted,
  signal: AbortSignal,
  { fresh, ...outgoing }: Outgoing & { readonly fresh: boolean },
): Promise<Result<Answered, UpstreamFailure>> => {
  let credential: Record<string, string>;
  try {
    credential = await ports.credentials.authorize(server.credential, outgoing, fresh);
  } catch (cause) {
    ports.diagnostics.error(`No credential for server ${request.server}`, cause);
    return err({ reason: 'credential_unavailable', detail: server.credential.kind });
  }
  const sent = await ports.upstream.send({
    ...outgoing,
    headers: { ...outgoing.headers, ...credential },
    headersSeconds: server.limits.headersSeconds,
    signal,
  });
  if (!sent.ok) return sent;
  return ok({ response: sent.value, kind: classifyResponse(sent.value.status, sent.value.headers) });
};
