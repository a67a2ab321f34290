/**
 * Stateful sessions of the 2024-11-05 … 2025-11-25 era: one transport per `Mcp-Session-Id`.
 * Knows no SDK version: SDK v1 and v2 web-standard transports both fit `SessionTransport`.
 */
import { randomUUID } from 'node:crypto';
import type { WebHandler } from './listener.ts';

export interface SessionTransport {
  sessionId?: string | undefined;
  handleRequest(request: Request): Promise<Response>;
  close(): Promise<void>;
}

/** What a transport must be built with, so that this map sees sessions come and go. */
export interface SessionHooks {
  readonly sessionIdGenerator: () => string;
  readonly onsessioninitialized: (sessionId: string) => void;
  readonly onsessionclosed: (sessionId: string) => void;
}

export interface LegacySessions {
  readonly handle: WebHandler;
  close(): Promise<void>;
}

const SESSION_NOT_FOUND = -32001;

/** Serves legacy requests; `open` builds a transport with the given hooks and connects a fresh server to it. */
export function makeLegacySessions(open: (hooks: SessionHooks) => Promise<SessionTransport>): LegacySessions {
  const live = new Map<string, SessionTransport>();

  const begin = async (request: Request): Promise<Response> => {
    let issued: string | undefined;
    const transport = await open({
      sessionIdGenerator: randomUUID,
      onsessioninitialized: (sessionId) => {
        issued = sessionId;
        live.set(sessionId, transport);
      },
      onsessionclosed: (sessionId) => {
        live.delete(sessionId);
      },
    });
    const response = await transport.handleRequest(request);
    // Anything but a good `initialize` was refused: keep no server for it.
    if (issued === undefined) await transport.close();
    return response;
  };

  return {
    handle: (request) => {
      const sessionId = request.headers.get('mcp-session-id');
      if (sessionId === null) return request.method === 'POST' ? begin(request) : Promise.resolve(methodNotAllowed());
      return live.get(sessionId)?.handleRequest(request) ?? Promise.resolve(sessionNotFound());
    },
    close: async () => {
      await Promise.all([...live.values()].map((transport) => transport.close()));
      live.clear();
    },
  };
}

/** 404 tells a client to initialize again (2025-11-25 transports, "Session Management"). */
function sessionNotFound(): Response {
  const error = { code: SESSION_NOT_FOUND, message: 'Session not found' };
  return Response.json({ jsonrpc: '2.0', error, id: null }, { status: 404 });
}

/** Only a session has a stream to GET or an end to DELETE; 2026-07-28 has neither. */
function methodNotAllowed(): Response {
  return new Response(null, { status: 405, headers: { Allow: 'POST' } });
}
