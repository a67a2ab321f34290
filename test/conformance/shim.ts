/**
 * A loopback proxy that signs in for the conformance suite, which cannot send a token.
 * It adds `Authorization` and touches nothing else: method, path, Host, Origin, header order and casing,
 * status, and every byte as it arrives, both ways. Either side hanging up hangs up the other.
 */
import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Shim {
  /** The target URL as seen through the shim: its path and query on the shim's origin. */
  readonly url: string;
  close(): Promise<void>;
}

export interface ShimOptions {
  readonly target: string;
  /** Fetches a fresh access token; asked again when the last one is about to expire. */
  readonly token: () => Promise<string>;
}

/** Starts the shim on a free port of 127.0.0.1. */
export async function startShim({ target, token }: ShimOptions): Promise<Shim> {
  const currentToken = makeTokenCache(token);
  const server = createServer((incoming, outgoing) => {
    currentToken().then(
      (bearer) => relay(new URL(target), bearer, incoming, outgoing),
      (fault: unknown) => outgoing.destroy(fault instanceof Error ? fault : new Error(String(fault))),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { pathname, search } = new URL(target);
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}${pathname}${search}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function relay(target: URL, bearer: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const forward = request({
    hostname: target.hostname,
    port: target.port,
    method: incoming.method,
    path: incoming.url,
    headers: withAuthorization(incoming.rawHeaders, bearer),
    setHost: false,
    agent: false,
  });
  forward.on('response', (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.statusMessage, answer.rawHeaders);
    outgoing.flushHeaders();
    answer.on('error', () => outgoing.destroy());
    answer.pipe(outgoing);
  });
  forward.on('error', () => outgoing.destroy());
  outgoing.on('close', () => forward.destroy());
  incoming.pipe(forward);
}

/** Raw headers with our token in place of any the caller sent. */
function withAuthorization(rawHeaders: readonly string[], bearer: string): string[] {
  const isOwn = (index: number) => rawHeaders[index - (index % 2)]?.toLowerCase() === 'authorization';
  return [...rawHeaders.filter((_, index) => !isOwn(index)), 'Authorization', `Bearer ${bearer}`];
}

/** Renewed this long before it expires, so that no request of a scenario starts with a dying token. */
const RENEWAL_MARGIN_MS = 60_000;

/** Keeps a JWT until shortly before its `exp`; a token without one is fetched every time. */
export function makeTokenCache(fetchToken: () => Promise<string>, now: () => number = Date.now): () => Promise<string> {
  let cached: { readonly token: string; readonly renewAtMs: number } | undefined;
  return async () => {
    if (cached && now() < cached.renewAtMs) return cached.token;
    const token = await fetchToken();
    cached = { token, renewAtMs: expiryOf(token) - RENEWAL_MARGIN_MS };
    return token;
  };
}

/** When a JWT expires, in milliseconds; 0 if the token does not say. */
function expiryOf(token: string): number {
  const [, payload] = token.split('.');
  if (payload === undefined) return 0;
  const claims: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
  if (typeof claims !== 'object' || claims === null || !('exp' in claims)) return 0;
  return Number(claims.exp) * 1_000;
}
